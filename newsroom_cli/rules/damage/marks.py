"""Rules on characters and strings that no writer writes: each is damage by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.damage.passages import Passage, holds, passages
from newsroom_cli.rules.registry import Around, Flaw, rule

_REPLACEMENT = re.compile("\ufffd")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_LITERAL_SIGN = re.compile("[锟斤烫屯锘ïâ&]")
_LITERAL = re.compile(
    "(?:锟斤拷)+|锟斤|斤拷锟|烫烫烫烫*|屯屯屯屯*|锘[縷挎]|ï»¿|ï¿½|â€[™œ˜“”¦\u009d\ufffd\x9d]|&#(?:65533|[xX][fF]{3}[dD]);"
)
_ABOUT = re.compile(
    r"U\+FFFD|mojibake|replacement character|garbled|乱码|亂碼|文字化け|字符编码|字元編碼|character encoding|Unicode",
    re.IGNORECASE,
)
_TWO_ODD = re.compile(
    "[\u0080-\u00ff\u0100-\u024f\u0370-\u04ff€‚„…†‡ˆ‰‹‘’“”•–—˜™›]*[\u0080-\u00ff\u0102-\u017e\u0386-\u045f]"
    "[\u0080-\u00ff\u0100-\u024f\u0370-\u04ff€‚„…†‡ˆ‰‹‘’“”•–—˜™›]|[ÃÂâ][ \u00a0]"
)
_WESTERN_SIGN = re.compile("[\u0080-\u00ff\u0102-\u017e\u0386-\u045f]")


def _each(story: Story, wanted: re.Pattern[str]) -> Iterator[tuple[Passage, re.Match[str], int]]:
    """Each passage that holds something, its first place in it, and how often it does."""
    for passage in passages(story):
        if first := wanted.search(passage.text):
            yield passage, first, sum(1 for _ in wanted.finditer(passage.text))


def _times(count: int) -> str:
    return "" if count == 1 else f", {count} times in all"


@rule("replacement-character", Severity.ERROR)
def replacement_character(story: Story, around: Around) -> Iterator[Flaw]:
    """No U+FFFD stands where a character was lost; a text about encodings may show one."""
    del around
    if not holds(story, _REPLACEMENT) or _ABOUT.search(story.body):
        return
    for passage, first, count in _each(story, _REPLACEMENT):
        message = f"a character was lost here (U+FFFD){_times(count)}."
        yield passage.flaw(first.start(), message, "Write what the source says here.")


@rule("control-character-in-text", Severity.ERROR)
def control_character_in_text(story: Story, around: Around) -> Iterator[Flaw]:
    """No control character (C0 or C1) stands in the text, only tabs and line ends."""
    del around
    if not holds(story, _CONTROL):
        return
    for passage, first, count in _each(story, _CONTROL):
        message = f"a control character U+{ord(first[0]):04X} stands here{_times(count)}."
        yield passage.flaw(first.start(), message, "Take it out.")


@rule("private-use-character", Severity.ERROR)
def private_use_character(story: Story, around: Around) -> Iterator[Flaw]:
    """No private-use character stands in the text: readers have no letter for it."""
    del around
    if not holds(story, _PRIVATE):
        return
    for passage, first, count in _each(story, _PRIVATE):
        message = f"a private-use character U+{ord(first[0]):04X} stands here{_times(count)}; readers see a box."
        yield passage.flaw(first.start(), message, "Write what the source says here.")


@rule("damaged-literal", Severity.ERROR)
def damaged_literal(story: Story, around: Around) -> Iterator[Flaw]:
    """None of the strings that wrong encodings are known by is there (锟斤拷, 烫烫烫, ï»¿, â€™)."""
    del around
    if not holds(story, _LITERAL_SIGN):
        return
    for passage, first, count in _each(story, _LITERAL):
        if not _ABOUT.search(story.body):
            hint = f"It was {right}." if (right := _mended(first[0])) else "Write what the source says here."
            yield passage.flaw(first.start(), f"{first[0]} is what a wrong encoding leaves{_times(count)}.", hint)


def _mended(literal: str) -> str:
    """What cp1252 or GBK made a literal of; empty when nobody can know."""
    for codec in ("cp1252", "gbk"):
        try:
            right = literal.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
        return "" if "\ufffd" in right else {"\ufeff": "a byte order mark: take it out"}.get(right, right)
    return ""


@rule("western-mojibake", Severity.WARNING)
def western_mojibake(story: Story, around: Around) -> Iterator[Flaw]:
    """No line reads like UTF-8 taken for a Western encoding (`cafÃ©`), as ftfy judges it."""
    del around
    if not holds(story, _WESTERN_SIGN) or _ABOUT.search(story.body):
        return
    for passage in passages(story):
        if _TWO_ODD.search(passage.text):
            yield from _badness(passage)


def _badness(passage: Passage) -> Iterator[Flaw]:
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    index, found = 0, []
    for row in passage.text.split("\n"):
        if (odd := _TWO_ODD.search(row)) and is_bad(row):
            found.append((index + odd.start(), row[max(0, odd.start() - 10) : odd.end() + 20].strip()))
        index += len(row) + 1
    if found:
        place, row = found[0]
        fixed = fix_encoding(row)
        hint = f"It may have been: {fixed}" if fixed != row else "Compare it with the source."
        yield passage.flaw(place, f"this reads like a wrong encoding{_times(len(found))}.", hint)
