"""Measures the rules on damaged text on folders of clean documents, and prints a line for each rule.

Usage: python benchmarks/damage.py FOLDER... [--hits]

Columns: findings on the clean documents by severity; the share of copies found that were damaged here in the way the
rule describes; microseconds a document, all rules asked in turn and the best of five. `--hits` prints every finding.
At last how much longer ten times a text takes, for pieces that rules look at closely: about ten times is in order, and
at forty the run fails, for a rule whose time is the square of a text's length takes a hundred times as long.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.damage import DAMAGE
from newsroom_cli.rules.registry import Rule, RuleContext, Violation
from newsroom_cli.settings.settings import parse
from newsroom_cli.story.frontmatter import read_story

Damage = Callable[[str, random.Random], str]

HOSTILE = ("a", "(", "`a", "](", "<pre", "<!--", "\n\n    x", "a\ufffd", "Ã©")
PIECES = (*HOSTILE, "中?", "区(qū", "锟", "鹦鹉中", "國干部", "鏂囧瓧")
"""What a hostile text repeats."""

AROUND = RuleContext(parse("", path="newsroom.toml"), "publish")
HAN = re.compile("[\u4e00-\u9fff]")
LETTER = re.compile("[a-z]")
READINGS = {"區": "qū", "產": "chǎn", "現": "xiàn", "業": "yè", "會": "huì", "網": "wǎng", "國": "guó", "學": "xué"}
READINGS |= {"區": "qū", "产": "chǎn", "现": "xiàn", "业": "yè", "会": "huì", "网": "wǎng", "国": "guó", "学": "xué"}
FOLDED = str.maketrans("，；：？！（）", ",;:?!()")
FORMS = str.maketrans("於後裡幹範複製準築徵衝餘並鬥", "于后里干范复制准筑征冲余并斗")


def story(text: str) -> Story | None:
    """A document as a story, with front matter or without; nothing when it cannot be read."""
    for whole in (text, f"---\ntitle: Words\n---\n{text}"):
        try:
            return read_story("stories/words.md", whole.encode("utf-8", "replace"))
        except Unreadable:
            continue
    return None


def within(text: str, wanted: re.Pattern[str], chance: random.Random, put: Callable[[str], str], times: int = 1) -> str:
    """A text with some characters of a kind changed, behind its front matter."""
    places = [match.start() for match in wanted.finditer(text, len(text) // 5)]
    for at in sorted(chance.sample(places, min(times, len(places))), reverse=True):
        text = text[:at] + put(text[at]) + text[at + 1 :]
    return text


def put(what: str) -> Damage:
    """Damage that replaces one letter."""
    return lambda text, chance: within(text, HAN if is_han(text) else LETTER, chance, lambda _: what)


def lost(count: int, shown: str, codec: str) -> Damage:
    """Damage that loses bytes of GBK, what cannot be decoded then shown as a mark."""

    def made(text: str, chance: random.Random) -> str:
        raw = bytearray(text.encode("gbk", "replace"))
        places = [at for at, byte in enumerate(raw) if byte > 0x7F]
        for at in sorted(chance.sample(places, count), reverse=True):
            del raw[at]
        return bytes(raw).decode(codec, "replace").replace("\ufffd", shown)

    return made


def reread(written: str, taken: str) -> Damage:
    """Damage that reads a text's bytes as another encoding."""
    return lambda text, _: text.encode(written, "ignore").decode(taken, "replace")


def glossed(text: str, _: random.Random) -> str:
    return re.sub(f"[{''.join(READINGS)}]", lambda match: f"{match[0]}({READINGS[match[0]]})", text)


def accented(text: str, chance: random.Random) -> str:
    return within(text, LETTER, chance, lambda _: "Ã©", 3)


def is_han(text: str) -> bool:
    return len(HAN.findall(text)) > 200


def is_traditional(text: str) -> bool:
    return is_han(text) and len(re.findall("[國會這個們時來發經過]", text)) > 10


def is_western(text: str) -> bool:
    return not HAN.search(text)


WAYS: tuple[tuple[str, str, Damage, Callable[[str], bool]], ...] = (
    ("replacement-character", "one letter lost", put("\ufffd"), bool),
    ("control-character-in-text", "one U+0092", put("\x92"), bool),
    ("private-use-character", "one U+E1FB", put("\ue1fb"), bool),
    ("damaged-literal", "one 锟斤拷", put("锟斤拷"), is_han),
    ("damaged-literal", "one â€™", put("â€™"), is_western),
    ("pinyin-gloss", "8 characters glossed", glossed, is_traditional),
    ("gbk-shift", "1 byte lost, ? shown", lost(1, "?", "gbk"), is_han),
    ("gbk-shift", "3 bytes lost, ? shown", lost(3, "?", "gbk"), is_han),
    ("gbk-shift", "1 byte lost, GB18030", lost(1, "?", "gb18030"), is_han),
    ("gbk-shift", "3 bytes lost, GB18030", lost(3, "?", "gb18030"), is_han),
    ("utf8-as-gbk", "all of it", reread("utf-8", "gb18030"), is_han),
    ("cjk-as-latin1", "all, GBK", reread("gbk", "latin-1"), is_han),
    ("cjk-as-latin1", "all, Big5", reread("big5", "latin-1"), is_traditional),
    ("wrong-cjk-codec", "Big5 as GBK", reread("big5", "gb18030"), is_traditional),
    ("wrong-cjk-codec", "GBK as Big5", reread("gbk", "big5"), is_han),
    ("half-width-punctuation", "all folded", lambda text, _: text.translate(FOLDED), is_han),
    ("converted-variants", "14 characters", lambda text, _: text.translate(FORMS), is_traditional),
    ("western-mojibake", "3 letters", accented, is_western),
)
"""What each rule is tried on: how a copy is damaged, and which documents it can happen to."""


def flaws(rule: Rule, one: Story) -> list[Violation]:
    return list(rule.flaws(one, AROUND)) if rule.flaws else []


def documents(folders: list[str]) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.md")):
            yield path, path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")


def recall(rule: str, damage: Damage, fits: Callable[[str], bool], texts: list[str]) -> tuple[int, int]:
    """How many damaged copies the rule finds, and of how many."""
    chance = random.Random(rule)
    asked = next(one for one in DAMAGE if one.id == rule)
    copies = (story(damage(text, chance)) for text in texts if fits(text))
    found = [bool(flaws(asked, one)) for one in copies if one]
    return sum(found), len(found)


def microseconds(rules: tuple[Rule, ...], stories: list[Story]) -> float:
    """The time all of some rules take for a document, each copy of it read for the first time."""
    best = []
    for number in range(5):
        fresh = [one for text in stories if (one := story(f"{text.text}\n{number}"))]
        begin = time.perf_counter()
        for one in fresh:
            for rule in rules:
                flaws(rule, one)
        best.append((time.perf_counter() - begin) / len(fresh))
    return min(best) * 1e6


def growth(piece: str) -> float:
    """How many times as long all rules take for a text of one piece repeated that is ten times as long."""
    texts = [piece * (size // len(piece)) for size in (50_000, 500_000)]
    short, long = (microseconds(DAMAGE, [one for one in [story(f"{text}\n")] if one]) for text in texts)
    return long / short


def main(folders: list[str], *, hits: bool) -> None:
    pairs = [(path, one) for path, text in documents(folders) if (one := story(text))]
    stories = [one for _, one in pairs]
    print(f"{len(stories)} documents; all rules {microseconds(DAMAGE, stories):.0f} µs a document\n")
    print("| rule | errors | warnings | damaged by | found | µs |\n|---|---:|---:|---|---:|---:|")
    for rule in DAMAGE:
        found = [(path, flaw) for path, one in pairs for flaw in flaws(rule, one)]
        errors = sum(rule.weight(flaw) is Severity.ERROR for _, flaw in found)
        ways = [
            (way, recall(rule.id, damage, fits, [one.text for one in stories]))
            for name, way, damage, fits in WAYS
            if name == rule.id
        ]
        for number, (way, (hit, of)) in enumerate(ways):
            first = (rule.id, errors, len(found) - errors) if not number else ("", "", "")
            cost = f"{microseconds((rule,), stories):.1f}" if not number else ""
            share = f"{100 * hit / of:.0f} % of {of}" if of else "none fits"
            print("|", " | ".join(map(str, (*first, way, share, cost))), "|")
        for path, flaw in found if hits else []:
            print("   ", path.name, flaw.place or flaw.key, flaw.message, flaw.hint)
    grown = {piece: growth(piece) for piece in PIECES}
    print("\nten times the text:", ", ".join(f"{piece!r} {times:.0f}×" for piece, times in grown.items()))
    if max(grown.values()) > 40:
        sys.exit("A rule takes more than its text's length asks.")


if __name__ == "__main__":
    main([one for one in sys.argv[1:] if one != "--hits"], hits="--hits" in sys.argv)
