"""Rules on damaged text: what crawling, converting and reading with the wrong encoding leave behind."""

from __future__ import annotations

from newsroom_cli.rules.damage import conversion, encoding, marks

DAMAGE = (
    marks.replacement_character,
    marks.control_character_in_text,
    marks.private_use_character,
    marks.damaged_literal,
    conversion.pinyin_gloss,
    encoding.gbk_shift,
    encoding.utf8_as_gbk,
    encoding.cjk_as_latin1,
    encoding.wrong_cjk_codec,
    conversion.half_width_punctuation,
    conversion.converted_variants,
    marks.western_mojibake,
)
"""Every rule on damaged text, in the order they are documented."""
