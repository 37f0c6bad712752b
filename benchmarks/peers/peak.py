"""The command as its console script starts it; says on stderr at its end how many megabytes its own process held."""

import os
import resource
import sys
from typing import NoReturn

from newsroom_cli.__main__ import main

leave = os._exit


def say_peak(status: int) -> NoReturn:
    """Say the largest memory that this process ever held, and leave as the command does."""
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr, flush=True)
    leave(status)


os._exit = say_peak
main()
