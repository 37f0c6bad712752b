"""`story keys`: the roster's keys, for `ssh-keygen -Y verify`."""

from __future__ import annotations

from newsroom_cli.commands.opening import open_newsroom
from newsroom_cli.commands.options import AsJson


def keys(as_json: AsJson = False) -> None:
    """Print who signs with which key, as ssh-keygen -Y verify reads it."""
    from newsroom_cli.report.keys import put_keys

    put_keys(open_newsroom().settings, as_json=as_json)
