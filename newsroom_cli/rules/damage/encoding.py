"""Rules on Chinese text whose bytes were read as another encoding, or paired off by one.

Each compares two readings of the same bytes by how surprising their characters are in Chinese text, in bits: damage
reads as what nobody writes, and what lay behind it as what everybody does.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.damage.han import MARKS, UNKNOWN, first_level, frequent, readable, strange, surprise
from newsroom_cli.rules.damage.passages import characters, is_on_encodings, odd_characters, passages
from newsroom_cli.rules.registry import BEYOND_ASCII, RuleContext, Since, Violation, rule
from newsroom_cli.story.words import HAN

_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile("[\u3041-\u30fa]")
_BEYOND = re.compile("[^\x00-\x7f\ufffd]")
_WIDE_PART = re.compile("[^\x00-\x7f\ufffd]+")
_UTF8_SHARE = 0.55
_LATIN_SIGNS = frozenset(map(chr, range(0x80, 0x100)))
_LATIN_RUN = re.compile("[\x80-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{4,}")
_UTF8 = re.compile(rb"(?:[\xe2-\xe9\xef][\x80-\xbf]{2}[ -~]?)+")
"""Characters of three bytes in UTF-8, as Han and their marks are, with single letters between them."""
_UTF8_REST = re.compile("[鈥銆][?\ufffd]|锛[?\ufffd](?=[^\x00-\x7f])")
_GAP = re.compile(f"[?\ufffd](?:(?<=[{HAN}].)|(?=[!(),:;]?[{HAN}]))")
"""A mark for a lost byte beside Han; one of the marks that are folded may stand between them."""
_FOLDED = frozenset("!(),:;")
_PAIR = 2
_ENOUGH_HAN = 30
_NEAR = 6
"""Strange characters at most so far apart belong together."""
_MOST = 100_000
_NEVER = 1e9
_RUN = 6
"""So many strange characters near each other are a run of another encoding."""
_MUCH = 200
"""So much of a damaged stretch is enough to know it by."""
_FAR = 24
"""So far from a lost byte its traces are looked for."""
_CERTAIN = 28.0
"""How many bits of surprise less make a reading certain: one in 250 million by chance."""
_LIKELY = 16.0
"""A gain below this is chance; one above counts together with other stretches."""
_SHORT = 4
_LOST = 8.0
"""The gain that a byte lost beside a stretch adds to it, in bits."""
_CODECS = (
    *(("Big5 read as GBK", "gbk", "big5"), ("GBK read as Big5", "big5", "gbk")),
    *(("UTF-8 read as Big5", "big5hkscs", "utf-8"), ("UTF-8 read as Shift JIS", "cp932", "utf-8")),
)


Fault = tuple[int, str, str]
"""Where a fault begins in a text, what is said of it, and the hint."""


class Stretch(NamedTuple):
    """A stretch of damaged text: where it begins, what stands there, what it was, and how sure that is, in bits."""

    start: int
    seen: str
    was: str
    gain: float


class Cluster(NamedTuple):
    """A stretch of text from its first strange character to behind its last."""

    start: int
    end: int
    many: int


@lru_cache(16)
def _clusters(text: str) -> tuple[Cluster, ...]:
    """Where strange characters stand near each other."""
    places = [match.start() for match in strange().finditer(text)]
    starts = [number for number, at in enumerate(places) if not number or at - places[number - 1] > _NEAR]
    ends = [*starts[1:], len(places)]
    return tuple(Cluster(places[a], places[z - 1] + 1, z - a) for a, z in zip(starts, ends, strict=False) if z)


def _bits(text: str) -> float:
    known = surprise()
    return sum(known.get(character, UNKNOWN) for character in text if character > "\x7f")


@rule("gbk-shift", Severity.ERROR, since=Since.HANDED_IN, mild=Severity.WARNING, signs=(BEYOND_ASCII,))
def gbk_shift(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No GBK text lost a byte, so that all later bytes pair wrongly (`?;贰⒁苯鸸べ`); the hint has what it was.

    A warning in a story that is about encodings.
    """
    is_suspect = odd_characters(story) or "\ufffd" in characters(story) or _GAP.search(story.text)
    if is_suspect and _is_chinese(story):
        yield from _look_at_passages(story, _find_lost_byte)


def _look_at_passages(story: Story, look: Callable[[str], Fault | None]) -> Iterator[Violation]:
    """Yield the fault that is seen in each passage of a story; a mild one where the story is about encodings."""
    for passage in passages(story):
        if fault := look(passage.text):
            yield passage.flaw(*fault, is_mild=is_on_encodings(story))


def _find_lost_byte(text: str) -> Fault | None:
    stretches = _find_shifts(text)
    if not _is_certain(stretches):
        return None
    first = max(stretches, key=lambda stretch: stretch.gain)
    more = f", as in {len(stretches) - 1} other places" if len(stretches) > 1 else ""
    return first.start, f"{first.seen[:40]} is GBK text that lost a byte{more}.", f"It was …{first.was[:80]}"


def _is_certain(stretches: list[Stretch]) -> bool:
    """Tell whether one stretch is damage beyond doubt, or many different ones; a short one must be surer."""
    alone = any(stretch.gain >= _CERTAIN + (_LOST if len(stretch.was) <= _SHORT else 0) for stretch in stretches)
    different = {stretch.seen: stretch.gain - _LIKELY for stretch in stretches}
    return alone or sum(different.values()) + _LIKELY >= _CERTAIN + _LOST


def _is_chinese(story: Story) -> bool:
    """Tell whether a text has 30 Han characters and hardly any kana."""
    text = story.text
    han = len(_HAN.findall(text))
    return han >= _ENOUGH_HAN and len(_KANA.findall(text)) < 0.05 * han


def _find_shifts(text: str) -> list[Stretch]:
    """Every stretch of a text that is likely off by one byte, none twice, in the first 100,000 suspect characters."""
    stretches: list[Stretch] = []
    done, left = 0, _MOST
    for start, stop in _find_suspects(text):
        end = min(stop, start + left)
        left -= end - start
        stretch = _find_shift(text, max(start, done), end) if end > done else None
        if stretch and stretch.gain >= _LIKELY:
            stretches.append(stretch)
            done = stretch.start + len(stretch.seen)
    return stretches


def _find_suspects(text: str) -> list[tuple[int, int]]:
    """Where a shift may stand: around strange characters, and beside a mark that a lost byte leaves behind Han."""
    clusters = (
        cluster for cluster in _clusters(text) if cluster.many > 1 or _is_common_when_shifted(text, cluster.start)
    )
    spots = [(max(0, cluster.start - _NEAR), cluster.end + _NEAR) for cluster in clusters]
    if "?" in text or "\ufffd" in text:
        spots += ((max(0, gap.start() - _FAR), gap.end() + _FAR) for gap in _GAP.finditer(text))
    return _join_spots(sorted(spots))


def _join_spots(spots: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spots:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _is_common_when_shifted(text: str, index: int) -> bool:
    """Tell whether a lone strange character's bytes make common ones with its neighbours'."""
    pairs = _pair_by_one(text[max(0, index - 1) : index + 2])
    return bool(pairs) and all(pair in readable() for pair in pairs)


def _find_shift(text: str, start: int, end: int) -> Stretch | None:
    """The stretch between two places that gains most when its bytes are paired off by one."""
    pairs = _pair_by_one(text[start : end + 1])
    known = surprise()
    begin, total = start, 0.0
    best, gain = (start, start), 0.0
    for at, pair in enumerate(pairs, start):
        total += known.get(text[at], UNKNOWN) - known.get(pair, UNKNOWN) if pair else -_NEVER
        if total <= 0:
            begin, total = at + 1, 0.0
        elif (more := total + _weigh_neighbours(text, begin, at + 1)) > gain:
            best, gain = (begin, at + 1), more
    seen, was = text[best[0] : best[1] + 1], "".join(pairs[best[0] - start : best[1] - start])
    enough = len(set(was)) > _PAIR and len(set(seen)) > _PAIR
    return Stretch(best[0], seen, was, gain) if enough and _is_plain(was) else None


def _is_plain(was: str) -> bool:
    """Tell whether a text is made of the most frequent characters, as all running text is."""
    return sum(1 for character in was if character in readable()) >= 0.7 * len(was)


def _weigh_neighbours(text: str, begin: int, last: int) -> float:
    """Return the gain, in bits, from the last character of a stretch and from its neighbours."""
    before, after = text[begin - 1 : begin] if begin else "", text[last + 1 : last + 2]
    lost = _LOST if "\ufffd" in (before, after) or (after == "?" and text[last] > "\x7f") or before == "?" else 0.0
    return lost + (surprise().get(text[last], UNKNOWN) - 12 if text[last] > "\x7f" else 0.0)


def _bytes_of(character: str) -> bytes:
    """A character's bytes in GBK, of an ASCII mark those it had before it was folded; one byte of others."""
    if character in _FOLDED:
        character = chr(ord(character) + 0xFEE0)
    return character.encode("gb18030", "replace")


def _pair_by_one(text: str) -> list[str]:
    """The character of each one's second byte and the next one's first; empty where they make none."""
    raw = itertools.pairwise(_bytes_of(character) for character in text)
    return [_decode(left[1:] + right[:1], "gb18030") if len(left) == _PAIR else "" for left, right in raw]


def _decode(raw: bytes, codec: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return ""


@rule("utf8-as-gbk", Severity.ERROR, since=Since.HANDED_IN, mild=Severity.WARNING, signs=(BEYOND_ASCII,))
def utf8_as_gbk(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No UTF-8 text was read as GBK (`鏂囧瓧`, `鈥檚`); the hint has what it was.

    A warning in a story that is about encodings.
    """
    if len(odd_characters(story)) >= _PAIR:
        yield from _look_at_passages(story, _find_utf8)


def _find_utf8(text: str) -> Fault | None:
    for cluster in _clusters(text):
        if cluster.many > 1 and (was := _utf8_in(_with_neighbours(text, cluster))):
            seen = text[cluster.start : cluster.end][:12]
            return cluster.start, f"{seen} is UTF-8 text read as GBK.", f"It was …{was[:80]}"
    rest = list(_UTF8_REST.finditer(text)) if "?" in text or "\ufffd" in text else []
    if len(rest) > 1:
        message = f"{rest[0][0]} is a mark in UTF-8 read as GBK, {len(rest)} times in all."
        return rest[0].start(), message, "Write the dash, quote or comma of the source."
    return None


def _with_neighbours(text: str, cluster: Cluster) -> str:
    """A cluster with what touches it, as much as one has to read."""
    end = min(cluster.end + _NEAR, cluster.start + _MUCH)
    return text[max(0, cluster.start - _NEAR) : end].replace("\ufffd", "?")


def _utf8_in(piece: str) -> str:
    """Readable text that stands in a piece's GBK bytes as UTF-8; empty when there is none."""
    raw = piece.encode("gb18030", "replace")
    for run in _UTF8.finditer(raw):
        was = _decode(run[0], "utf-8")
        aligned = not run.start() or _decode(raw[: run.start()], "gb18030")
        seen = run[0].decode("gb18030", "ignore")
        several = sum(character > "\x7f" for character in was) > 1 or not MARKS.isdisjoint(was)
        if was and several and aligned and _bits(seen) - _bits(was) >= _CERTAIN and _is_read(was, 0.8):
            return was
    return ""


def _is_read(was: str, share: float) -> bool:
    """Tell whether so much of a text consists of characters that Chinese text is made of."""
    wide = [character for character in was if character > "\x7f"]
    return (
        sum(1 for character in wide if character in readable() or character in first_level()) >= share * len(wide) > 0
    )


@rule("cjk-as-latin1", Severity.ERROR, since=Since.HANDED_IN, mild=Severity.WARNING, signs=(b"\xc2", b"\xc3"))
def cjk_as_latin1(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No Chinese text in GBK, Big5 or UTF-8 was read as Latin-1 (`ÖÐ¹ú`); the hint has what it was.

    A warning in a story that is about encodings.
    """
    if len(_LATIN_SIGNS.intersection(characters(story))) > _PAIR:
        yield from _look_at_passages(story, _find_latin)


def _find_latin(text: str) -> Fault | None:
    for run in _LATIN_RUN.finditer(text):
        if reading := _behind_latin(run[0]):
            codec, was = reading
            return run.start(), f"{run[0][:12]} is {codec} read as Latin-1.", f"It was {was[:80]}"
    return None


def _behind_latin(run: str) -> tuple[str, str] | None:
    """The encoding and the Chinese text behind a run of Latin letters: at least two different frequent Han."""
    raw = b"".join(letter.encode("latin-1" if letter <= "\xff" else "cp1252", "replace") for letter in run)
    for name, codec in (("UTF-8", "utf-8"), ("GBK", "gbk"), ("Big5", "big5")):
        was = _decode(raw, codec) or _decode(raw[:-1], codec)
        han = {character for character in was if character in frequent()}
        odd = any(not letter.isalpha() for letter in run)
        if was and len(han) >= (2 if odd else 3) and _is_read(was, 0.9):
            return name, was
    return None


@rule("wrong-cjk-codec", Severity.ERROR, since=Since.HANDED_IN, mild=Severity.WARNING, signs=(BEYOND_ASCII,))
def wrong_cjk_codec(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No Big5 text was read as GBK or the other way round: uncommon Han that are common in the other encoding.

    A warning in a story that is about encodings.
    """
    if len(odd_characters(story)) > _PAIR:
        yield from _look_at_passages(story, _find_wrong_codec)


def _find_wrong_codec(text: str) -> Fault | None:
    for cluster in _clusters(text):
        piece = text[cluster.start : min(cluster.end, cluster.start + _MUCH)]
        is_han = cluster.many >= _RUN and 3 * len(_HAN.findall(piece)) > len(_BEYOND.findall(piece))
        if is_han and (reading := _read_by_other_codec(piece)):
            name, was = reading
            return cluster.start, f"{piece[:12]} is {name}.", f"It was …{was[:80]}"
    return None


def _read_by_other_codec(piece: str) -> tuple[str, str] | None:
    """Return the name of the mistake and the text behind a piece, where that is common Chinese and the piece is not."""
    seen = _bits(piece)
    parts = [part for part in _WIDE_PART.findall(piece) if len(part) > 1]
    long = sum(len(part) for part in parts)
    for name, wrong, right in _CODECS:
        was = "".join(part.encode(wrong, "ignore").decode(right, "replace") for part in parts)
        enough = len(was) - was.count("\ufffd") >= (_UTF8_SHARE if right == "utf-8" else 0.8) * long
        known = len(set(was) & frequent())
        if enough and known > _PAIR and seen - _bits(was) >= max(_CERTAIN, 0.3 * seen) and _is_read(was, 0.8):
            return name, was
    return None
