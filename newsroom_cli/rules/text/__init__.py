"""Rules on the body: what a reader would meet below the title, and what does not belong there."""

from __future__ import annotations

from newsroom_cli.rules.text.body import BODY
from newsroom_cli.rules.text.credits import CREDITS
from newsroom_cli.rules.text.furniture import FURNITURE
from newsroom_cli.rules.text.languages import LANGUAGES
from newsroom_cli.rules.text.links import LINKS
from newsroom_cli.rules.text.whitespace import WHITESPACE

TEXT = (*BODY, *LINKS, *CREDITS, *FURNITURE, *LANGUAGES, *WHITESPACE)
"""Every rule on the text, in the order they are documented."""

__all__ = ["TEXT"]
