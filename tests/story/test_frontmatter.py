"""Text <-> story: what is read, what is refused and how, what an edit changes, and the content hash."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import PATH, front, read, the_one

from newsroom_cli.errors import Unreadable
from newsroom_cli.model import DESK_KEYS, RECORD_KEYS, Finding, Severity, Story
from newsroom_cli.story.frontmatter import content_hash, edit, with_fields
from newsroom_cli.story.frontmatter import read_story as read_bytes
from newsroom_cli.story.frontmatter.encodings import common_han


def refused(content: str | bytes) -> Finding:
    """The one finding of a file that cannot be read."""
    with pytest.raises(Unreadable) as caught:
        read(content)
    finding = the_one(caught.value.findings)
    assert finding.severity is Severity.ERROR
    assert finding.path == PATH
    assert finding.message.endswith(".")
    assert finding.hint
    return finding


# Reading: what a story holds


def places_in(story):
    return {key: story.place(key) for key in story.offsets}


def test_a_story_is_its_fields_their_places_and_its_body():
    story = read("---\ntitle: A\ntags: [a, b]\n\nmore:\n  deep: x\n---\n\n  Indented.\n")
    assert story.fields == {"title": "A", "tags": ["a", "b"], "more": {"deep": "x"}}
    assert places_in(story) == {"title": (2, 1), "tags": (3, 1), "more": (5, 1)}
    assert story.body == "\n  Indented.\n"
    assert story.body_line == 8
    assert story.slug == "council-budget"


@pytest.mark.parametrize(
    "line, value",
    [
        ("lang: no", "no"),
        ("time: 12:30", "12:30"),
        ("time: 12:30:00", "12:30:00"),
        ("code: 0123", "0123"),
        ("size: 1.10", "1.10"),
        ("big: 1_000", "1_000"),
        ("hex: 0x1F", "0x1F"),
        ("day: 2026-11-23", "2026-11-23"),
        ("at: 2014-06-30 10:00:00 -0400", "2014-06-30 10:00:00 -0400"),
        ("at: 2025-14-07", "2025-14-07"),
        ("yes: true", "true"),
        ("off: off", "off"),
        ("inf: .inf", ".inf"),
        ("a: 'it''s'", "it's"),
        ('a: "one\\ttwo"', "one\ttwo"),
        ('a: "\\u6b66"', "武"),
        ("a: b#c", "b#c"),
        ("a: b # c", "b"),
        ("a: http://gazette.example/x", "http://gazette.example/x"),
        ("a: Null", "Null"),
        ("a: NULL", "NULL"),
        ('a: "null"', "null"),
        ("a: '~'", "~"),
        ('a: ""', ""),
        ("a: []", []),
        ("a: {}", {}),
        ("a: [x, ~, null]", ["x", None, None]),
        ("a: {b: , c: ~}", {"b": None, "c": None}),
        ("a:", None),
        ("a: ~", None),
        ("a: null", None),
        ("a: 😀 武", "😀 武"),
        ('a: "x\u2028y"', "x\u2028y"),
        ("a: one\n  two", "one two"),
        ("a: |\n  one\n  two", "one\ntwo\n"),
        ("a: >-\n  one\n  two", "one two"),
        ("a: |\n  one\n  ---\n  two", "one\n---\ntwo\n"),
        ("a:\n- x\n-\n- z: y", ["x", None, {"z": "y"}]),
        ("a:\tb", "b"),
    ],
)
def test_every_scalar_is_the_text_that_was_typed(line, value):
    story = front(line)
    assert list(story.fields.values()) == [value]


@pytest.mark.parametrize(
    "key",
    ["content", "handler", "metadata", "text", "no", "on", "2024", "1.5", "true", "=", "fm", "self", "标题"],
)
def test_a_key_may_have_any_name(key):
    assert front("title: A", f"{key}: b").fields == {"title": "A", key: "b"}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n",
        "One.\n",
        "One.",
        "  indented\n",
        "\n\n\nLate.\n",
        "One.\n\n---\n\nTwo.\n",
        "---\n",
        "...\n",
        "a: b\n---\n",
    ],
)
def test_a_body_is_kept_to_the_last_character(body):
    story = read(f"---\ntitle: A\n---\n{body}")
    assert (story.fields, story.body) == ({"title": "A"}, body)


def test_an_empty_body_may_lack_even_the_newline_behind_the_fence():
    story = read("---\ntitle: A\n---")
    assert (story.fields, story.body) == ({"title": "A"}, "")


@pytest.mark.parametrize("text", ["---\n---\n", "---\n\n---\n", "---\n# nothing yet\n---\n", "---\r\n---\r\n"])
def test_empty_front_matter_is_a_story_without_keys(text):
    assert read(text).fields == {}


def test_crlf_is_read_as_lf_in_values_and_kept_in_the_body():
    story = read("---\r\ntitle: A\r\nlead: |\r\n  one\r\n  two\r\n---\r\nBody.\r\n")
    assert story.fields == {"title": "A", "lead": "one\ntwo\n"}
    assert story.body == "Body.\r\n"
    assert places_in(story) == {"title": (2, 1), "lead": (3, 1)}


@pytest.mark.parametrize("before", ["a: 😀😀", 'a: "x\u2028y"', 'a: "x\u2029y"', "a: 𠀀"])
def test_characters_beyond_the_bmp_and_separators_do_not_shift_lines(before):
    assert front(before, "title: A").place("title") == (3, 1)


def test_nesting_as_deep_as_a_newsroom_needs_is_read():
    assert front("a: {b: [{c: [{d: e}]}]}").fields == {"a": {"b": [{"c": [{"d": "e"}]}]}}


# Reading: what is refused


@pytest.mark.parametrize(
    "content, rule, line, column",
    [
        ("", "front-matter-missing", 1, 1),
        ("Just words.\n", "front-matter-missing", 1, 1),
        ("\n---\ntitle: A\n---\n", "front-matter-missing", 1, 1),
        ("--- \ntitle: A\n---\n", "front-matter-missing", 1, 1),
        ("----\ntitle: A\n----\n", "front-matter-missing", 1, 1),
        ("---\ntitle: A\n----\nBody.\n", "front-matter-unclosed", 3, 1),
        ("---\ntitle: A\n—\nBody.\n", "front-matter-unclosed", 3, 1),
        ("+++\ntitle = 'A'\n+++\n", "front-matter-missing", 1, 1),
        ('{"title": "A"}\n', "front-matter-missing", 1, 1),
        ("---", "front-matter-unclosed", 1, 1),
        ("---\n", "front-matter-unclosed", 1, 1),
        ("---\ntitle: A\n", "front-matter-unclosed", 1, 1),
        ("---\ntitle: A\n--- \nBody.\n", "front-matter-unclosed", 3, 1),
        ("---\ntitle: A\n  ---\nBody.\n", "front-matter-unclosed", 3, 1),
        ("---\ntitle: A\n...\nBody.\n", "front-matter-unclosed", 3, 1),
        (b"\xef\xbb\xbf---\ntitle: A\n---\n", "byte-order-mark", 1, 1),
        ("---\rtitle: A\r---\rBody\r", "line-ends", 1, 4),
        ("---\ntitle: A\rslug: b\n---\n", "line-ends", 2, 9),
        (b"---\ntitle: A\0\n---\n", "nul-byte", 2, 9),
        (b"---\ntitle: A\n---\nBo\0dy\n", "nul-byte", 4, 3),
        (b"---\ntitle: A\n---\n\xc3\xa9\0\n", "nul-byte", 4, 2),
        (b"---\ntitle: \0A\n---\n\xe9\n", "nul-byte", 2, 8),
        (b"---\ntitle: \xe9A\n---\n\0\n", "not-utf-8", 2, 8),
        ("---\ntitle: A\n---\n".encode("utf-16"), "not-utf-8", 1, 1),
        ("---\ntitle: A\n---\n".encode("utf-16-le"), "not-utf-8", 1, 2),
        ("---\ntitle: 武进\n---\n".encode("gbk"), "not-utf-8", 2, 8),
        (b"---\ntitle: A\n---\n\xc3\xa9 \xe9\n", "not-utf-8", 4, 3),
        (b"---\ntitle: \xed\xa0\x80\n---\n", "not-utf-8", 2, 8),
        (b"---\ntitle: A\n---\n\xe4\xb8", "not-utf-8", 4, 1),
        ("---\n- a\n- b: c\n---\n", "front-matter-not-keys", 2, 1),
        ("---\n[a, b]\n---\n", "front-matter-not-keys", 2, 1),
        ("---\ntitle: A\nslug: b\ntitle: B\n---\n", "duplicate-key", 4, 1),
        ('---\ntitle: A\n"title": B\n---\n', "duplicate-key", 3, 1),
        ("---\na:\n  b: 1\n  b: 2\n---\n", "duplicate-key", 4, 3),
        ("---\na: {b: 1, b: 2}\n---\n", "duplicate-key", 2, 11),
        ("---\na: &x 1\nb: 2\n---\n", "yaml-alias", 2, 4),
        ("---\na: 1\nb: *x\n---\n", "yaml-alias", 3, 4),
        ("---\na: [b, *x]\n---\n", "yaml-alias", 2, 8),
        ("---\na: !!binary aGk=\n---\n", "yaml-tag", 2, 4),
        ("---\na: !!set {x, y}\n---\n", "yaml-tag", 2, 4),
        ('---\na: !!int "0x1F"\n---\n', "yaml-tag", 2, 4),
        ("---\na: !!python/object:os.system x\n---\n", "yaml-tag", 2, 4),
        ("---\na: !important\n---\n", "yaml-tag", 2, 4),
        ("---\n!!map\na: b\n---\n", "yaml-tag", 2, 1),
        ("---\na: b\n<<<<<<< HEAD\nc: d\n=======\nc: e\n>>>>>>> theirs\n---\n", "conflict-marker", 3, 1),
        ("---\r\na: b\r\n<<<<<<< HEAD\r\n=======\r\n>>>>>>> theirs\r\n---\r\n", "conflict-marker", 3, 1),
        ("---\na: b\n||||||| merged common ancestors\n---\n", "conflict-marker", 3, 1),
        ("---\na: b\n=======\nc: e\n---\n", "conflict-marker", 3, 1),
        ("<<<<<<< HEAD\n---\na: b\n=======\n>>>>>>> theirs\n---\n", "conflict-marker", 1, 1),
        ("---\na: b\n<<<<<<< HEAD\nc: d\n=======\n>>>>>>> theirs\n", "conflict-marker", 3, 1),
        ("---\na: b\x07c\n---\n", "control-character", 2, 5),
        ("---\na: b\x0bc\n---\n", "control-character", 2, 5),
        ("---\na: b\x7fc\n---\n", "control-character", 2, 5),
        ("---\na: b\x1b[31m\n---\n", "control-character", 2, 5),
        ("---\na: b\u202ec\n---\n", "control-character", 2, 5),
        ("---\na: b\ufeffc\n---\n", "control-character", 2, 5),
        ('---\na: "b\\ac"\n---\n', "control-character", 2, 4),
        ('---\na: "b\\0c"\n---\n', "control-character", 2, 4),
        ('---\na: "b\\u202ec"\n---\n', "control-character", 2, 4),
    ],
)
def test_what_cannot_be_read_is_one_finding_at_its_place(content, rule, line, column):
    finding = refused(content)
    assert (finding.rule, finding.line, finding.column) == (rule, line, column)


@pytest.mark.parametrize(
    "text, place, message, hint",
    [
        # a colon in a value
        ("title: A: the sequel", (2, 9), "colon and a space", "in quotes"),
        ("slug: b\ntitle: A: the sequel\nlang: en", (3, 9), "colon and a space", "in quotes"),
        ("title: “A: the sequel”", (2, 10), "colon and a space", "curly ones do not count"),
        ("images:\n  - alt: A: b", (3, 11), "colon and a space", "in quotes"),
        ("title: A\n  lang: en", (3, 3), "indented", "where the keys above begin"),
        # quotes
        ('title: "He said "no" to it"', (2, 17), "ends it early", "with ' instead"),
        ("title: 'it's over'", (2, 11), "ends it early", 'with " instead'),
        ('title: "It\'s "no""', (2, 14), "ends it early", 'as \\"'),
        ("title: 'it''s 'no' \"x\"'", (2, 15), "ends it early", "twice"),
        ('title: "“A 2": b"', (2, 13), "ends it early", "instead"),
        ('tags:\n  - "A" b', (3, 7), "ends it early", "instead"),
        ('title: "one\n  two "three" four"', (3, 7), "ends it early", "instead"),
        ('a: "never closed\nb: c', (2, 4), "never closed", 'Add "'),
        ('slug: b\na: "never closed\nb: c\nd: "e"\nf: g', (3, 4), "never closed", 'Add "'),
        ("a: 'never closed\nb: it's", (2, 4), "never closed", "Add '"),
        ('a: b\n"c\nd: e', (3, 1), "never closed", 'Add "'),
        ('a: "C:\\docs"', (2, 7), "backslash", "Double"),
        ('a: "\\ud800"', (2, 5), "backslash", "Double"),
        ('a: "\\U00110000"', (2, 5), "backslash", "Double"),
        # a sign at the beginning
        ("title: *stars* here", (2, 8), "begins with *", "in quotes"),
        ("title: @gazette", (2, 8), "begins with @", "in quotes"),
        ("title: %complete", (2, 8), "begins with %", "in quotes"),
        ("title: `code`", (2, 8), "begins with `", "in quotes"),
        ("title: & more", (2, 8), "begins with &", "in quotes"),
        ("tags:\n  - @gazette", (3, 5), "begins with @", "in quotes"),
        ("tags:\n  - *bold*: x", (3, 5), "begins with *", "in quotes"),
        ("title: [one](two)", (2, 8), "begins with [", "in quotes"),
        ("title: {{ page.title }}/x", (2, 8), "begins with {", "in quotes"),
        ("title: {{ page.title }}", (2, 8), "begins with {", "in quotes"),
        ("title: >50 feared lost", (2, 8), "begins with >", "in quotes"),
        ("title: - a dash", (2, 8), "begins with -", "in quotes"),
        # a key without its colon
        ("slug: b\ntitle the budget\nlang: en", (3, 1), "no colon", "key: value"),
        ("slug: b\ntitle\nlang: en", (3, 1), "no colon", "key: value"),
        ("title the budget\nlang: en", (2, 1), "no colon", "key: value"),
        ("slug: b\nlead: one\ntwo\nthree\nlang: en", (4, 1), "no colon", "indent it"),
        ("slug: b\ntitle：预算\nlang: zh", (3, 6), "full-width", "plain colon"),
        ("title：预算\nlang: zh", (2, 6), "full-width", "plain colon"),
        ("title：预算：再议\nlang: zh", (2, 6), "full-width", "plain colon"),
        ("lang: zh\ntitle：预算", (3, 6), "full-width", "plain colon"),
        ("slug: b\ntitle:Budget\nlang: en", (3, 6), "no space", "key: value"),
        ("title:Budget\nlang: en", (2, 6), "no space", "key: value"),
        ("tags:\n  - a\n  -b\nlang: en", (4, 3), "no space", "- item"),
        # lists, columns, marks
        ("tags: [a, b\nlang: en", (2, 7), "never closed by ]", "Add ]"),
        ("a: {b: c", (2, 4), "never closed by }", "Add }"),
        ("tags: [a,\n  {b: c} d,\n  e]\nlang: en", (3, 10), "breaks here", "comma"),
        ("slug: b\n tags:\n  - a", (3, 2), "indented", "where the keys above begin"),
        ("tags:\n  - a\n lang: en", (4, 2), "another column", "where the keys or items above begin"),
        ("slug: b\n- a", (3, 1), "under no key", "tags:"),
        ("tags:\n\t- a", (3, 1), "tab", "spaces"),
        ("a:\n  b: c\n\td: e", (4, 1), "tab", "spaces"),
        ("title: A\n...\nmore: b", (3, 1), "`...`", "Take the line out"),
        ("a: b\n--- \nc: d", (3, 1), "second document", "exactly `---`"),
        ("a: b\n--- c\n", (3, 1), "", ""),
        ("just words", (2, 1), "no colon", ""),
        ('"quoted words"', (2, 1), "no colon", ""),
        ("? [a]\n: b", (2, 3), "stands as a key", ""),
        ("~: b", (2, 1), "no name", "name"),
        ("%TAG ! x", (3, 1), "", ""),
        ("a: b\x85c\nd: e", None, "", ""),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_yaml_that_breaks_is_explained_at_the_place_to_mend(text, place, message, hint, newline):
    finding = refused(f"---\n{text}\n---\nBody.\n".replace("\n", newline))
    assert finding.rule == "yaml-syntax"
    assert message in finding.message
    assert hint in finding.hint
    if place is not None:
        assert (finding.line, finding.column) == place


SOUND = (
    "title: Council passes the budget",
    "slug: council-budget",
    'description: "Taxes stay flat: two libraries reopen."',
    "tags: [a, b]",
    "images:\n  - src: a.png\n    alt: 'A chart'",
    'lead: |\n  One: two\n  three "four"',
    "# a note: with a colon",
    "reporter: Ana <ana@gazette.example>",
)
BREAKAGES = (
    ("why: one: two", "colon and a space"),
    ('why: "one "two" three"', "ends it early"),
    ("why: 'it's'", "ends it early"),
    ('why: "open', "never closed"),
    ("why: @one", "begins with @"),
    ("why: `one`", "begins with `"),
    ("why one", "no colon"),
    ("why：one", "full-width"),
    ("why:one", "no space"),
    ("why: [one", "never closed"),
)


@given(st.permutations(SOUND), st.integers(0, len(SOUND)), st.sampled_from(BREAKAGES))
def test_a_breakage_is_found_in_its_own_line_wherever_it_stands(sound, number, breakage):
    line, message = breakage
    lines = [*sound[:number], line, *sound[number:]]
    finding = refused("---\n" + "\n".join(lines) + "\n---\nBody.\n")
    assert finding.line == 2 + sum(one.count("\n") + 1 for one in sound[:number])
    assert message in finding.message


@pytest.mark.parametrize(
    "value",
    ["[" * 20_000 + "]" * 20_000, "{a: " * 300 + "x" + "}" * 300, "[{a: " * 100 + "x" + "}]" * 100, "[" * 20_000],
)
def test_deep_nesting_is_a_finding_never_a_recursion_error(value):
    finding = refused(f"---\na: {value}\n---\n")
    assert (finding.rule, finding.line) == ("yaml-syntax", 2)


def test_block_sequences_nested_deeply_are_a_finding():
    assert refused("---\na:\n" + "- " * 5_000 + "x\n---\n").rule == "yaml-syntax"


def test_anchors_cannot_be_expanded_without_end():
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    assert refused("---\n" + "\n".join(lines) + "\n---\n").rule == "yaml-alias"


def test_toml_front_matter_is_named_in_the_hint():
    assert "TOML" in refused("+++\ntitle = 'A'\n+++\n").hint


@pytest.mark.parametrize(
    "text, words",
    [
        ("--- \ntitle: A\n---\n", "no space"),
        ("\n\n---\ntitle: A\n---\n", "nothing above it"),
        ("-----\ntitle: A\n-----\n", "three hyphens"),
        ("———\ntitle: A\n———\n", "three hyphens"),
        ('{\n  "title": "A"\n}\n', "JSON"),
        ("Just words.\n", "above and below the keys"),
        ("---\ntitle: A\n----\nBody.\n", "three plain hyphens"),
        ("---\ntitle: A\nBody.\n", "behind the last key"),
    ],
)
def test_the_hint_on_a_fence_says_what_is_wrong_with_it(text, words):
    assert words in refused(text).hint


def test_an_unreadable_byte_is_named_with_its_offset():
    message = refused("---\ntitle: é\n---\n".encode("latin-1")).message
    assert "0xe9" in message
    assert "offset 11" in message


# Reading: what a file that is not UTF-8 looks like


CHINESE = "武进区召开会议部署安全生产工作，要求各部门排查隐患。"
WESTERN = "Le conseil municipal a voté le budget : deux bibliothèques rouvriront bientôt.\n"


@pytest.mark.parametrize(
    "body, name, sure",
    [
        (CHINESE.encode("gb18030"), "GB18030", True),
        (CHINESE.encode("gbk") + b" Linux 14.10\n", "GB18030", True),
        ("会议".encode("gbk"), "GB18030", False),
        (CHINESE.encode("gbk") + b"\xff", "GB18030 with stray bytes", False),
        (CHINESE.encode() + b"\xff\n", "UTF-8 with one stray byte", False),
        (CHINESE.encode()[:-1] + b"\n" + CHINESE.encode()[1:], "UTF-8 with 3 stray bytes", False),
        (b"It is\xc2 a forum, and\xc2 <b>open</b>.\n", "UTF-8 with 2 stray bytes", False),
        (WESTERN.encode("cp1252"), "Windows-1252", False),
        ("“Größe” – 5 € für Österreich, sagt der Bürgermeister\n".encode("cp1252"), "Windows-1252", False),
        ("Бюджет города принят, сообщили в мэрии".encode("cp1251"), "", False),
        ("市議會星期一通過預算案，兩座圖書館春天重新開放".encode("big5"), "", False),
        (bytes(range(128, 256)), "", False),
    ],
)
def test_what_a_file_that_is_not_utf_8_looks_like(body, name, sure):
    finding = refused(b"---\ntitle: A\n---\n" + body)
    assert finding.rule == "not-utf-8"
    assert (f"the file looks like {name}." in finding.message) == bool(name)
    assert ("looks like" in finding.message) == bool(name)
    assert ("iconv" in finding.hint) == sure


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])
def test_the_command_of_a_sure_guess_gives_the_text_back(tmp_path, encoding):
    text = f"---\ntitle: A\n---\n{CHINESE}\n"
    content = text.encode(encoding)
    (tmp_path / "FILE").write_bytes(content)
    command = re.search(r"iconv .* > NEW(?=\.)", refused(content).hint)[0]
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    assert (tmp_path / "NEW").read_bytes().decode("utf-8") == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_file_cut_in_the_middle_of_a_character_is_no_sure_guess(encoding):
    finding = refused(f"---\ntitle: A\n---\n{CHINESE}\n".encode(encoding)[:-1])
    assert f"looks like {encoding.upper()}." in finding.message
    assert "iconv" not in finding.hint


def test_common_han_are_the_first_level_of_gb_2312():
    assert len(common_han()) == 3755
    assert {"啊", "座", "的"} <= common_han()
    assert not {"亍", "鼯", "區"} & common_han()


# Reading: types


@pytest.mark.parametrize(
    "line, key",
    [
        ("title: [a]", "title"),
        ("title: {a: b}", "title"),
        ("date: 2025-14-07", "date"),
        ("date: 2026-11-23", "date"),
        ("date: 2026-13-23T10:00:00Z", "date"),
        ("date: [a]", "date"),
        ("draft: 'yes'", "draft"),
        ("version: one", "version"),
        ("urgency: 1.5", "urgency"),
        ("urgency: １", "urgency"),
        ("reporter: {a: b}", "reporter"),
        ("reporter: '<>'", "reporter"),
        ("reporter: [[a]]", "reporter"),
        ("editor: 'A <b'", "editor"),
        ("tags: {a: b}", "tags"),
        ("tags: [a, [b]]", "tags"),
        ("images: a.jpg", "images"),
        ("images: [{alt: a}]", "images"),
        ("images: [{src: [a]}]", "images"),
        ("images: [{src: a.jpg, alt: [b]}]", "images"),
        ("source: [a]", "source"),
        ("source: {name: [a]}", "source"),
        ("embargo: soon", "embargo"),
        ("embargo: [a]", "embargo"),
        ("lang: {a: b}", "lang"),
    ],
)
def test_a_value_of_the_wrong_type_is_kept_and_named(line, key):
    story = front(line, "byline: A")
    assert [*story.mistyped] == [key]
    assert story.mistyped[key]
    assert key in story.fields
    assert story.metadata.byline == ("A",), "the other keys keep their types"


@pytest.mark.parametrize(
    "line, attribute, value",
    [
        ("draft: true", "draft", True),
        ("draft: false", "draft", False),
        ("version: 3", "version", 3),
        ("tags: a", "tags", ("a",)),
        ("tags: [a, b]", "tags", ("a", "b")),
        ("tags:", "tags", ()),
        ("source: Gazette", "source", "Gazette"),
        ("source: {name: Gazette, url: x}", "source", "Gazette"),
        ("embargo: until-further-notice", "embargo", "until-further-notice"),
        ("title: 2024", "title", "2024"),
        ("lang: no", "lang", "no"),
        ("reporter:", "reporter", ()),
        ("reporter: '  '", "reporter", ()),
        ("reporter: [A, ~, '']", "reporter", ("A",)),
    ],
)
def test_known_keys_get_their_types(line, attribute, value):
    got = getattr(front(line).metadata, attribute)
    assert (tuple(map(str, got)) if attribute == "reporter" else got) == value


# Editing


HOME = """\
---
# The desk's notes stay.
title: "Council: the budget"   # quoted, on purpose
state: draft
tags:   # which index
  - budget
  - 'it''s'  # odd

lead: |
  One 😀
  ---
  two # not a comment

reporter: 'Reporter <reporter@gazette.example>'
# last words
---

Body with ---
---
no newline at the end"""


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """What is left of both texts' lines without their common beginning and end."""
    old, new = before.split("\n"), after.split("\n")
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return old, new


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "changes, old, new",
    [
        ({"state": "review"}, ["state: draft"], ["state: review"]),
        (
            {"title": "B"},
            ['title: "Council: the budget"   # quoted, on purpose'],
            ["title: B   # quoted, on purpose"],
        ),
        ({"section": "local"}, [], ["section: local"]),
        ({"state": None}, ["state: draft"], []),
        (
            {"tags": ["a", "b"]},
            ["tags:   # which index", "  - budget", "  - 'it''s'  # odd"],
            ["tags: [a, b]   # which index  # odd"],
        ),
        ({"tags": None}, ["tags:   # which index", "  - budget", "  - 'it''s'  # odd"], []),
        ({"lead": "one"}, ["lead: |", "  One 😀", "  ---", "  two # not a comment"], ["lead: one"]),
        (
            {"reporter": "Editor <editor@gazette.example>"},
            ["reporter: 'Reporter <reporter@gazette.example>'"],
            ["reporter: Editor <editor@gazette.example>"],
        ),
        ({"nothing": None}, [], []),
        ({"unknown": "x"}, [], ["unknown: x"]),
        ({"imported": {"a": "b"}}, [], ["imported:", "  a: b"]),
    ],
)
def test_an_edit_changes_the_lines_of_its_key_and_no_other(newline, changes, old, new):
    before = read(HOME.replace("\n", newline))
    after = edit(before, changes)
    gone, come = changed_lines(before.text, after.text)
    assert [one.removesuffix("\r") for one in gone] == old
    assert [one.removesuffix("\r") for one in come] == new
    assert "\n" not in after.text.replace("\r\n", "") if newline == "\r\n" else "\r" not in after.text
    assert after.body == before.body
    assert not after.text.endswith("\n")


def test_a_block_scalars_own_comment_outlives_its_value():
    before = front("lead: |  # the desk wants this short", "  one", "state: draft")
    after = edit(before, {"lead": "two"})
    assert "# the desk wants this short" in after.text


def test_a_comment_between_two_keys_belongs_to_neither():
    before = front("tags:", "- a", "# about the state", "state: draft")
    assert edit(before, {"tags": None}).text == "---\n# about the state\nstate: draft\n---\n\nWords.\n"
    assert edit(before, {"tags": ["b"]}).text.splitlines()[1:4] == ["tags: [b]", "# about the state", "state: draft"]


def test_a_new_key_goes_where_the_order_of_keys_has_it():
    before = front("id: x", "title: A", "reporter: R", "mine: y")
    text = edit(before, {"state": "draft", "draft": True, "editor": "E", "date": "2026-11-23T10:00:00+00:00"}).text
    assert [line.partition(":")[0] for line in text.splitlines()[1:9]] == [
        "id", "title", "state", "draft", "reporter", "editor", "date", "mine",
    ]  # fmt: skip


def test_a_key_behind_a_block_scalar_is_inserted_behind_it():
    before = front("title: |", "  one", "", "  two", "custom: x")
    after = edit(before, {"slug": "s"})
    assert after.text == "---\ntitle: |\n  one\n\n  two\nslug: s\ncustom: x\n---\n\nWords.\n"


@pytest.mark.parametrize("after_it", [[], ["", ""]])
def test_a_key_can_be_added_behind_a_block_scalar_that_keeps_its_blank_lines(after_it):
    before = front("title: |+", "  one", "", *after_it)
    assert edit(before, {"slug": "s"}).fields == {**before.fields, "slug": "s"}


@pytest.mark.parametrize("text", ["---\n---\nB\n", "---\r\n---\r\nB\r\n", "---\n# later\n---\nB\n", "---\n\n\n---"])
def test_a_key_can_be_added_to_empty_front_matter(text):
    before = read(text)
    after = edit(before, {"title": "A", "custom": "b"})
    assert after.fields == {"title": "A", "custom": "b"}
    assert after.body == before.body


VALUES = [
    "plain",
    "with: colon",
    "# hash",
    "- dash",
    "no",
    "~",
    "null",
    "0x1F",
    "2026-11-23",
    "2026-11-23T10:00:00+08:00",
    "12:30",
    "",
    " spaces ",
    "it's",
    '"quoted"',
    "*star",
    "@at",
    "a, b",
    "[a",
    "{a",
    "back\\slash",
    "multi\nline\n",
    "tab\tinside",
    "武进区召开会议：预算",
    "😀",
    "line\u2028separator",
    "next\x85line",
    "---",
    "...",
    "=",
    "<<",
    "x" * 5_000,
    "word " * 500,
    "e\u0301",
    "carriage\r\nreturn",
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
@pytest.mark.parametrize(
    "wrap", [lambda v: v, lambda v: [v, "x"], lambda v: {"k": v, "l": [v]}], ids=["", "list", "map"]
)
def test_any_value_is_written_so_that_it_is_read_back(value, wrap):
    before = front("title: A", "custom: old # keep", "lang: en")
    after = edit(before, {"custom": wrap(value), "other": wrap(value)})
    assert after.fields == {**before.fields, "custom": wrap(value), "other": wrap(value)}
    assert "title: A\n" in after.text
    assert "# keep" in after.text


@pytest.mark.parametrize(
    "value, text", [(True, "true"), (3, "3"), ([], []), ({}, {}), ([1, True, None], ["1", "true", None])]
)
def test_numbers_and_truth_are_written_as_their_text(value, text):
    assert edit(front("title: A"), {"custom": value}).fields["custom"] == text


@pytest.mark.parametrize(
    "lines, changes",
    [
        (["{title: A}"], {"slug": "b"}),
        (["{title: A}"], {"title": None}),
        (["? title", ": A"], {"title": None}),
        (["title: A"], {"bad: key": "x"}),
        (["title: A"], {"# key": "x"}),
        (["title: A"], {"null": "x"}),
        (["title: A"], {"custom": "\x07"}),
        (["title: A"], {"custom": "\ufeff"}),
    ],
)
def test_an_edit_that_cannot_be_made_is_refused_never_saved_wrong(lines, changes):
    with pytest.raises(Unreadable) as caught:
        edit(front(*lines), changes)
    the_one(caught.value.findings)


def test_a_key_can_be_added_to_front_matter_that_is_indented_as_a_whole():
    before = front("  title: A", "  slug: b")
    assert edit(before, {"lang": "en"}).fields == {"title": "A", "slug": "b", "lang": "en"}


def test_editing_nothing_changes_nothing():
    before = read(HOME)
    assert edit(before, {}).text == before.text


def test_a_story_as_it_would_be_keeps_its_text_and_body():
    before = read(HOME)
    would = with_fields(before, {"state": "publish", "version": "1", "tags": None})
    assert would.text == before.text
    assert would.fields["state"] == "publish"
    assert would.metadata.version == 1
    assert "tags" not in would.fields


# The content hash


GOLDEN = """\
---
id: 20261123-k3v9w2q8
slug: council-budget
title: "Council: 预算"
state: edit
draft: true
reporter: Reporter <reporter@gazette.example>
editor: Editor <editor@gazette.example>
lang: no
version: 1
date: 2026-11-23T10:00:00+08:00
tags: [b, ~, a]
empty: []
blank: ""
nothing:
map: {z: 1, y: }
due: tomorrow
---

The words.
"""


def test_the_hash_is_sha256_of_canonical_json_a_newline_and_the_body():
    canonical = (
        '{"blank":"","empty":[],"lang":"no","map":{"y":null,"z":"1"},'
        '"reporter":"Reporter <reporter@gazette.example>","slug":"council-budget",'
        '"tags":["b",null,"a"],"title":"Council: 预算"}\n\nThe words.\n'
    )
    assert content_hash(read(GOLDEN)) == "sha256:" + hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def test_the_hash_of_format_v1_never_changes():
    minimal = read("---\ntitle: A\n---\nB\n")
    assert hashlib.sha256(b'{"title":"A"}\nB\n').hexdigest() == content_hash(minimal).removeprefix("sha256:")
    assert content_hash(minimal) == "sha256:51114296a7bde89e4e5ea08ef5a0aedc7c80e5874cd61842a444487398e10ec4"


def test_an_empty_body_hashes_as_one_newline():
    assert content_hash(read("---\n---")) == "sha256:" + hashlib.sha256(b"{}\n\n").hexdigest()


BASE = "---\ntitle: A\ntags: [a, b]\nlead: |\n  x\n---\n\nThe words.\n"


@pytest.mark.parametrize(
    "text",
    [
        '---\ntitle: "A"\ntags: [a, b]\nlead: |\n  x\n---\n\nThe words.\n',
        "---\ntitle: A  # comment\ntags:\n  - a\n  - b\n\nlead: |\n  x\n---\n\nThe words.\n",
        "---\nlead: |\n  x\ntags: [a, b]\ntitle: A\n---\n\nThe words.\n",
        '---\n{tags: [a, b], title: A, lead: "x\\n"}\n---\n\nThe words.\n',
        "---\ntitle: A\ntags: [a, b]\nlead: |\n  x\nsection:\nsource: ~\n---\n\nThe words.\n",
        BASE.replace("\n", "\r\n"),
        BASE.removesuffix("\n"),
        BASE + "\n\n",
        BASE.replace("title: A\n", "title: A\nid: 20261123-k3v9w2q8\nstate: publish\ndue: x\nassignee: y\n"),
    ],
)
def test_reformatting_does_not_change_the_hash(text):
    assert content_hash(read(text)) == content_hash(read(BASE))


@pytest.mark.parametrize(
    "old, new",
    [
        ("The words.", "The word."),
        ("The words.", "The  words."),
        ("The words.", "the words."),
        ("The words.", " The words."),
        ("The words.\n", "The words. \n"),
        ("\n\nThe words.", "\nThe words."),
        ("title: A", "title: a"),
        ("title: A", "title: [A]"),
        ("title: A", "title: A\nsection: ''"),
        ("title: A", "title: A\nsection: []"),
        ("title: A", "title: A\nsection: {}"),
        ("title: A", 'title: A\nsection: "null"'),
        ("title: A", "title: A\nexpires: 2026-11-23T10:00:00Z"),
        ("title: A", "title: A\ncheck-ignore: x"),
        ("title: A", "title: A\nslug: x"),
        ("title: A", "title: A\nreporter: x"),
        ("title: A", "title: A\nimported: x"),
        ("title: A", "title: A\nunknown: x"),
        ("[a, b]", "[b, a]"),
        ("[a, b]", "[a, b, ~]"),
        ("lead: |\n  x", "lead: |-\n  x"),
    ],
)
def test_any_change_of_content_changes_the_hash(old, new):
    assert old in BASE
    assert content_hash(read(BASE.replace(old, new, 1))) != content_hash(read(BASE))


@pytest.mark.parametrize("where", ["---\ntitle: {}\n---\nx\n", "---\ntitle: A\n---\n{}\n"])
def test_composed_and_decomposed_accents_are_different_words(where):
    composed, decomposed = (unicodedata.normalize(form, "Café") for form in ("NFC", "NFD"))
    assert content_hash(read(where.format(composed))) != content_hash(read(where.format(decomposed)))


@pytest.mark.parametrize("key", [*RECORD_KEYS, *DESK_KEYS])
def test_record_and_desk_keys_are_not_hashed(key):
    assert content_hash(read(BASE.replace("title: A", f"title: A\n{key}: anything"))) == content_hash(read(BASE))


def test_front_matter_cannot_pass_for_body():
    assert content_hash(read('---\n---\n{"a":"b"}\n')) != content_hash(read("---\na: b\n---\n"))


# Properties


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=60)
FRAGMENTS = st.sampled_from(
    ["---\n", "---", "...\n", "title: A\n", "title: ", "- ", "a:\n", "  b: c\n", "\t", '"', "'", "|\n", ">-\n", "&x ", "*x",
     "!!t ", "{", "}", "[", "]", ", ", ": ", "# c\n", "\n", "\r\n", "\r", "\0", "\ufeff", "\u2028", "\x85", "😀", "武", "? ",
     "<<<<<<< x\n", "=======\n", "%YAML 1.1\n", "~", "null", "\\", "\x1b", "no: no\n", "：", "@", "`", "title",
     ":", "-", " ", "words", "“", "||||||| y\n", "--- \n", "----\n"]
)  # fmt: skip
ENCODED = st.sampled_from(["gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "utf-8", "utf-8-sig"])
WILD = st.one_of(
    st.binary(max_size=200),
    st.builds(lambda text, encoding: f"---\n{text}\n---\n".encode(encoding, "replace"), st.text(max_size=60), ENCODED),
    st.builds(lambda head, middle, tail: head.encode() + middle + tail.encode(), TEXTS, st.binary(max_size=4), TEXTS),
    st.lists(FRAGMENTS, max_size=25).map(lambda parts: "".join(parts).encode()),
    st.lists(FRAGMENTS, max_size=25).map(lambda parts: ("---\n" + "".join(parts) + "\n---\nBody.\n").encode()),
)


@given(WILD)
def test_any_bytes_are_a_story_or_exactly_one_finding(content):
    try:
        story = read_bytes(PATH, content)
    except Unreadable as error:
        finding = the_one(error.findings)
        assert finding.rule
        assert finding.hint
        lines = content.split(b"\n")
        assert 1 <= finding.line <= len(lines)
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
    else:
        assert isinstance(story, Story)
        assert content.decode().endswith(story.body)
        assert set(story.offsets) <= set(story.fields)


PLAIN_TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=30)
LISTS = st.lists(PLAIN_TEXT, max_size=3)
ANY_VALUE = st.one_of(
    PLAIN_TEXT, LISTS, st.dictionaries(st.sampled_from(["a", "b", "src"]), PLAIN_TEXT | LISTS, max_size=2)
)
LINES = st.sampled_from(
    ["title: A", 'title: "A: b" # why', "title: |\n  a\n\n  b", "title: >-\n  a\n  b", "title:", "title: 😀\u00a0x"]
)
TAGS = st.sampled_from(
    ["tags: [a, b]", "tags: [a, # x\n  b]", "tags:\n- a\n- b\n# out", "tags:\n  - a # in\n  - b: c\n    d: e", "tags:"]
)
REST = st.sampled_from(["", "\n# note\n", "state: draft", "odd: {a: b}", "'quoted key': x", "wide: 武 😀"])


@given(LINES, TAGS, REST, st.sampled_from(["title", "tags", "state", "mine", "editor"]), ANY_VALUE | st.none())
def test_an_edit_is_read_back_equal_and_leaves_other_lines_alone(title, tags, rest, key, value):
    text = f"---\n{title}\n{rest}\n{tags}\nlast: z  # end\n---\nBody.\n"
    for newline in ("\n", "\r\n"):
        before = read(text.replace("\n", newline))
        after = edit(before, {key: value})
        wanted = {name: held for name, held in before.fields.items() if name != key}
        got = {name: held for name, held in after.fields.items() if name != key}
        assert got == wanted
        assert after.fields.get(key) == value
        assert after.body == before.body
        own = {"title": title, "tags": tags, "state": rest if rest.startswith("state") else ""}.get(key, "")
        for block in (title, tags, rest, "last: z  # end"):
            if block != own:
                assert block.replace("\n", newline) in after.text


@given(st.dictionaries(PLAIN_TEXT.filter(str.isidentifier), ANY_VALUE, max_size=4), TEXTS)
def test_the_hash_is_that_of_the_canonical_form_whatever_the_layout(fields, body):
    fields = {key: value for key, value in fields.items() if key not in {*RECORD_KEYS, *DESK_KEYS}}
    lines = [
        f"{json.dumps(key, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in fields.items()
    ]
    story = read("---\n" + "\n".join(lines) + f"\n---\n{body}")
    head = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    wanted = hashlib.sha256(f"{head}\n{body.rstrip(chr(10))}\n".encode()).hexdigest()
    turned = (
        "---\r\n" + "\r\n".join(reversed(lines)) + "\r\nnothing: ~\r\n---\r\n" + body.replace("\n", "\r\n") + "\r\n"
    )
    assert content_hash(story) == content_hash(read(turned)) == f"sha256:{wanted}"


@given(PLAIN_TEXT, PLAIN_TEXT)
def test_two_different_bodies_never_hash_the_same(one, other):
    same = content_hash(front("title: A", body=one)) == content_hash(front("title: A", body=other))
    assert same == (one == other)
