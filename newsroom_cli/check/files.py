"""Files of a newsroom that are no stories, and what a finding shows of a story's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from newsroom_cli.check.cache import Tracked
from newsroom_cli.errors import Unreadable
from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import Finding, Severity
from newsroom_cli.repository.files import Files
from newsroom_cli.repository.layout import LEDGERS, STORIES

_OTHER_ENDINGS = re.compile(
    r"\.(?:md|markdown|mdown|mdx|mkdown|mkdn|mkd|mmark|pandoc|pdc|html?|xhtml|asciidoc|adoc|ad|org|rst"
    r"|njk|liquid|hbs|handlebars|mustache|ejs|haml|pug|webc|11ty\.[cm]?[jt]s)$",
    re.IGNORECASE,
)
"""What Hugo, Jekyll, Eleventy and Zola build pages of."""
_OURS = (STORIES, LEDGERS.partition("/")[0])


def peek(files: Files, path: str) -> str:
    """The id a story claims, without judging it."""
    try:
        content = files.read(path) or b""
    except Unreadable:
        return ""
    front = re.split(rb"\n---[ \t\r]*\n", content[:4096], maxsplit=1)[0]
    found = re.search(rb"^id:[ \t]*['\"]?([0-9]{8}-[0-9a-z]{8})\b", front, re.MULTILINE)
    return found[1].decode() if found else ""


def _unread(files: Files) -> Iterator[Finding]:
    """Files that look like stories and are not read as such, for their ending."""
    for path in files.under(STORIES, ""):
        if not path.endswith(".md"):
            yield from other_ending(path)


def _odd(tracked: Tracked, known: AbstractSet[str]) -> Iterator[Finding]:
    """Links and submodules among stories and ledgers that nothing else has found."""
    for path, mode in tracked.odd:
        if path.startswith((f"{STORIES}/", ".newsroom/")) and path not in known:
            yield odd_mode(path, mode)


def odd_mode(path: str, mode: str) -> Finding:
    """A finding for what git holds as a link or a submodule."""
    what = "a symbolic link" if mode == "120000" else "a submodule"
    message, hint = f"this is {what}, not a regular file.", "Put the file itself here."
    return Finding("not-a-file", Severity.ERROR, path, 1, 1, message, hint)


def other_ending(path: str) -> Iterator[Finding]:
    """A finding for a file that a site, or a file system without capitals, would read as a story and `story` not."""
    top = path.partition("/")[0]
    if top.casefold() in _OURS and top not in _OURS:
        message = f"{top} is {top.casefold()} on file systems that do not mind capitals."
        yield Finding("story-file-name", Severity.ERROR, path, 1, 1, message, f"Rename it: git mv {top} OTHER")
    found = _OTHER_ENDINGS.search(path)
    if found and path.startswith(f"{STORIES}/") and not path.endswith(".md"):
        hint = f"Rename it: git mv {shell_quote(path)} {shell_quote(path[: found.start()])}.md"
        message = f"a story's file ends in .md, not {found[0]}."
        yield Finding("story-file-name", Severity.ERROR, path, 1, 1, message, hint)
