"""Rules on what converting between the scripts of Chinese leaves behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.damage.han import first_level, only_simplified, only_traditional
from newsroom_cli.rules.damage.passages import has_han, passages
from newsroom_cli.rules.glosses import TONED
from newsroom_cli.rules.registry import BEYOND_ASCII, RuleContext, Since, Violation, rule
from newsroom_cli.story.words import HAN

_GLOSS = re.compile(f"([{HAN}])(\\((?=[a-zü]*[{TONED}])[a-zü{TONED}]{{1,7}}[ \u00a0]?\\))(\\w?)")
"""A Han, the reading in brackets behind it (a letter with a tone in it), and the letter that goes on, if one does."""
_HAN = re.compile(f"[{HAN}]")
_HALF = re.compile(f"[,;:?!()](?=[{HAN}“”《「])(?<=[{HAN}].)")
_FULL = re.compile("[，；：？！（）]")
_EVERYBODY = (
    "區qū 協xié 執zhí 態tài 戰zhàn 據jù 數shù 業yè 現xiàn 環huán 產chǎn 發fā 監jiān 穩wěn 統tǒng 網wǎng"
    " 續xù 聯lián 規guī 調diào 調tiáo 鄉xiāng 訊xùn 會huì 則zé 導dǎo 強qiáng 實shí 機jī 國guó 學xué 電diàn"
    " 動dòng 對duì 開kāi 時shí 來lái 過guò 務wù 員yuán 違wéi 貿mào 內nèi 質zhì 護hù 證zhèng 權quán 經jīng"
    " 濟jì 報bào 場chǎng 進jìn 當dāng 關guān 題tí 問wèn 門mén 們men 這zhè 說shuō 為wéi 與yǔ 點diǎn 體tǐ"
    " 設shè 計jì 農nóng 縣xiàn 黨dǎng 領lǐng 風fēng 險xiǎn 廠chǎng 應yīng 總zǒng 級jí 聞wén 視shì 書shū 記jì"
    " 東dōng 車chē 醫yī 顯xiǎn 隊duì 線xiàn"
)
_KNOWN = frozenset(_EVERYBODY.split())
"""Traditional characters with the reading every reader knows, so that no person would write it behind them."""
_MAINLAND = re.compile(
    "[由關對處位屬基終等善鑒鑑便敢用高低源急適趨]于(?![是右斌謙闐氏姓])|(?<!若)干[部線旱燥]|骨干|干[淨凈脆]|并[且非未入]|合并|兼并"
    "|筑牢|建筑|修筑|構筑|[這那哪]里|(?<![相有攸關])[聯關]系(?![統列所主])|[規模示防師]范|范[圍疇]|標准(?![許予])|准[備確]|水准"
    "|沖[突擊破]|特征|象征|征[求集收]|其余|剩余|業余|余額|制造[業商]|研制|復[雜習](?!糅)|答復|[以之然最先隨此今前戰背落]后"
    "|后[來續者期果勤代裔退]|(?<!光)采[用取訪購集納](?!用)|旅游|戰斗|斗爭|奮斗|搏斗|輕松|放松(?!鼠)"
    "|雜志|憑借(?![條據])|谷物"
)
"""Words in Mainland forms; the lookarounds leave out traditional words that have the same characters side by side."""
_TELLING = re.compile("[于干并筑里系范准沖征余制復后采旅斗松雜憑谷骨兼合修構研答業特象輕奮戰搏]")
_SIGNS = "國會這們個時來為說對學開與過後發經無現實長關"
"""Traditional characters of which every longer text has one."""
_MANY_MARKS = 10
_ENOUGH = 1000
"""So many words of a text are looked at."""


@rule("pinyin-gloss", Severity.ERROR, since=Since.HANDED_IN, mild=Severity.WARNING, signs=TONED)
def pinyin_gloss(story: Story, _: RuleContext) -> Iterator[Violation]:
    """No reading was glued behind characters by a conversion (`區(qū)`).

    A textbook glosses nearly every character, a reporter one rare name, a guide the readings people get wrong: at
    least three glosses on at most 40 % of the Han, at least 60 % of them in the middle of running text, at most 30 %
    on rare characters and at least 60 % on traditional ones are damage, when a character is glossed twice or two have
    the reading everybody knows. In simplified text each must be glossed again and again. Five others are a warning.
    """
    if not has_han(story.text) and "\\" not in story.text:
        return
    glossed = [(passage, list(_GLOSS.finditer(passage.text))) for passage in passages(story)]
    glosses = [match for _, matches in glossed for match in matches]
    if len(glosses) < 3 or not _is_damage(glosses, sum(len(_HAN.findall(passage.text)) for passage, _ in glossed)):  # noqa: PLR2004
        return
    certain = _is_converted(glosses)
    if not certain and len(glosses) < 5:  # noqa: PLR2004  as the docstring says
        return
    reported: set[str] = set()
    for passage, matches in glossed:
        if matches:
            first = next((match for match in matches if _row(passage.text, match) not in reported), matches[0])
            reported.add(passage.text.strip())
            message = f"{len(matches)} readings are glued to characters, the first is {first[1]}{first[2]}."
            hint = f"Take {first[2]} out, and every one like it."
            yield passage.flaw(first.start(2), message, hint, is_mild=not certain)


def _row(text: str, match: re.Match[str]) -> str:
    """The row a match stands in; one that repeats the title is told at the title."""
    end = text.find("\n", match.end())
    return text[text.rfind("\n", 0, match.start()) + 1 : end if end >= 0 else len(text)].strip()


def _is_damage(glosses: list[re.Match[str]], han: int) -> bool:
    running = sum(1 for match in glosses if match[3])
    rare = sum(1 for match in glosses if match[1] not in first_level())
    return len(glosses) <= 0.4 * han and running >= 0.6 * len(glosses) and rare <= 0.3 * len(glosses)


def _is_converted(glosses: list[re.Match[str]]) -> bool:
    """Tell whether a table of characters glossed a text, and no person."""
    glossed = [match[1] for match in glosses]
    if len(glossed) >= max(9, 3 * len(set(glossed))):
        return True
    traditional = sum(
        1 for character in glossed if character in only_traditional() or not character.encode("gb2312", "ignore")
    )
    known = sum(1 for match in glosses if f"{match[1]}{match[2][1:-1].strip()}" in _KNOWN)
    return traditional >= 0.6 * len(glossed) and (len(set(glossed)) < len(glossed) or known > 1)


@rule("half-width-punctuation", Severity.WARNING, since=Since.HANDED_IN, signs=(BEYOND_ASCII,))
def half_width_punctuation(story: Story, _: RuleContext) -> Iterator[Violation]:
    """Marks between Han are full-width: a text where most of at least ten are half-width was folded."""
    if "\\" not in story.text and len(_HALF.findall(story.text)) < _MANY_MARKS:
        return
    for passage in passages(story):
        half = list(_HALF.finditer(passage.text))
        full = len(_FULL.findall(passage.text)) if len(half) >= _MANY_MARKS else 0
        if len(half) >= _MANY_MARKS and len(half) > full:
            message = f"{len(half)} of {len(half) + full} marks between Han are half-width."
            yield passage.flaw(half[0].start(), message, "Write ，；：？！（） as the source did.")


@rule("converted-variants", Severity.WARNING, since=Since.HANDED_IN, signs=_SIGNS)
def converted_variants(story: Story, _: RuleContext) -> Iterator[Violation]:
    """Traditional text has no words in Mainland forms (干部, 關于, 由于): two of them are left of a conversion."""
    if not has_han(story.text):
        return
    every = ((passage, match) for passage in passages(story) for match in islice(_forms(passage.text), _ENOUGH))
    forms = [(passage, match) for passage, match in every if _is_in_traditional_text(passage.text, match)]
    words = sorted({match[0] for _, match in forms})
    if len(words) > 1:
        passage, match = forms[0]
        message = f"traditional text with words in Mainland forms: {'、'.join(words[:5])}."
        yield passage.flaw(match.start(), message, "Write them as the newsroom's script has them.")


def _forms(text: str) -> Iterator[re.Match[str]]:
    """Each word of a text that is in a Mainland form; a word begins at one of its telling characters or before it."""
    for sign in _TELLING.finditer(text):
        for start in (sign.start() - 1, sign.start()):
            match = _MAINLAND.match(text, start) if start >= 0 else None
            if match and match.end() > sign.start():
                yield match
                break


def _is_in_traditional_text(text: str, match: re.Match[str]) -> bool:
    """Tell whether a word stands in traditional text: around it are its characters and none of the other script's."""
    near = text[max(0, match.start() - 60) : match.end() + 60]
    traditional = sum(1 for character in near if character in only_traditional())
    return traditional > 3 + 3 * sum(1 for character in near if character in only_simplified())
