"""The rule on `lang`: which language tags there are, and what was meant by those there are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from newsroom_cli.model import Severity, Story
from newsroom_cli.rules.registry import RuleContext, Violation, rule

_LANG = re.compile(
    r"""[a-z]{2,3}(-[a-z]{3}){0,3}      # language, and extended
        (-[a-z]{4})?                    # script
        (-([a-z]{2}|[0-9]{3}))?         # region
        (-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*
        (-[0-9a-wyz](-[a-z0-9]{2,8})+)*
        (-x(-[a-z0-9]{1,8})+)?
      | [xi](-[a-z0-9]{1,8})+""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""A tag by its shape (RFC 5646, section 2.1): variants, extensions and private use come last."""

_TWO_LETTERS = frozenset(
    (
        "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee"
        " el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io"
        " is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk"
        " ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc"
        " sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve"
        " vi vo wa wo xh yi yo za zh zu"
    ).split()
)
"""Every language of two letters in IANA's registry of subtags; a new one there has three (RFC 5646, section 2.2.1)."""

_NAMES = {
    "ar": ("ara", "arabic"),
    "be": ("by", "belarusian"),
    "cs": ("cz", "czech"),
    "da": ("dk", "danish"),
    "de": ("deu", "ger", "german", "deutsch"),
    "el": ("gr", "greek"),
    "en": ("eng", "english"),
    "en-GB": ("gb",),
    "en-US": ("us",),
    "es": ("spa", "spanish", "español"),
    "fa": ("ir", "persian", "farsi"),
    "fi": ("finnish",),
    "fr": ("fra", "fre", "french", "français"),
    "he": ("il", "hebrew"),
    "hi": ("hin", "hindi"),
    "it": ("ita", "italian", "italiano"),
    "ja": ("jp", "jpn", "japanese", "日本語"),
    "ko": ("kor", "korean", "한국어"),
    "nl": ("nld", "dut", "dutch"),
    "no": ("norwegian",),
    "pl": ("pol", "polish"),
    "pt": ("por", "portuguese", "português"),
    "ru": ("rus", "russian", "русский"),
    "sv": ("swedish",),
    "tr": ("tur", "turkish"),
    "uk": ("ua", "ukr", "ukrainian", "українська"),
    "vi": ("vn", "vietnamese"),
    "zh": ("cn", "zho", "chi", "chinese", "中文"),
    "zh-Hans": ("简体中文", "simplified chinese"),
    "zh-Hant": ("繁體中文", "traditional chinese"),
}
_MEANT = {name: tag for tag, names in _NAMES.items() for name in names}
"""The tag that people mean by a country, a code of three letters where there is one of two, or a language's name."""


@rule("lang-unknown", Severity.ERROR)
def lang_unknown(story: Story, _: RuleContext) -> Iterator[Violation]:
    """The language is a tag as BCP 47 has it: en, zh-Hant, pt-BR.

    Of two letters only those in IANA's registry pass; longer ones pass by their shape, but for a code of three
    letters where there is one of two.
    """
    lang = story.metadata.lang
    if lang and lang.strip() and not _is_tag(lang):
        meant = _meant(lang)
        form = "Write it as in en, zh-Hans or pt-BR (BCP 47)."
        yield Violation("lang", f"{lang} is not a language tag.", f"Did you mean {meant}?" if meant else form)


@lru_cache(256)
def _is_tag(lang: str) -> bool:
    if not _LANG.fullmatch(lang):
        return False
    language, *rest = lang.lower().split("-")
    if "uk" in rest[:2]:
        return False  # the United Kingdom is GB
    return language in _TWO_LETTERS if len(language) == 2 else language not in _MEANT  # noqa: PLR2004  ISO 639-1


def _meant(lang: str) -> str:
    """The tag that was probably meant; empty when there is none near."""
    language, *rest = re.split(r"[-_ ]+", lang.strip())
    if whole := _MEANT.get(lang.strip().casefold()):
        return whole
    language = _MEANT.get(language.casefold(), language.lower())
    tag = "-".join([language, *(_write_subtag(part) for part in rest)])
    return tag if _is_tag(tag) else ""


def _write_subtag(subtag: str) -> str:
    """A subtag as RFC 5646, section 2.1.1 writes it: regions in capitals, scripts with one."""
    cased = {2: subtag.upper(), 4: subtag.title()}.get(len(subtag), subtag.lower())
    return "GB" if cased == "UK" else cased
