"""Patterns that are compiled when a text first needs them: most commands need few, one of Han takes milliseconds."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Lazily:
    """Stands for a pattern; its methods are the pattern's own from their first use on."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self._wanted = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        """A method of the pattern, kept for the next time."""
        found = getattr(re.compile(*self._wanted), name)
        setattr(self, name, found)
        return found


def lazily(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A pattern that is compiled when it is first searched for."""
    return cast("re.Pattern[AnyStr]", _Lazily(pattern, flags))
