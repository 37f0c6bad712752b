"""How newsrooms of one language write what the rules on text look for: marks by language, as one table."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from newsroom_cli.model import Story
from newsroom_cli.rules.registry import RuleContext
from newsroom_cli.rules.text.views import Mark, View
from newsroom_cli.words import HAN

SURNAMES = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖萧蕭田董袁"
    "潘于蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鐘鍾谭譚陆陸汪范金石廖贾賈夏韦韋付方白邹鄒孟熊秦邱江尹薛闫閻"
    "段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴覃武戴莫孔向汤湯庄莊惲恽喬乔尤俞柳葛欧歐施牛齐齊温溫伍詹鲁魯"
    "祝翁季倪殷章童柯梅盛安常康"
)
_NAME = f"[{SURNAMES}][HAN·]{{1,3}}"
_SOME = f"{_NAME}(?:[\\s、，]+(?:(?:通[讯訊][员員]|[记記]者|[实實][习習]生)[\\s:：]*)?{_NAME})*"
_PLACE = "(?:本[报報台网網刊]|[见見][习習]|[实實][习習]|特[约約])*"
_LATIN = (
    r"[^\W\d_a-zа-яё][\w'’.-]*(?: (?:(?:de|del|da|dos|van|von|der|den|la|le|bin|al) )*[^\W\d_a-zа-яё][\w'’.-]*){1,3}"
)
_LATINS = f"{_LATIN}(?:(?:,? (?:and|und|et|y) |, |,? & ){_LATIN})*"
_HOUSES = ("新华", "新華", "中新", "法新", "路透", "美联", "美聯", "塔斯", "中央", "共同")
_LEADS = "|".join(
    (
        *(f"{house}{kind}" for house in _HOUSES for kind in "社网網"),
        *(f"{end}{word}" for end in "网網社报報台端线線日" for word in "讯訊电電"),
    )
)


class Furniture(NamedTuple):
    """A kind of row that belongs to a web page: what it is, how it is known, and whether it states rights.

    One that is `weak` counts only beside another that is not; one at the `top` only among the first rows.
    """

    what: str
    mark: Mark
    rights: bool = False
    weak: bool = False
    top: bool = False


class Profile(NamedTuple):
    """One language's marks; `common` are words, each between spaces, that a long text in it hardly lacks."""

    common: tuple[str, ...] = ()
    days: Mark | None = None
    caption: Mark | None = None
    byline: Mark | None = None
    editor: Mark | None = None
    lead: Mark | None = None
    crumbs: Mark | None = None
    furniture: tuple[Furniture, ...] = ()

    def marks(self, kind: str) -> tuple[Mark, ...]:
        """The marks of a kind: a field's, or `rights` for the furniture that states them."""
        if kind in ("furniture", "rights"):
            return tuple(piece.mark for piece in self.furniture if piece.rights or kind == "furniture")
        found = getattr(self, kind)
        return (found,) if found else ()


def mark(pattern: str, between_bars: str) -> Mark:
    """A mark, with its signs between bars; `HAN` in the pattern stands for Han characters."""
    return Mark(pattern.replace("HAN", HAN), tuple(between_bars.split("|")))


def _days(words: str, tokens: str) -> Mark:
    return mark(rf"(?<![\w-])(?:{words})(?![\w-]|['’][sS])", tokens)


def _rights(phrase: str, token: str) -> Furniture:
    held = rf"^[^>].{{0,100}}(?:©|\([cC]\)|[Cc]opyright|\d{{4}}).{{0,60}}(?:{phrase})\W*$|^[\W_]*(?:{phrase})\W*$"
    return Furniture("a copyright line", mark(held, token), rights=True)


def _lines(what: str, phrases: str, named: str) -> Furniture:
    return Furniture(what, mark(rf"^[*_\s]*(?:{phrases})[.!:]?[*_\s]*$", named))


def _crumbs(here: str, home: str) -> Mark:
    return mark(rf"^[*_\s]*(?:(?:{here})[\s:：].*|(?:{home})\s*[>»›→](?![>=]).*\w\s*)$", f"{here}|{home}")


def _byline(by: str) -> Mark:
    return mark(rf"^[*_\s]*{by}:? ({_LATINS})(?:\s*[,|–—-]\s*[^.]{{1,40}})?[*_\s]*$", f"{by} |{by}: ")


def _editor(words: str) -> Mark:
    return mark(rf"^[*_\s(]*(?:{words})\s*:\s*({_LATINS})[)*_\s]*$", words)


def _caption(words: str) -> Mark:
    return mark(rf"^[\s*_(]*(?:{words})s?\s*:", words)


EVERY = Profile(
    furniture=(
        Furniture(
            "a copyright line",
            mark(
                r"^[*_\s|]*(?:Copyright\s*(?:©|\([cC]\)|&copy;)?|©|\([cC]\)|&copy;)\s*(?:19|20)\d\d\b.{0,100}$",
                "©|&copy;|Copyright|(c)|(C)",
            ),
            rights=True,
        ),
        _rights("All [Rr]ights [Rr]eserved", "ights reserved|ights Reserved"),
    )
)
"""What pages in any language have."""

CHINESE = Profile(
    days=mark("昨天|昨日|今天|今日(?!头条|頭條)|明天", "昨天|昨日|今天|今日|明天"),
    caption=mark(
        r"^[\s*_（(]*(?:图|圖)(?:片|[\d一二三四五])?\s*[:：]|^[\s*_]*[（(][图圖][）)\s:：]",
        "图：|圖：|图:|圖:|\n图|\n圖|（图|（圖|(图|(圖",
    ),
    byline=mark(
        rf"[（(]\s*{_PLACE}[记記]者[\s:：]*({_SOME})(?:\s*[/／]?[摄攝影文图圖报報道導]{{1,4}})?\s*[）)]"
        rf"|(?:^|[\s（(。])本[报報](?:[见見][习習])?[记記]者[\s:：]+({_SOME})(?=[\s）)，]|$)"
        rf"|[记記]者[\s:：]*({_NAME}?)\s*[/／]?\s*[摄攝]影?\s*[）)。]?$"
        rf"|^[\s*_]*{_PLACE}[记記]者[\s:：]*({_SOME})[\s*_]*$",
        "记者|記者",
    ),
    editor=mark(
        rf"(?:^|[\s（(\[【*_|])(?:[责責](?:任)?[编編][辑輯]?|[编編][辑輯])\s*[:：]\s*({_NAME})(?=[\s）)\]】/|、*_]|$)",
        "责编|責編|编辑|編輯",
    ),
    lead=mark(
        r"^[\s（(【\[]*[据據]?((?:新[华華]|中新|法新|路透|美[联聯]|塔斯|中央|[共]同)(?:社|网|網))(?:[HAN]{2,5})?"
        r"(?:\d{1,2}月)?(?:\d{1,2}日)?[电電讯訊](?![HAN])"
        r"|^[\s（(【\[]*([HAN]{1,11}?(?:[网網社报報台]|客[户戶]端|在[线線]))(?:[HAN]{0,6}(?:\d{1,2}月)\d{1,2}日)?"
        r"[讯訊电電](?=[记記通]|[^HAN]|$)",
        _LEADS,
    ),
    crumbs=mark(
        r"^[\s*_]*(?:[您你]?(?:[当當]前|[现現]在|目前)(?:的|所在)*位置|[您你](?:的|所在)+位置)\s*[:：>＞»›].*"
        r"|^[\s*_]*首[页頁]\s*[>＞»›].*",
        "位置|首页|首頁",
    ),
    furniture=(
        Furniture("a weather box", mark(r"^[\s*_]*[HAN]{0,6}天[气氣]\s*[:：]\s*$", "天气|天氣")),
        Furniture(
            "a hotline",
            mark(
                r"(?:[报報]料|爆料|新[闻聞]|[读讀]者)(?:[热熱][线線]|[电電][话話])\s*[:：]?\s*[\d(（+]",
                "热线|熱線|爆料|报料|報料",
            ),
        ),
        Furniture(
            "a number of the page's registration",
            mark(r"(?:[HAN])?ICP\s?[备備证證](?:字第)?\s?\d{6,}", "ICP备|ICP備|ICP证|ICP證|ICP 备"),
            rights=True,
        ),
        Furniture(
            "a number of the page's registration",
            mark(r"[HAN]?公[网網]安[备備]\s*\d{8,}", "网安备|網安備"),
            rights=True,
        ),
        Furniture(
            "a licence of the page",
            mark(
                r"(?:信息服[务務]|[视視][听聽][节節]目|出版服[务務]|[电電]信[业業][务務][经經][营營]|制作[经經][营營])"
                r"[HAN]{0,6}[许許]可[证證](?:[编編]?[号號])?\s*[:：]?[^\s，。；]{0,12}\d{4}",
                "许可证|許可證",
            ),
            rights=True,
        ),
        Furniture(
            "a copyright line",
            mark(
                r"(?:^|[\s|©\d:：])版[权權][所][有](?![者人方的权權，。]).{0,60}$|^[\s|©\d]*版[权權]所有[，\s]*[侵翻不]",
                "版权所有|版權所有",
            ),
            rights=True,
        ),
        Furniture(
            "a copyright line",
            mark(
                r"^.{0,40}(?:本[网網站报報]|版[权權]).{0,30}未[经經].{0,12}不得.{0,6}(?:[转轉][载載]|[复複][制製])",
                "转载|轉載",
            ),
            rights=True,
        ),
        Furniture(
            "a button of the page",
            mark(
                r"^[\s【\[|]*(?:分享[到至]|打印本[页頁文]|[关關][闭閉]窗口|我要[纠糾][错錯]|[扫掃]一[扫掃]分享)[^，。]{0,20}$",
                "分享到|分享至|打印本|关闭窗口|關閉窗口|我要纠错|我要糾錯|扫一扫分享|掃一掃分享",
            ),
        ),
        Furniture(
            "a telephone line",
            mark(
                r"(?:[联聯][系繫]|[咨諮][询詢]|服[务務]|[举舉][报報]|[监監]督)(?:[电電][话話]|[热熱][线線])\s*[:：]\s*[\d(（+]",
                "电话|電話|热线|熱線",
            ),
            weak=True,
        ),
    ),
)

ENGLISH = Profile(
    common=(" the ", " of ", " and ", " is "),
    days=mark(r"(?<![\w-])(?<!USA )(?:[Yy]esterday|[Tt]oday|[Tt]omorrow)(?![\w-]|['’][sS])", "oday|esterday|omorrow"),
    caption=mark(r"^[\s*_(]*(?:Photo|Caption)(?: credit| by)?\s*:", "Photo|Caption"),
    byline=_byline("By"),
    editor=mark(
        rf"^[*_\s(]*(?:Editors?\s*:|Edited by)\s*({_LATINS})[)*_\s.]*$|[(;]\s*[Ee]diting by ({_LATINS})",
        "Editor|Edited by|diting by",
    ),
    lead=mark(
        r"^(?:[A-Z][\w .,'’/-]{1,60})?\((Reuters|AP|AFP|UPI|dpa|DPA|EFE|ANSA|TASS|Xinhua|PTI|Kyodo|Yonhap)\)"
        r"\s*(?:[—–-]|$)"
        r"|^[A-Z][A-Z .,'’-]{2,40}(?:, [A-Z][\w.]+ \d{1,2})? \(([A-Z][\w .]{1,30})\)\s*[—–-]",
        ") —|) –|) -|)--",
    ),
    crumbs=_crumbs("You are here|You're here", "Home"),
    furniture=(
        Furniture("a weather box", mark(r"^[*_\s]*(?:\w+ )?[Ww]eather\s*:\s*$", "eather:|eather :")),
        Furniture(
            "a hotline",
            mark(
                r"^[*_\s]*(?:(?:News|Newsroom|Tips?) )?(?:[Hh]otline|[Tt]ip line|desk)\s*:\s*\+?[\d() -]{6,}",
                "otline|ip line|desk:|desk :",
            ),
        ),
        _lines(
            "a button of the page",
            r"Share this(?: (?:article|story|page|post))?|Share on (?:Facebook|Twitter|X|LinkedIn|WhatsApp|Weibo)"
            r"|Print (?:this (?:page|article|story)|version)|E-?mail this (?:page|article|story)"
            r"|Skip to (?:main )?content"
            r"|Back to top|Subscribe(?: now| to our (?:\w+ ){0,2}newsletters?)"
            r"|Sign up for our (?:\w+ ){0,3}newsletters?",
            "Share this|Share on|Print |Email this|E-mail this|Skip to|Back to top|Subscribe|Sign up",
        ),
        Furniture(
            "a telephone line",
            mark(r"^[*_\s]*(?:Tel|Phone|Telephone|Fax|Contact)\.?\s*:\s*\+?[\d() -]{6,}", "Tel|Phone|Fax|Contact"),
            weak=True,
        ),
    ),
)

GERMAN = Profile(
    common=(" der ", " die ", " und ", " das "),
    days=_days("[Gg]estern|[Hh]eute", "gestern|Gestern|heute|Heute"),
    caption=_caption("Foto|Bild"),
    byline=_byline("Von"),
    editor=_editor("Redaktion|Redakteur|Redakteurin"),
    crumbs=_crumbs("Sie sind hier", "Startseite|Home"),
    furniture=(
        _rights("Alle Rechte vorbehalten", "Rechte vorbehalten"),
        _lines(
            "a button of the page",
            "Artikel (?:teilen|drucken)|Teilen|Drucken|Newsletter abonnieren",
            "Artikel |Teilen|Drucken|Newsletter",
        ),
    ),
)

FRENCH = Profile(
    common=(" de ", " la ", " les ", " et "),
    days=_days("[Hh]ier|[Aa]ujourd['’]hui|[Dd]emain", " hier|Hier|ujourd|emain"),
    caption=_caption("Photo|Légende"),
    byline=_byline("Par"),
    editor=_editor("Rédacteur en chef|Édition"),
    crumbs=_crumbs("Vous êtes ici", "Accueil"),
    furniture=(
        _rights("[Tt]ous droits réservés", "ous droits"),
        _lines("a button of the page", "Partager(?: cet article)?|Imprimer(?: cet article)?", "Partager|Imprimer"),
    ),
)

SPANISH = Profile(
    common=(" de ", " la ", " el ", " que "),
    days=_days("[Aa]yer|[Hh]oy|(?<!la )[Mm]añana", " ayer|Ayer| hoy|Hoy|añana"),
    caption=_caption("Foto|Imagen"),
    byline=_byline("Por"),
    editor=_editor("Editor|Editora|Edición"),
    crumbs=_crumbs("Usted está aquí|Estás aquí", "Inicio|Portada"),
    furniture=(
        _rights("[Tt]odos los derechos reservados", "os derechos"),
        _lines("a button of the page", "Compartir(?: en \\w+)?|Imprimir", "Compartir|Imprimir"),
    ),
)

RUSSIAN = Profile(
    days=_days("[Вв]чера|[Сс]егодня|[Зз]автра", "чера|егодня|автра"),
    caption=mark(r"^[\s*_(]*Фото\s*:", "Фото"),
    editor=_editor("Редактор"),
    crumbs=_crumbs("Вы здесь", "Главная"),
    furniture=(
        _rights("Все права защищены", "права защищ"),
        _lines("a button of the page", "Поделиться|Версия для печати", "Поделиться|Версия"),
    ),
)

UKRAINIAN = Profile(
    days=_days("[Вв]чора|[Уу]чора|[Сс]ьогодні|[Зз]автра", "чора|ьогодні|автра"),
    caption=mark(r"^[\s*_(]*Фото\s*:", "Фото"),
    editor=_editor("Редактор|Редакторка|Редактора|Редакторк"),
    crumbs=_crumbs("Ви тут", "Головна"),
    furniture=(
        _rights("[УуВв]сі права захищен[іо]", "права захищ"),
        _lines("a button of the page", "Поділитися|Версія для друку", "Поділитися|Версія"),
    ),
)

PROFILES = {
    "zh": CHINESE,
    "en": ENGLISH,
    "de": GERMAN,
    "fr": FRENCH,
    "es": SPANISH,
    "ru": RUSSIAN,
    "uk": UKRAINIAN,
}
"""Profiles by a language's primary subtag."""


def language(story: Story, context: RuleContext) -> str:
    """The tag a story says it is written in, the newsroom's where it says none."""
    return (story.metadata.lang or "").strip() or context.settings.language


def of(seen: View, tag: str) -> tuple[Profile, ...]:
    """The profiles a body under a language tag is read by: any language's, its own, Chinese where there is Han."""
    return _of(tag, seen.has_han)


@cache
def _of(tag: str, has_han: bool) -> tuple[Profile, ...]:
    primary = tag.partition("-")[0].lower()
    named = [EVERY, PROFILES[primary]] if primary in PROFILES else [EVERY]
    return (*named, CHINESE) if has_han and primary != "zh" else tuple(named)


def signs_of(*kinds: str) -> frozenset[str]:
    """The signs of some kinds of marks, in every language."""
    profiles = (EVERY, *PROFILES.values())
    return frozenset(sign for each in profiles for kind in kinds for mark in each.marks(kind) for sign in mark.signs)
