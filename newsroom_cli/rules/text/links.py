"""Rules on links: each is written so that it works, and leads to a file that is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.registry import RuleContext, Since, Violation, in_body, rule
from newsroom_cli.rules.text.views import view_of
from newsroom_cli.story.pictures import locate_picture

_TITLE = r"(?:[ \t\r\n]+(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^()]{0,500}\)))?[ \t\r\n]*\)"
_WEB = rf"https?://[^\s()<>（）]+(?:\([^\s()]*\)[^\s()<>]*){{0,3}}{_TITLE}"
_SOUND = rf"(?:{_WEB}|(?!\w{{2,6}}//)[#/.\w-][^\s()<>:]*{_TITLE}|mailto:[^\s()]+\))"
_SUSPECT = re.compile(rf"\]\((?!{_SOUND})")
"""The end of a link's words, where what follows is not plainly sound."""
_BEHIND = re.compile(r"\s+[\"'(].*$")
_LONGEST = 1000
_TEMPLATE = ("{{", "{%", "<%", "${")
_BAD_SCHEME = re.compile(
    r"(?:https?//|https?:(?!//)|https?:///|(?:htp|hptt|htt|htpp|ttp|httpp)s?:|https?;//|https?://https?:)",
    re.IGNORECASE,
)
"""How `http://` and `https://` are mistyped."""
_ADDRESS = re.compile(
    r"(?:https?:|www\.|\.{0,2}/|#)\S|[\w/-]+\.(?:md|html?|pdf|png|jpe?g|gif|svg|docx?|xlsx?)\b", re.IGNORECASE
)
"""The beginning of an address or a file's name, which no remark in brackets has."""
_REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]{1,300}\]:[ \t]*((?:https?//|(?:htp|hptt|htt|ttp)s?:)\S*)", re.MULTILINE)
"""A link's definition (`[1]: http//…`) whose scheme is mistyped."""
_RELATIVE = re.compile(r"\]\((?<!\\\]\()<?(?![a-zA-Z][\w+.-]*:|[#/?{<\s)\\]|www\.)([^\s()<>#?]+)[^\s()]*(?=[\s)])")
"""A link to a file: its target has no scheme, and is no place in the page or the site."""


@rule("link-malformed", Severity.ERROR, since=Since.HANDED_IN, signs=("](", "]: h", "]:h"))
def link_malformed(story: Story, _: RuleContext) -> Iterator[Violation]:
    """Every link has a target, without spaces, with a scheme that is one (`http//`, `htp:`), and is closed."""
    for match in _SUSPECT.finditer(story.body):
        rest = story.body[match.end() : match.end() + _LONGEST].partition("\n")[0]
        if (fault := _find_fault(rest)) and _is_link(story, match):
            yield Violation("", *fault, in_body(story, match.start()))
    for match in _REFERENCE.finditer(story.body) if "]:" in story.body else ():
        message = f"{_short(match[1])} is no address."
        yield Violation("", message, "Write it as https://….", in_body(story, match.start(1)))


def _is_link(story: Story, match: re.Match[str]) -> bool:
    """Tell whether a link's brackets are words, not code; where readings were glued to the text, they are."""
    words = view_of(story).words
    return len(words) != len(story.body) or words.startswith("](", match.start())


def _find_fault(rest: str) -> tuple[str, str] | None:
    """Return a fault of a link and its mend, from the text behind `](` to the end of its row; None for a sound link."""
    target, closed, _ = rest.partition(")")
    address = target.strip()
    if closed and (not address or address == "<>"):
        return "the link has no target.", "Write where it leads, or leave the brackets out."
    if address.startswith("<") or any(sign in target for sign in _TEMPLATE):
        return None
    if _BAD_SCHEME.match(address):
        return f"{_short(address)} is no address.", "Write it as https://…."
    return _open_or_spaced(address, closed=bool(closed)) if _ADDRESS.match(address) else None


def _open_or_spaced(address: str, *, closed: bool) -> tuple[str, str] | None:
    bare = _BEHIND.sub("", address)
    if not closed:
        first = re.split(r"[\s（）]", address, maxsplit=1)[0]
        return f"the link to {_short(first)} is not closed.", "Write `)` behind its target."
    if re.search(r"\s", bare) and not re.search(r"[\"']", bare):
        return f"the target {_short(bare)} holds a space.", "Write %20 for it, or put the target in < and >."
    return None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004  a message is one line


@rule("link-missing", Severity.ERROR, since=Since.HANDED_IN, signs=("](",))
def link_missing(story: Story, context: RuleContext) -> Iterator[Violation]:
    """Every relative link leads to a file that is there; where the tree is not known, none is judged."""
    if context.is_there is None:
        return
    for match in _RELATIVE.finditer(story.body):
        target = match[1]
        if any(sign in target for sign in _TEMPLATE) or not ("." in target or "/" in target):
            continue
        path = locate_picture(story.path, target)
        is_there = path is not None and context.is_there(path)
        if not is_there and not _is_picture(story.body, match.start()) and _is_link(story, match):
            hint = f"Put it beside {story.path}, or mend the link."
            message = f"the link leads to {_short(target)}, which is not there."
            yield Violation("", message, hint, in_body(story, match.start(1)))


def _is_picture(body: str, close: int) -> bool:
    """Tell whether the bracket that closes here was opened behind an exclamation mark."""
    opened = body.rfind("[", max(0, close - 1000), close)
    return opened > 0 and body[opened - 1] == "!"


LINKS = (link_malformed, link_missing)
