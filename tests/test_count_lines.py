"""Lines of code are counted without blank lines, comments and docstrings."""

from __future__ import annotations

from count_lines import PACKAGE, code_lines, count_rooms


def test_blank_lines_comments_and_docstrings_are_no_code():
    source = '"""Of a module,\n\non three lines."""\n\n# why\nLIMIT = 3  # why\n"""Of a constant."""\n\n\ndef add():\n    """Of a function."""\n    return 1\n'
    assert code_lines(source) == 3


def test_text_of_several_lines_that_is_a_value_is_code():
    assert code_lines('HELP = """\n\nfirst\n"""\nsecond(\n    HELP\n)\n') == 7


def test_rooms_are_folders_and_modules_of_the_package():
    rooms = count_rooms(PACKAGE)
    assert rooms["rules"] > 100
    assert rooms["__main__"] < 100
    assert "" not in rooms
