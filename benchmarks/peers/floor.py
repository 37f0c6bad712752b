"""Imports the libraries that `story approve` needs, and exits."""

import frontmatter  # noqa: F401
import git  # noqa: F401
import typer  # noqa: F401
from pydantic import BaseModel  # noqa: F401
