"""What damaged text is found by, what is left alone, and that no text makes a rule raise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import front, judges

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules import RuleContext
from newsroom_cli.rules.damage import DAMAGE
from newsroom_cli.rules.damage.passages import prose
from newsroom_cli.rules.registry import Violation

SEED = Path(__file__).resolve().parents[2].parent / "shared" / "seed" / "wujin-news-2024-02-26.txt"
AROUND = RuleContext(judges("").settings, "publish")

PLAIN = "市图书馆下个月重新开放，读者可以在周末借书。馆长说，新的阅览室有三百个座位，学生和老人都会喜欢这里的环境。"
TRADITIONAL = (
    "市圖書館下個月重新開放，讀者可以在週末借書。館長說，新的閱覽室有三百個座位，學生和老人都會喜歡這裡的環境。"
)
MIRRORED = "隨著圖書館開放，讀者關于座位的問題由于電話繁忙，沒有得到回應。館長說，這個問題會在開會時討論。"
FOLDED = "他说,好;我问:谁?她答:我!天晴,风小,人多,车少,路远,山高,水长。"


def story(body: str, title: str = "Words") -> Story:
    return front(f"title: {title}", "slug: council-budget", body=f"\n{body}\n")


def found(one: Story) -> dict[str, Violation]:
    flaws = [(rule.id, flaw) for rule in DAMAGE for flaw in rule.flaws(one, AROUND)]
    return dict(reversed(flaws))


def shifted(text: str, lost: int) -> str:
    raw = text.encode("gbk")
    return (raw[:lost] + raw[lost + 1 :]).decode("gbk", "replace").replace("\ufffd", "?")


GLOSSED = "圖書館的網(wǎng)絡在學區(qū)開放,讀者在區(qū)內借書,新的閱覽室有三百個座位。"
RARE = "他们在船厂看艏艉、舾装和锚链，医生说起荨麻疹、龋齿和谵妄，渔民捕到鲀、鲉、鲽和鲇。"

BAD = [
    ("replacement-character", "The mayor\ufffds speech."),
    ("control-character-in-text", "The mayor\x92s speech."),
    ("control-character-in-text", "A bell\x07 rang."),
    ("private-use-character", "The price is \ue5e5 20."),
    ("damaged-literal", "市长锟斤拷讲话"),
    ("damaged-literal", "It is烫烫烫 here"),
    ("damaged-literal", "ï»¿The mayor spoke."),
    ("damaged-literal", "The mayorâ€™s speech."),
    ("damaged-literal", "The mayor&#65533;s speech."),
    ("pinyin-gloss", "圖書館的網(wǎng)絡在學區(qū)開放,讀者在區(qū)內(nèi)借書,新的閱覽室有三百個座位。"),
    ("pinyin-gloss", "圖書館的網(wǎng )絡在學區(qū )開放,讀者在區(qū)內借書,新的閱覽室有三百個座位。"),
    ("gbk-shift", PLAIN + shifted("图书馆的工作人员和志愿者一起整理了三千本旧书", 1)),
    ("utf8-as-gbk", "图书馆开放了。".encode().decode("gbk", "replace")),
    ("cjk-as-latin1", "图书馆开放了".encode("gbk").decode("latin-1")),
    ("cjk-as-latin1", "圖書館開放了".encode("big5").decode("latin-1")),
    ("cjk-as-latin1", "图书馆开放了".encode().decode("latin-1")),
    ("wrong-cjk-codec", "图书馆下个月重新开放读者可以在周末借书".encode("gbk").decode("big5", "replace")),
    ("wrong-cjk-codec", "市政府說今年的工程會在秋天完成居民可以在網上提出意見".encode("big5").decode("gbk", "replace")),
    ("half-width-punctuation", FOLDED),
    ("converted-variants", MIRRORED),
    ("western-mojibake", "The cafÃ© is open."),
]

LIKELY = [
    ("replacement-character", "Read as UTF-8, the byte gives caf\ufffd, and the encoding is lost."),
    ("control-character-in-text", "A form\x0cfeed."),
    ("control-character-in-text", "A terminal's \x1b[0m colours."),
    ("private-use-character", "\uf0b7 first item\n\uf0b7 second item"),
    ("private-use-character", "Go to \uf015 home."),
    ("damaged-literal", "粥太热，他喊烫烫烫！"),
    ("utf8-as-gbk", "网页乱码常见“鏂囧瓧鐗堟湰”这样的字。"),
    (
        "pinyin-gloss",
        "六(lù)安、铅(yán)山、单(shàn)县、台(tāi)州、蔚(yù)县都是地名，当地人听到别人念错往往会笑着纠正。",
    ),
    (
        "pinyin-gloss",
        "單(shàn)縣、樂(yuè)亭、長(cháng)樂、調(zhào)縣、會(kuài)稽，這些地方的讀音常被念錯，老師提醒學生注意。",
    ),
    ("half-width-punctuation", FOLDED),
    ("converted-variants", MIRRORED),
]
"""What is damage perhaps: a warning, never an error."""

GOOD = [
    *("元素有镧铈镨钕钷钐铕钆铽镝钬铒铥镱镥，锕钍镤铀镎钚镅锔锫锎锿镄钔锘铹。" + PLAIN, RARE + PLAIN),
    "┌────┬────┐\n│ 名 │ 值 │\n└────┴────┘\n" + PLAIN,
    "小學生學ㄅㄆㄇㄈ，" + TRADITIONAL,
    "青海長雲暗雪山，孤城遙望玉門關。噫吁嚱，危乎高哉！蠶叢及魚鳧，開國何茫然。扈江離與辟芷兮，紉秋蘭以為佩。",
    "老师喊：烫烫！他说：好?她问:真的?我答:当然。" + PLAIN,
    "關於右任先生的書法，對於斌總主教，皇后與太后同行，里長說公里數不夠，干擾若干部門，批准相關系統，落後的歷史系統。",
    "鈥是稀土元素，鈥?" + TRADITIONAL,
    "单(shàn)县在山东，蔚(yù)县在河北。",
    "Letters: áéíóúñü, àâäçéèêëîïôùûü, ×÷±°, «»«», ½¼¾, §§§§, ÄÖÜäöüß, øæåØÆÅ, ÿÿÿÿ.",
    "‚Ärger‘, sagte er; √2 ≈ 1.4; Zażółć gęślą jaźń; Ướt, Ở, Ừ; ÉTÉ, ÇÀ ET LÀ; Їжак, РСФСР.",
    "日本品牌「ユニクロ」在中国开店，店内播放「さくら」。" + PLAIN,
    "<!-- \ufffd -->\n\n[a](https://gazette.example/\ufffd) and\n\n    indented \ufffd code\n\nThe end.",
    PLAIN,
    TRADITIONAL,
    "The café’s owner said “we’ll see” — naïve, but true: 20 €, 5 °C, ½ cup.",
    "Größe, Äußerung, façade, Ærø, Łódź, São Paulo, Ñuñoa; «À l’été», dit-il.",
    "Привет, мир. Καλημέρα κόσμε. こんにちは、世界。 안녕하세요.",
    "惲(yùn)先生和他的同事在图书馆开会，讨论新的阅览室。",  # one rare name glossed
    "区(qū)，网(wǎng)，内(nèi)。",  # a textbook
    "他喜欢烫烫的茶，也喜欢寒冷的早晨。",
    "他说,好;我问:谁?她答:我!",  # too few marks
    "由于天气，比赛改期；干部们在关于安全的会上讨论了以后的安排。",  # simplified text has these forms
    "這個問題由于電話繁忙沒有得到回應，讀者們說會在開會時討論。",  # one word is a slip
    "鹦鹉、羁押、艏艉、饕餮、魑魅魍魉、踟蹰、龃龉，都是他会写的字。",
    "A terminal shows `\ufffd \x1b[0m 锟斤拷 â€™` then.",
    "```\n\ufffd \x07 \ue000 cafÃ©\n锟斤拷\n```\n\nThe end.",
    "~~~text\n```\n\ufffd\n~~~\n",
    "The replacement character U+FFFD looks like this: \ufffd.",
    "网页出现乱码时常见“锟斤拷”三个字。",
    "👩‍👩‍👧 café ☕️ — ok ✓",
]


@pytest.mark.parametrize("rule, body", BAD)
def test_damage_in_the_body_is_found_and_has_a_hint(rule, body):
    flaw = found(story(body))[rule]
    assert flaw.message.endswith(".")
    assert flaw.hint
    assert flaw.place is not None


@pytest.mark.parametrize("rule, body", [one for one in BAD if not re.search(r"[\x00-\x1f\x7f-\x9f]", one[1])])
def test_damage_in_the_front_matter_is_found_at_its_key(rule, body):
    one = story("Words.", title=f"'{body}'")
    flaw = found(one)[rule]
    assert (flaw.key, flaw.place) == ("title", None)
    assert flaw.message.startswith("title: ")


@pytest.mark.parametrize("rule, body", LIKELY)
def test_what_is_only_likely_is_a_warning(rule, body):
    of = next(one for one in DAMAGE if one.id == rule)
    assert of.weight(found(story(body))[rule]) is Severity.WARNING


@pytest.mark.parametrize(
    "body, was",
    [
        (PLAIN + "市长?;ヂ摼W新聞", "互聯網"),
        (PLAIN + shifted("图书馆的工作人员和志愿者一起整理了三千本旧书", 9) + "。" + PLAIN, "愿者一起"),
        (PLAIN + "目录柯贾校?他说。" + shifted("这个方法让我们看见问题在哪里", 4), "法让我们看"),
    ],
)
def test_text_paired_off_by_one_is_found_beside_what_a_lost_byte_leaves(body, was):
    assert was in found(story(body))["gbk-shift"].hint


def test_an_indented_paragraph_of_han_is_no_code():
    assert "replacement-character" in found(story("上午。\n\n    市长\ufffd讲话，读者提问。"))
    assert "replacement-character" in found(story("- one\n\n    its text \ufffd here"))


@pytest.mark.parametrize("body", GOOD)
def test_good_text_is_left_alone(body):
    assert found(story(body)) == {}


def test_the_place_is_the_line_and_the_column_of_the_damage():
    one = story("Fine.\n\n`code` and a \ufffd here")
    line = one.body_line + 3
    assert found(one)["replacement-character"].place == (line, 14)


@pytest.mark.parametrize(
    "body, was",
    [
        (PLAIN + shifted("图书馆的工作人员和志愿者一起整理了三千本旧书", 1), "的工作人员"),
        ("图书馆开放了。".encode().decode("gbk", "replace"), "图书馆"),
        ("图书馆开放了".encode("gbk").decode("latin-1"), "图书馆开放了"),
        ("市政府說今年的工程會在秋天完成".encode("big5").decode("gbk", "replace"), "市政府說今"),
        ("The cafÃ© is open.", "café"),
        ("The mayorâ€™s speech.", "’"),
    ],
)
def test_the_hint_holds_what_the_text_was(body, was):
    assert any(was in flaw.hint for flaw in found(story(body)).values())


def test_lists_tables_and_escapes_of_the_front_matter_are_read():
    nested = front("title: A", "images:", "  - src: a.jpg", "    alt: A\ufffdB", body="\nWords.\n")
    assert found(nested)["replacement-character"].key == "images"
    escaped = front('title: "caf\\u00c3\\u00a9"', body="\nWords.\n")
    assert found(escaped)["western-mojibake"].key == "title"


def test_a_rule_says_once_how_often():
    flaws = [flaw for rule in DAMAGE for flaw in rule.flaws(story("a\ufffdb\n\nc\ufffdd"), AROUND)]
    assert [flaw.message for flaw in flaws] == ["a character was lost here (U+FFFD), 2 times in all."]


@pytest.mark.skipif(not SEED.is_file(), reason="no ../shared/seed beside the repository")
def test_the_page_it_began_with_has_all_its_damage():
    rows = SEED.read_text("utf-8").split("\n")
    one = front(f"title: '{rows[3]}'", body="\n".join(rows))
    flaws = [(rule.id, flaw) for rule in DAMAGE for flaw in rule.flaws(one, AROUND)]
    places = {(name, flaw.key or flaw.place[0] - one.body_line + 1) for name, flaw in flaws if flaw.key or flaw.place}
    assert places >= {("pinyin-gloss", "title"), ("pinyin-gloss", 7), ("gbk-shift", 15), ("private-use-character", 15)}
    assert places >= {("half-width-punctuation", 7), ("converted-variants", 7)}
    assert "化品、冶金工貿" in found(one)["gbk-shift"].hint


def test_every_rule_says_what_it_requires():
    assert len({rule.id for rule in DAMAGE}) == len(DAMAGE) == 12
    assert all(rule.flaws.__doc__ for rule in DAMAGE)


ODD = st.text(st.sampled_from("`~\n \\?;A(ūé)ÃÂâ€™中国干于锟斤拷烫貿べ⒁\ue1fb\ufffd\x07\x85鈥锛銆锘，「"), max_size=80)


@given(body=st.text() | ODD, title=st.text() | ODD)
def test_no_text_makes_a_rule_raise_or_point_outside(body, title):
    one = Story("stories/a.md", body, {"title": title, "tags": [title, None, {"a": body}]}, {}, body, 1, METADATA)
    for flaw in found(one).values():
        line, column = flaw.place or (1, 1)
        assert 1 <= line <= body.count("\n") + 1
        assert 1 <= column <= len(body.split("\n")[line - 1]) + 1


METADATA = story("Words.").metadata


@given(ODD)
def test_blanking_code_keeps_every_other_character_in_its_place(body):
    kept = prose(body)
    assert len(kept) == len(body)
    assert all(now in (was, " ") for was, now in zip(body, kept, strict=True))
