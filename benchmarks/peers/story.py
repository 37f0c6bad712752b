"""The command as its console script starts it."""

import sys

from newsroom_cli.__main__ import main

sys.exit(main())
