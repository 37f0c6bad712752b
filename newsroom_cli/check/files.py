"""Files of a newsroom that are no stories, and what a finding shows of a story's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from newsroom_cli.check.cache import IndexSnapshot
from newsroom_cli.errors import Unreadable
from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import Finding, Severity
from newsroom_cli.repository.files import Files, report_odd_file
from newsroom_cli.repository.layout import OWN_FOLDERS, STORIES, describe_mode, is_below, is_ours, is_story

_OTHER_ENDINGS = re.compile(
    r"\.(?:md|markdown|mdown|mdx|mkdown|mkdn|mkd|mmark|pandoc|pdc|html?|xhtml|asciidoc|adoc|ad|org|rst"
    r"|njk|liquid|hbs|handlebars|mustache|ejs|haml|pug|webc|11ty\.[cm]?[jt]s)$",
    re.IGNORECASE,
)
"""What Hugo, Jekyll, Eleventy and Zola build pages of."""


def peek_id(files: Files, path: str) -> str:
    """Read the id a story claims, without judging the story; empty where none is found."""
    try:
        content = files.read(path) or b""
    except Unreadable:
        return ""
    front = re.split(rb"\n---[ \t\r]*\n", content[:4096], maxsplit=1)[0]
    claim = re.search(rb"^id:[ \t]*['\"]?([0-9]{8}-[0-9a-z]{8})\b", front, re.MULTILINE)
    return claim[1].decode() if claim else ""


def report_unread_files(files: Files) -> Iterator[Finding]:
    """Yield findings of files that look like stories and are not read as such, for their ending."""
    for path in files.under(STORIES, ""):
        if not is_story(path):
            yield from check_ending(path)


def report_odd_files(tracked: IndexSnapshot, known: AbstractSet[str]) -> Iterator[Finding]:
    """Yield findings of links and submodules among stories and ledgers that nothing else has found."""
    for path, mode in tracked.odd:
        if is_ours(path) and path not in known:
            yield report_odd_file(path, describe_mode(mode))


def check_ending(path: str) -> Iterator[Finding]:
    """Yield a finding for what a site, or a file system without capitals, would read as a story and `story` not."""
    top = path.partition("/")[0]
    if top.casefold() in OWN_FOLDERS and top not in OWN_FOLDERS:
        message = f"{top} is {top.casefold()} on file systems that do not mind capitals."
        yield Finding("story-file-name", Severity.ERROR, path, 1, 1, message, f"Rename it: git mv {top} OTHER")
    ending = _OTHER_ENDINGS.search(path)
    if ending and is_below(path, STORIES) and not is_story(path):
        hint = f"Rename it: git mv {shell_quote(path)} {shell_quote(path[: ending.start()])}.md"
        message = f"a story's file ends in .md, not {ending[0]}."
        yield Finding("story-file-name", Severity.ERROR, path, 1, 1, message, hint)
