"""Rules on Chinese text whose bytes were read as another encoding, or paired off by one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.damage.han import HAN, MARKS, first_level, frequent, readable, strange
from newsroom_cli.rules.damage.passages import Passage, alphabet, holds, passages
from newsroom_cli.rules.registry import Around, Flaw, rule

_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile("[\u3041-\u30fa]")
_WIDE_RUN = re.compile(r"([!-/:-~]*)([^\x00-\x7f\s\ufffd]{2,})([@-~]?)")
_LATIN_SIGN = re.compile("[\x80-\xff]")
_LATIN_RUN = re.compile("[\x80-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{4,}")
_UTF8 = re.compile(rb"(?:[\xe2-\xe9\xef][\x80-\xbf]{2})+")
_RUN = re.compile("[^\x00-\x7f\\s\ufffd]{2,}\\??")
_ENOUGH_HAN = 30


def _is_chinese(story: Story) -> bool:
    """Whether a text has 30 Han characters and hardly any kana."""
    text = story.text
    han = len(_HAN.findall(text))
    return han >= _ENOUGH_HAN and len(_KANA.findall(text)) < 0.05 * han


def _has_strange(story: Story) -> bool:
    """Whether a text has two different characters that good Chinese text hardly has, or an escape of YAML."""
    return len(strange().findall(alphabet(story.text))) > 1 or ("\\" in story.text and holds(story, strange()))


@rule("gbk-shift", Severity.ERROR)
def gbk_shift(story: Story, around: Around) -> Iterator[Flaw]:
    """No GBK text lost a byte, so that all later bytes pair wrongly (`?;贰⒁苯鸸べ`); the hint has what it was."""
    del around
    if not (holds(story, _HAN) and _has_strange(story) and _is_chinese(story)):
        return
    for passage in passages(story):
        found = [one for run in _WIDE_RUN.finditer(passage.text) if (one := _shifted(run))]
        if found:
            index, seen, was = found[0]
            more = f", as in {len(found) - 1} other places" if len(found) > 1 else ""
            yield passage.flaw(index, f"{seen} is GBK text that lost a byte{more}.", f"It was …{was}")


def _shifted(run: re.Match[str]) -> tuple[int, str, str] | None:
    """Where a run is off by one byte, what stands there, and what it was."""
    if not strange().search(run[2]):
        return None
    folded = re.search(r"[!-/:->]*\Z", run[1])
    start = folded.start() if folded else len(run[1])
    text = run[0][start:]
    pairs = [_bytes_of(one, folded=at < len(run[1]) - start) for at, one in enumerate(text)]
    best = max(_stretches(text, pairs), key=lambda found: len(found[1]), default=None)
    return (run.start() + start + best[0], *best[1:]) if best else None


def _bytes_of(character: str, *, folded: bool) -> bytes:
    """A character's bytes in GBK, of an ASCII one that was full-width before it was folded; one byte of others."""
    wide = chr(ord(character) + 0xFEE0) if folded else character
    return wide.encode("gb18030", "replace")


def _stretches(text: str, pairs: list[bytes]) -> Iterator[tuple[int, str, str]]:
    """Every longest stretch of characters that, re-paired, are all readable Chinese."""
    begin, was = 0, ""
    for at in range(len(text)):
        after = pairs[at + 1][:1] if at + 1 < len(text) else b""
        one = _decoded(pairs[at][1:] + after, "gb18030") if len(pairs[at]) == 2 and after else ""  # noqa: PLR2004  a pair
        if one and (one in readable() or one in first_level()):
            was += one
            continue
        seen = text[begin : at + 1]
        if was and _is_shift(seen, was):
            yield begin, seen, was
        begin, was = at + 1, ""


def _is_shift(seen: str, was: str) -> bool:
    """Whether readable Chinese lay behind what is mostly not: enough of both to be no accident."""
    odd = len(strange().findall(seen))
    rare = sum(1 for one in seen if one > "\x7f" and one not in readable())
    han = sum(1 for one in was if one not in MARKS)
    common = sum(1 for one in was if one in readable())
    return han >= 2 and odd >= 2 and odd + common >= 6 and rare >= 0.4 * len(seen) and common >= 0.75 * len(was)  # noqa: PLR2004


def _decoded(raw: bytes, codec: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return ""


@rule("utf8-as-gbk", Severity.ERROR)
def utf8_as_gbk(story: Story, around: Around) -> Iterator[Flaw]:
    """No UTF-8 text was read as GBK (`鏂囧瓧`, `鈥?`); the hint has what it was."""
    del around
    if not (holds(story, _HAN) and _has_strange(story)):
        return
    for passage in passages(story):
        for run in _RUN.finditer(passage.text):
            if was := _utf8_in(run[0]):
                yield passage.flaw(run.start(), f"{run[0][:12]} is UTF-8 text read as GBK.", f"It was …{was}")
                break


def _utf8_in(run: str) -> str:
    """Readable text that stands in a run's GBK bytes as UTF-8; empty when there is none."""
    if not strange().search(run):
        return ""
    raw = run.encode("gb18030", "replace")
    for found in _UTF8.finditer(raw):
        was = _decoded(found[0], "utf-8")
        good = was and all(one in readable() or one in first_level() for one in was)
        seen = _decoded(raw[found.start() : found.end() // 2 * 2], "gb18030")
        common = sum(1 for one in was if one in readable())
        if good and common >= max(2, 0.6 * len(was)) and len(strange().findall(seen)) >= 0.25 * len(seen) > 0:
            return was
        if any(one in MARKS for one in was) and re.match("[鈥銆锛]", seen):
            return was
    return ""


@rule("cjk-as-latin1", Severity.ERROR)
def cjk_as_latin1(story: Story, around: Around) -> Iterator[Flaw]:
    """No Chinese text in GBK, Big5 or UTF-8 was read as Latin-1 (`ÖÐ¹ú`); the hint has what it was."""
    del around
    if not holds(story, _LATIN_SIGN):
        return
    for passage in passages(story):
        for run in _LATIN_RUN.finditer(passage.text):
            if found := _behind_latin(run[0]):
                codec, was = found
                yield passage.flaw(run.start(), f"{run[0][:12]} is {codec} read as Latin-1.", f"It was {was}")
                break


def _behind_latin(run: str) -> tuple[str, str] | None:
    """The encoding and the Chinese text behind a run of Latin letters: at least two different frequent Han."""
    raw = b"".join(one.encode("latin-1" if one <= "\xff" else "cp1252", "replace") for one in run)
    for name, codec in (("UTF-8", "utf-8"), ("GBK", "gbk"), ("Big5", "big5")):
        was = _decoded(raw, codec) or _decoded(raw[:-1], codec)
        han = {one for one in was if one in frequent()}
        odd = any(not one.isalpha() for one in run)
        if was and len(han) >= (2 if odd else 3) and all(one in readable() or one in first_level() for one in was):
            return name, was
    return None


@rule("wrong-cjk-codec", Severity.ERROR)
def wrong_cjk_codec(story: Story, around: Around) -> Iterator[Flaw]:
    """No Big5 text was read as GBK or the other way round: uncommon Han that are common in the other encoding."""
    del around
    if not (holds(story, _HAN) and _has_strange(story)):
        return
    for passage in passages(story):
        yield from _reread(passage)


def _reread(passage: Passage) -> Iterator[Flaw]:
    for run in _RUN.finditer(passage.text):
        for name, wrong, right in (("Big5 read as GBK", "gbk", "big5"), ("GBK read as Big5", "big5", "gbk")):
            if was := _other(run[0], wrong, right):
                yield passage.flaw(run.start(), f"{run[0][:12]} is {name}.", f"It was {was}")
                return


def _other(run: str, wrong: str, right: str) -> str:
    """A run as another encoding reads its bytes, when that is common Chinese and the run is not."""
    odd = len(strange().findall(run))
    if len(run) < 4 or odd < 2 or odd < 0.25 * len(run):  # noqa: PLR2004  too short to tell
        return ""
    try:
        was = run.encode(wrong).decode(right)
    except UnicodeError:
        return ""
    return was if sum(1 for one in was if one in readable()) >= 0.9 * len(was) else ""
