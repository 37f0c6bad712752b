"""The process `story`, also as `python -m newsroom_cli`."""

from __future__ import annotations

import gc
import os
import signal
import sys


def main() -> None:
    """Run `story` and end the process; a reader that closes the pipe early is no fault.

    A command is short: nothing is gained by collecting garbage, or by taking the interpreter apart at the end.
    """
    gc.disable()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    from newsroom_cli.cli import app

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    status: int | str | None = 0
    try:
        app(prog_name="story")
    except SystemExit as ended:
        status = ended.code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        status = 1
    os._exit(status if isinstance(status, int) else 0 if status is None else 1)


if __name__ == "__main__":
    main()
