"""`python -m newsroom_cli` is the command `story`."""

from newsroom_cli.cli import main

main()
