"""What a word is, for counting."""

from __future__ import annotations

import pytest

from newsroom_cli.story.words import words_of


@pytest.mark.parametrize(
    "text, words",
    [
        ("", []),
        ("   \n\t", []),
        ("Council passes budget.", ["Council", "passes", "budget"]),
        ("the 2027 budget", ["the", "2027", "budget"]),
        ("Привет, мир!", ["Привет", "мир"]),
        ("café naïve", ["café", "naïve"]),
        ("武进区", ["武", "进", "区"]),
        ("武进GDP增长5%", ["武", "进", "GDP", "增", "长", "5"]),
        ("カタカナ", ["カ", "タ", "カ", "ナ"]),
        ("𠀀𠀁", ["𠀀", "𠀁"]),
        ("한국 뉴스", ["한국", "뉴스"]),
        ("— … “ ” 。，", []),
    ],
)
def test_words_are_runs_of_letters_and_single_han_characters(text, words):
    assert words_of(text) == words


def test_changing_one_han_character_changes_one_word():
    one, other = words_of("财政局公布预算"), words_of("财政厅公布预算")
    assert len(one) == len(other)
    assert sum(a != b for a, b in zip(one, other, strict=True)) == 1
