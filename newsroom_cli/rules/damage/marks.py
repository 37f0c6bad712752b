"""Rules on characters and strings that no writer writes: each is damage by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.damage.passages import Passage, is_on_encodings, passages
from newsroom_cli.rules.registry import RuleContext, Since, Violation, rule

_REPLACEMENT = re.compile("\ufffd+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""The control characters C0 and C1, but for tab, line feed and carriage return."""
_FAINT_CONTROL = re.compile(r"\x1b\[|\x0c")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_LITERAL_SIGNS = ("锟", "锘", "ï", "â", "‚", "縺", "烫烫烫", "屯屯屯", "&#65533", "&#xf", "&#xF", "&#Xf", "&#XF")
_LITERAL = re.compile(
    "(?:锟斤拷)+|锟斤|斤拷锟|烫{3,}|屯{4,}|锘[縷挎\ue000-\uf8ff]|ï»¿|ï¿½|â€[^\\s.,;:]|‚Ä[ôúùîì¶¢]|縺.{1,3}縺"
    "|&#(?:65533|[xX][fF]{3}[dD]);"
)
"""Strings that well-known mistakes leave: U+FFFD read as GBK, unset memory, a byte order mark or quotes as Latin-1."""
_FAINT_LITERAL = re.compile("烫{3,5}|屯{4,5}")
_ABOUT = re.compile(r"encod|codec|utf-?8|unicode|ascii|latin-1|emoji|glyph|编码|編碼|图标|圖標|字体", re.IGNORECASE)
"""Words near which an odd character may be an example."""
_NEAR = 200
_SOURCE_SAYS = "Write what the source says here."
_MANY = 20
"""So many odd characters are no examples."""
_CONTROL_SIGNS = tuple(map(chr, (*range(9), 11, 12, *range(14, 32), *range(0x7F, 0xA0))))
_PRIVATE_SIGNS = (b"\xee", *(bytes((0xEF, second)) for second in range(0x80, 0xA4)), b"\xf3", b"\xf4")
"""The bytes that private-use characters begin with in UTF-8."""
_ODD_TAIL = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸĄąĽľŁłŚśŞşŤťŹźŻż˘ˇ˝˛ЂЃѓЉЊЌЏђљњќџЎўЈҐЁЄЇІіґё№єјЅѕї"
_WESTERN_LEADS = (*map(chr, range(0xC2, 0xF1)), *"ĂĹРС√¬‚")
_WESTERN = re.compile(
    f"[\u00c2-\u00dfĂĹРС][{_ODD_TAIL}]|[\u00e0-\u00ef][{_ODD_TAIL}]{{2}}|ð[{_ODD_TAIL}]{{3}}|√[^\\s\\d(]|¬[©®´]"
    "|[ÃÂâ][ \u00a0]"
)
"""The first byte of a UTF-8 character and the bytes behind it, as Western encodings show them."""


def _each(story: Story, wanted: re.Pattern[str]) -> Iterator[tuple[Passage, list[re.Match[str]]]]:
    """Each passage that holds something, and its places in it."""
    for passage in passages(story):
        if matches := list(wanted.finditer(passage.text)):
            yield passage, matches


def _times(count: int) -> str:
    return "" if count == 1 else f", {count} times in all"


def _is_shown(text: str, match: re.Match[str]) -> bool:
    """Tell whether something stands by itself, as it does where it is shown: no letter touches it."""
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    return not before.isalnum() and not after.isalnum()


def _is_about_such(story: Story, text: str, matches: list[re.Match[str]]) -> bool:
    """Tell whether a story is about such characters, or the words around every one of a few places are."""
    around = (text[max(0, match.start() - _NEAR) : match.start() + _NEAR] for match in matches)
    return is_on_encodings(story) or (len(matches) <= _MANY and all(map(_ABOUT.search, around)))


def _not_shown(story: Story, text: str, matches: list[re.Match[str]]) -> list[re.Match[str]]:
    """The places at which a story that speaks of such characters does not just show one."""
    if not _is_about_such(story, text, matches):
        return matches
    return [match for match in matches if not _is_shown(text, match)]


@rule("replacement-character", Severity.ERROR, since=Since.HANDED_IN, mild=Severity.WARNING, signs=("\ufffd",))
def replacement_character(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No U+FFFD stands where a character was lost.

    A text about encodings may show one by itself; one that touches a letter there is only a warning.
    """
    for passage, every in _each(story, _REPLACEMENT):
        if matches := _not_shown(story, passage.text, every):
            message = f"a character was lost here (U+FFFD){_times(sum(len(match[0]) for match in matches))}."
            is_mild = len(matches) <= _MANY and _is_about_such(story, passage.text, matches)
            yield passage.flaw(matches[0].start(), message, _SOURCE_SAYS, is_mild=is_mild)


@rule("control-character-in-text", Severity.ERROR, since=Since.HANDED_IN, mild=Severity.WARNING, signs=_CONTROL_SIGNS)
def control_character_in_text(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No control character (C0 or C1) stands in the text, only tabs and line ends.

    Only form feeds and a terminal's escape sequences are a warning.
    """
    for passage, matches in _each(story, _CONTROL):
        certain = [match for match in matches if not _FAINT_CONTROL.match(passage.text, match.start())]
        first = (certain or matches)[0]
        message = f"a control character U+{ord(first[0]):04X} stands here{_times(len(matches))}."
        yield passage.flaw(first.start(), message, "Take it out.", is_mild=not certain)


@rule("private-use-character", Severity.ERROR, since=Since.HANDED_IN, mild=Severity.WARNING, signs=_PRIVATE_SIGNS)
def private_use_character(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No private-use character stands in the text: readers have no letter for it.

    One that stands by itself or begins a row may be an icon or a bullet of a font of its own: a warning, as is any in
    a text about encodings.
    """
    for passage, matches in _each(story, _PRIVATE):
        inside = [match for match in matches if _is_inside(passage.text, match.start())]
        first = (inside or matches)[0]
        message = f"a private-use character U+{ord(first[0]):04X} stands here{_times(len(matches))}; readers see a box."
        is_mild = not inside or _is_about_such(story, passage.text, inside)
        yield passage.flaw(first.start(), message, _SOURCE_SAYS, is_mild=is_mild)


def _is_inside(text: str, index: int) -> bool:
    """Tell whether a character stands in the midst of text: letters, or marks that touch letters, on both sides."""
    before, after = text[index - 1 : index] if index else "", text[index + 1 : index + 2]
    joined = bool(before) and not before.isspace() and bool(after) and not after.isspace()
    return joined and (before.isalnum() or after.isalnum()) and before not in "<>[]|*_" and after not in "<>[]|*_"


@rule("damaged-literal", Severity.ERROR, since=Since.HANDED_IN, mild=Severity.WARNING, signs=_LITERAL_SIGNS)
def damaged_literal(story: Story, _: RuleContext) -> Iterator[Violation]:
    """None of the strings that wrong encodings are known by is there (锟斤拷, 烫烫烫, ï»¿, â€™).

    A text about encodings may show one by itself; one that touches a letter there is only a warning, as are a few 烫
    or 屯 anywhere.
    """
    for passage, every in _each(story, _LITERAL):
        if matches := _not_shown(story, passage.text, every):
            right = _guess_original(matches[0][0])
            hint = f"It was {right}." if right else _SOURCE_SAYS
            message = f"{matches[0][0][:12]} is what a wrong encoding leaves{_times(len(matches))}."
            faint = all(_FAINT_LITERAL.fullmatch(match[0]) for match in matches)
            is_mild = faint or _is_about_such(story, passage.text, matches)
            yield passage.flaw(matches[0].start(), message, hint, is_mild=is_mild)


def _guess_original(literal: str) -> str:
    """Return the text that a wrong codec turned into this literal; empty where that cannot be known."""
    for codec in ("cp1252", "gbk", "mac-roman"):
        try:
            right = literal.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
        return "" if "\ufffd" in right else {"\ufeff": "a byte order mark: take it out"}.get(right, right)
    return ""


@rule("western-mojibake", Severity.WARNING, since=Since.HANDED_IN, signs=_WESTERN_LEADS)
def western_mojibake(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No line reads like UTF-8 taken for a Western encoding (`cafÃ©`), as ftfy judges it."""
    if is_on_encodings(story):
        return
    for passage in passages(story):
        if _WESTERN.search(passage.text):
            yield from _find_bad_rows(passage)


def _find_bad_rows(passage: Passage) -> Iterator[Violation]:
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    index, bad_rows = 0, []
    for row in passage.text.split("\n"):
        if (odd := _WESTERN.search(row)) and is_bad(row[max(0, odd.start() - 100) : odd.end() + 900]):
            bad_rows.append((index + odd.start(), row[max(0, odd.start() - 10) : odd.end() + 20].strip()))
        index += len(row) + 1
    if bad_rows:
        place, row = bad_rows[0]
        fixed = fix_encoding(row)
        hint = f"It may have been: {fixed}" if fixed != row else "Compare it with the source."
        yield passage.flaw(place, f"this reads like a wrong encoding{_times(len(bad_rows))}.", hint)
