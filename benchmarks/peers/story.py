"""The command as its console script starts it."""

import sys

from newsroom_cli.cli import main

sys.exit(main())
