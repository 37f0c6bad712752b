"""Runs `story` and prints, last on stderr, every file below `stories/` and `.newsroom/` that Python opens."""

import os
import sys

opened: list[str] = []


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and arguments and isinstance(arguments[0], (str, bytes, os.PathLike)):
        path = os.path.relpath(os.fsdecode(arguments[0]))
        if path.startswith(("stories/", ".newsroom/")):
            opened.append(path)


sys.addaudithook(watch)

from newsroom_cli.cli import app  # noqa: E402

try:
    app()
finally:
    sys.stderr.write("".join(f"opened {path}\n" for path in sorted(set(opened))))
