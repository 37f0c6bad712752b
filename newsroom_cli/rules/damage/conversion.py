"""Rules on what converting between the scripts of Chinese leaves behind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.damage.han import HAN, first_level, only_simplified, only_traditional
from newsroom_cli.rules.damage.passages import holds, passages
from newsroom_cli.rules.registry import Around, Flaw, rule

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_TONE_SIGN = re.compile(f"[{_TONED}]")
_GLOSS = re.compile(f"([{HAN}])(\\((?=[a-zü]*[{_TONED}])[a-zü{_TONED}]{{1,7}}[ \u00a0]?\\))(\\w?)")
_HAN = re.compile(f"[{HAN}]")
_HALF_SIGN = re.compile("[,;:?!(]")
_HALF = re.compile(f"[,;:?!()](?=[{HAN}“”《「])(?<=[{HAN}].)")
_FULL = re.compile("[，；：？！（）]")
_MAINLAND = re.compile(
    "由于|關于|對于|處于|位于|屬于|至于|基于|終于|等于|善于|鑒于|便于|敢于|利于|干部|骨干|干線|并且|筑牢|建筑"
    "|系統里|這里|聯系|規范|模范|示范|防范|范圍|復雜|復制|標准|准備|准確|水准|沖突|沖擊|特征|象征|征求|其余|剩余"
    "|制造業|以后|之后|然后|最后|落后|后續|干擾器|實干|歷史系統"
)
_MANY_TRADITIONAL = 8


@rule("pinyin-gloss", Severity.ERROR)
def pinyin_gloss(story: Story, around: Around) -> Iterator[Flaw]:
    """No reading was glued behind characters by a conversion (`區(qū)`).

    A textbook glosses nearly every character, a reporter one rare name: at least three glosses on at most 40 % of
    the Han, at least 60 % of them in the middle of running text and at most 30 % on rare characters are damage.
    """
    del around
    if not holds(story, _TONE_SIGN):
        return
    glossed = [(one, list(_GLOSS.finditer(one.text))) for one in passages(story)]
    found = [match for _, matches in glossed for match in matches]
    if len(found) < 3 or not _is_damage(found, sum(len(_HAN.findall(one.text)) for one, _ in glossed)):  # noqa: PLR2004
        return
    for passage, matches in glossed:
        if matches:
            message = f"{len(matches)} readings are glued to characters, the first is {matches[0][1]}{matches[0][2]}."
            hint = f"Take {matches[0][2]} out, and every one like it."
            yield passage.flaw(matches[0].start(2), message, hint)


def _is_damage(found: list[re.Match[str]], han: int) -> bool:
    running = sum(1 for match in found if match[3])
    rare = sum(1 for match in found if match[1] not in first_level())
    return len(found) <= 0.4 * han and running >= 0.6 * len(found) and rare <= 0.3 * len(found)


@rule("half-width-punctuation", Severity.WARNING)
def half_width_punctuation(story: Story, around: Around) -> Iterator[Flaw]:
    """Marks between Han are full-width: a text where most of at least ten are half-width was folded."""
    del around
    if not (holds(story, _HALF_SIGN) and holds(story, _HAN)):
        return
    for passage in passages(story):
        first = _HALF.search(passage.text)
        half = len(_HALF.findall(passage.text)) if first else 0
        full = len(_FULL.findall(passage.text)) if half >= 10 else 0  # noqa: PLR2004  as the docstring says
        if first and half >= 10 and half > full:  # noqa: PLR2004
            message = f"{half} of {half + full} marks between Han are half-width."
            yield passage.flaw(first.start(), message, "Write ，；：？！（） as the source did.")


@rule("converted-variants", Severity.WARNING)
def converted_variants(story: Story, around: Around) -> Iterator[Flaw]:
    """Traditional text has no words in Mainland forms (干部, 關于, 由于): two of them are left of a conversion."""
    del around
    if not holds(story, _HAN) or len(only_traditional().findall(story.text, 0, 4000)) < _MANY_TRADITIONAL:
        return
    found = [
        (one, match) for one in passages(story) for match in _MAINLAND.finditer(one.text) if _standing(one.text, match)
    ]
    words = sorted({match[0] for _, match in found})
    if len(words) > 1:
        passage, match = found[0]
        message = f"traditional text with words in Mainland forms: {'、'.join(words[:5])}."
        yield passage.flaw(match.start(), message, "Write them as the newsroom's script has them.")


def _standing(text: str, match: re.Match[str]) -> bool:
    """Whether a word stands in traditional text: around it are its characters and none of the other script's."""
    near = text[max(0, match.start() - 60) : match.end() + 60]
    return len(only_traditional().findall(near)) > 3 + 3 * len(only_simplified().findall(near))
