"""Imports the libraries that a short verb needs, and exits; no model is made."""

import frontmatter  # noqa: F401
import typer  # noqa: F401
from pydantic import BaseModel, ConfigDict, Field, ValidationError  # noqa: F401
