#!/bin/sh
@OURS@; written again by it when story moves.
python=@PYTHON@
if [ ! -x "$python" ]; then
    echo "Error: story is not at $python any more; without it nothing is taken." >&2
    echo "Hint: Install story, then: story hook install" >&2
    exit 3
fi
exec "$python" -P -X utf8 -m newsroom_cli hook @NAME@ "$@"
