"""Rules on damaged text: what crawling, converting and reading with the wrong encoding leave behind."""

from __future__ import annotations

from newsroom_cli.rules.damage.conversion import converted_variants, half_width_punctuation, pinyin_gloss
from newsroom_cli.rules.damage.encoding import cjk_as_latin1, gbk_shift, utf8_as_gbk, wrong_cjk_codec
from newsroom_cli.rules.damage.marks import (
    control_character_in_text,
    damaged_literal,
    private_use_character,
    replacement_character,
    western_mojibake,
)

DAMAGE = (
    replacement_character,
    control_character_in_text,
    private_use_character,
    damaged_literal,
    pinyin_gloss,
    gbk_shift,
    utf8_as_gbk,
    cjk_as_latin1,
    wrong_cjk_codec,
    half_width_punctuation,
    converted_variants,
    western_mojibake,
)
"""Every rule on damaged text, in the order they are documented."""

__all__ = ["DAMAGE"]
