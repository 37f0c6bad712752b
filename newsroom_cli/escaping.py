"""Makes text from stories, people and remotes harmless where it is printed."""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
"""Control, direction and line characters, lone surrogates, and code points that are no characters."""

CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]",
)
"""Characters that no line of a story's keys and no notice holds: control and direction characters, and what is none."""

COMMAND = re.compile(r"##(?=\[|vso\[)")
"""The beginning of a command to a CI runner, anywhere in a line; broken up, it is plain text."""

_SAFE = re.compile(r"[\w@%+=:,./-]+")
"""Text that a shell takes as it stands, letters of every script among it."""


def shell_quote(text: str) -> str:
    """Quote a path or a slug where a shell needs it, for commands that people paste."""
    if _SAFE.fullmatch(text):
        return text
    from shlex import quote

    return quote(text)


def is_plain(text: str) -> bool:
    """Tell whether a text is one line without control and direction characters."""
    return _UNPRINTABLE.search(text) is None


def make_visible(text: str) -> str:
    """Return text on one line, control and direction characters as escapes, commands to a CI runner broken up."""
    shown = COMMAND.sub("# #", _UNPRINTABLE.sub(_escape, text))
    return shown.replace("::", ": :", 1) if shown.lstrip().startswith("::") else shown


def _escape(match: re.Match[str]) -> str:
    if match[0] in "\t\n":
        return " "
    return match[0].encode("unicode_escape").decode()
