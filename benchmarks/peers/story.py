"""The command as its console script starts it."""

from newsroom_cli.__main__ import main

main()
