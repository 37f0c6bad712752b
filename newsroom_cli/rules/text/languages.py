"""The rule on the language a body is written in against the one its front matter says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.registry import RuleContext, Since, Violation, rule
from newsroom_cli.rules.text.profiles import PROFILES, language_of
from newsroom_cli.rules.text.views import View, view_of
from newsroom_cli.story.words import HAN

_SCRIPTS = {
    "Latn": ("Latin letters", "A-Za-z\u00c0-\u024f"),
    "Cyrl": ("Cyrillic letters", "\u0400-\u052f"),
    "Grek": ("Greek letters", "\u0370-\u03ff"),
    "Hebr": ("Hebrew letters", "\u05d0-\u05ea"),
    "Arab": ("Arabic letters", "\u0620-\u06d3"),
    "Deva": ("Devanagari", "\u0900-\u097f"),
    "Thai": ("Thai letters", "\u0e01-\u0e5b"),
    "Hang": ("Hangul", "\uac00-\ud7af"),
    "Kana": ("kana", "\u3041-\u30ff"),
    "Hani": ("Han characters", HAN),
}
"""Scripts by their codes in ISO 15924: what people call their letters, and which those are."""
_LETTERS = {script: re.compile(f"[{letters}]") for script, (_, letters) in _SCRIPTS.items()}
_OTHERS = re.compile(f"[{''.join(letters for script, (_, letters) in _SCRIPTS.items() if script != 'Latn')}]")
"""Letters of other scripts than Latin."""
_ASCII = re.compile("[\x00-\x7f]+")
_HAN_RUN = re.compile(f"[{HAN}]+")
_LATIN = "en de fr es pt it nl sv da nb nn no fi pl cs sk hu ro et lv lt hr sl tr vi id ms sw ga ca eu gl"
"""Languages that are written in Latin letters."""
_NAMES = {
    **{script: name for script, (name, _) in _SCRIPTS.items()},
    **{tag: profile.name for tag, profile in PROFILES.items()},
    "Hant": "traditional characters",
    "Hans": "simplified characters",
}
_WRITTEN_IN = {
    **dict.fromkeys(("zh", "yue", "wuu", "nan", "lzh"), ("Hani",)),
    "ja": ("Kana", "Hani"),
    "ko": ("Hang", "Hani"),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk"), ("Cyrl",)),
    "el": ("Grek",),
    "he": ("Hebr",),
    **dict.fromkeys(("ar", "fa"), ("Arab",)),
    "hi": ("Deva",),
    "th": ("Thai",),
    **dict.fromkeys(_LATIN.split(), ("Latn",)),
}
_SUGGESTED = {"Hant": "zh-Hant", "Hans": "zh-Hans", "Hani": "zh", "Kana": "ja", "Hang": "ko", "Grek": "el"}
_OWN_LETTERS = {tag: frozenset(profile.letters) for tag, profile in PROFILES.items() if profile.letters}
_TRADITIONAL = frozenset(("hant", "tw", "hk", "mo"))
_SIMPLIFIED = frozenset(("hans", "cn", "sg"))
_ENOUGH = 40
_ENOUGH_WORDS = 60
_SAMPLE = 20_000
_HAN_SAMPLE = 200


@rule("lang-script-mismatch", Severity.WARNING, since=Since.HANDED_IN)
def lang_script_mismatch(story: Story, context: RuleContext) -> Iterator[Violation]:
    """The body is written in the script and the language that `lang` says, or the newsroom's where it says none.

    It takes forty letters to tell, most of them of another script; `zh` alone is either. Between languages of
    one script the commonest words tell: those of another language, and none of its own.
    """
    tag, seen = language_of(story, context), view_of(story)
    primary, *rest = tag.lower().split("-")
    if primary not in _WRITTEN_IN or len(seen.text) < _ENOUGH:
        return
    other = _script(seen, primary, frozenset(rest))
    if other and not any(re.fullmatch("[a-z]{4}", subtag) for subtag in rest if subtag not in ("hant", "hans")):
        said = "lang says" if story.holds("lang") else "the newsroom's language is"
        suggested = _SUGGESTED.get(other, other if other in PROFILES else "")
        hint = f"Write `lang: {suggested}`." if suggested else "Write the language of the text in `lang`."
        yield Violation("lang", f"{said} {tag}, but the text is in {_NAMES.get(other, other)}.", hint)


def _script(seen: View, primary: str, rest: frozenset[str]) -> str:
    """The script, or the language, a body is in when it is not what its tag says; empty when it is."""
    if primary == "zh" and seen.has_han:
        wants_traditional = bool(rest & _TRADITIONAL) and "hans" not in rest
        wrong = _han(seen, wants_traditional=wants_traditional) if rest & (_TRADITIONAL | _SIMPLIFIED) else ""
        if wrong or _is_plainly_han(seen):
            return wrong
    own = _WRITTEN_IN[primary]
    if own == ("Latn",) and not _OTHERS.search(seen.body):
        return _by_words(seen, primary)
    if primary in _OWN_LETTERS and not _OWN_LETTERS[primary].isdisjoint(seen.body):
        return ""
    return _by_letters(seen, primary, own)


def _by_letters(seen: View, primary: str, own: tuple[str, ...]) -> str:
    counts = {name: len(block.findall(seen.words, 0, _SAMPLE)) for name, block in _LETTERS.items()}
    total, mine = sum(counts.values()), sum(counts[name] for name in own)
    most = max(counts, key=lambda name: counts[name])
    if total < _ENOUGH:
        return ""
    if primary == "zh" and 5 * counts["Kana"] > counts["Hani"] and counts["Kana"] > _ENOUGH:
        return "Kana"
    if most in own or 4 * mine > total:
        return _by_words(seen, primary) if own == ("Latn",) else _by_own_letters(seen, primary)
    if most == "Hani" and 10 * counts["Kana"] > counts["Hani"]:
        return "Kana"
    if most == "Hani" and (which := _which_han(seen)):
        return which
    return most


def _by_own_letters(seen: View, primary: str) -> str:
    """Russian or Ukrainian where the text has the letters of one and none of the other."""
    for other, letters in _OWN_LETTERS.items():
        if primary in _OWN_LETTERS and other != primary and len(letters.intersection(seen.body)) > 1:
            return other
    return ""


def _by_words(seen: View, primary: str) -> str:
    """The language whose commonest words a text has that has none of its own; empty when there is none such."""
    if primary not in PROFILES or any(f" {word} " in seen.text for word in PROFILES[primary].common):
        return ""
    words = Counter(seen.words[:_SAMPLE].lower().split())
    others = {tag: profile.common for tag, profile in PROFILES.items() if profile.common and tag != primary}
    counts = {tag: _count_words(words, common) for tag, common in others.items()}
    most = max(counts, key=lambda other: counts[other])
    total = words.total()
    return most if total >= _ENOUGH_WORDS and 12 * counts[most] >= total else ""


def _count_words(words: Counter[str], common: Iterable[str]) -> int:
    return sum(words[word] for word in common)


def _han(seen: View, *, wants_traditional: bool) -> str:
    """The script of Chinese a text is in that should be in the other one; empty when it is not."""
    if not _wrong_han(wants_traditional=wants_traditional).search(seen.body):
        return ""
    which = _which_han(seen)
    return "" if which == ("Hant" if wants_traditional else "Hans") else which


@cache
def _wrong_han(*, wants_traditional: bool) -> re.Pattern[str]:
    from newsroom_cli.rules.damage.han import only_simplified, only_traditional

    return re.compile(f"[{''.join(sorted(only_simplified() if wants_traditional else only_traditional()))}]")


def _is_plainly_han(seen: View) -> bool:
    """Tell whether a text beyond its ASCII begins as long Chinese, and has neither the commonest kana nor Cyrillic."""
    begins = _begins_with_han(seen.body) or _begins_with_han(_ASCII.sub("", seen.body))
    return begins and not any(letter in seen.body for letter in "のоа")


def _begins_with_han(text: str) -> bool:
    return 2 * sum(map(len, _HAN_RUN.findall(text, 0, _HAN_SAMPLE))) > _HAN_SAMPLE


def _which_han(seen: View) -> str:
    """The script of Chinese most of a text is in; empty when that cannot be told."""
    from newsroom_cli.rules.damage.han import only_simplified, only_traditional

    counts = Counter(seen.words[:_SAMPLE])
    traditional = sum(counts[character] for character in only_traditional() & counts.keys())
    simplified = sum(counts[character] for character in only_simplified() & counts.keys())
    if traditional + simplified < _ENOUGH // 4:
        return ""
    if traditional > 4 * simplified:
        return "Hant"
    return "Hans" if simplified > 4 * traditional else ""


LANGUAGES = (lang_script_mismatch,)
