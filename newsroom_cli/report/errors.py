"""Says a refusal or a failure: `Error:`, every finding, then `Hint:`, all on stderr."""

from __future__ import annotations

from newsroom_cli.errors import StoryError
from newsroom_cli.escaping import make_visible
from newsroom_cli.report.findings import lines
from newsroom_cli.report.screen import say


def put_failure(error: StoryError) -> None:
    """Print why the answer is no, and the way on."""
    say(f"Error: {make_visible(error.message)}", *lines(error.findings))
    if error.hint and not (error.findings and error.hint == error.findings[0].hint):
        say(f"Hint: {make_visible(error.hint)}")
