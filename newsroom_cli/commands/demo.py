"""`story demo`: the whole way on sample stories, in a throw-away newsroom."""

from __future__ import annotations

from typing import Annotated

from newsroom_cli.commands.options import option
from newsroom_cli.report.screen import print_line


def demo(folder: Annotated[str, option("--dir PATH", "Make it here, in an empty folder.")] = "") -> None:
    """Watch three people take sample stories the whole way."""
    from newsroom_cli.demo import run

    run(folder, print_line)
