"""`story schema`: the JSON Schema of front matter, for editors."""

from __future__ import annotations

from typing import Annotated

from newsroom_cli.commands.opening import open_newsroom
from newsroom_cli.commands.options import option, require_known
from newsroom_cli.report.screen import put_json


def schema(state: Annotated[str, option("--for STATE", "As if every story were in STATE.")] = "") -> None:
    """Print the JSON Schema of a story's front matter, for editors."""
    from newsroom_cli.story import schema as schemas

    settings = open_newsroom().settings
    if state:
        require_known("state", state, settings.pipeline.names)
    put_json(schemas.schema(settings, state))
