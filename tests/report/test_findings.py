"""Every format of `story check` says the same findings, is well-formed, and obeys nothing that a story says."""

from __future__ import annotations

import contextlib
import json
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator, ValidationError
from markdown_it import MarkdownIt
from rich.cells import cell_len
from test_golden import pinned

import newsroom_cli
from newsroom_cli.errors import CannotRun
from newsroom_cli.escaping import make_visible
from newsroom_cli.model import Finding, Inspection, Severity
from newsroom_cli.report.findings import FORMATS, lines, put_inspection, render
from newsroom_cli.report.findings.excerpt import window
from newsroom_cli.report.findings.github import append_summary, summary
from newsroom_cli.report.findings.sarif import sarif, uri
from newsroom_cli.report.screen import make_painter

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
PATH = "stories/2026/11/wujin.md"
SENTENCE = "武进区部署全国两会前安全生产工作，各板块排查隐患，"
HOSTILE = "::error::x ##[error]y \x1b[31mred\x1b[0m ]]> <b>bold</b> \u202eback\u2066 a|b \\|c `d` @everyone [z](https://x.example) %0A"
NOTHING = Inspection((), 3, 3)
FOUND = Inspection(
    (
        Finding("required-source", ERROR, PATH, 1, 1, "`source` is missing.", "story edit wujin", source="---"),
        Finding(
            "latin-punctuation",
            WARNING,
            PATH,
            14,
            401,
            "has a comma between Chinese words.",
            source=SENTENCE * 16 + ", " + SENTENCE * 16,
        ),
        Finding(
            "description-length",
            WARNING,
            PATH,
            7,
            1,
            "is 181 characters; 160 are advised.",
            "Shorten it.",
            "description",
            "description: " + "The council passed the budget. " * 6,
        ),
        Finding(
            "source-empty", ERROR, PATH, 5, 1, "`source` is empty.", "Write whose story it is.", "source", "source:"
        ),
        Finding(
            "text-control", ERROR, PATH, 9, 4, f"holds {HOSTILE}.", f"Take {HOSTILE} out.", source=f"a\tb{HOSTILE}"
        ),
        Finding("text-control", ERROR, PATH, 10, 1, f"holds {HOSTILE}.", f"Take {HOSTILE} out.", source=HOSTILE),
        Finding(
            "tag-twice",
            INFO,
            "stories/::add-mask::b,c:d%|e\udcff.md",
            3,
            12,
            "has 两会 twice.",
            source="tags: [两会, 两会]",
        ),
    ),
    7,
    9,
)


def described(rule: str) -> str:
    return "A source is named." if rule == "source-empty" else ""


def printed(form: str, inspection: Inspection = FOUND) -> str:
    return "".join(f"{line}\n" for line in render(inspection, form))


@cache
def schema(name: str):
    text = Path(__file__).parents[1].joinpath("schemas").joinpath(name).read_text("utf-8")
    return xmlschema.XMLSchema(text) if name.endswith(".xsd") else json.loads(text)


def check_gitlab(text: str) -> None:
    Draft202012Validator(schema("gitlab-code-quality.json")).validate(json.loads(text))


def check_sarif(text: str) -> None:
    Draft4Validator(schema("sarif-2.1.0.json")).validate(json.loads(text))


def check_junit(text: str) -> None:
    schema("junit-10.xsd").validate(text.partition("\n")[2])


CHECKS = {"json": json.loads, "gitlab": check_gitlab, "sarif": check_sarif, "junit": check_junit}


@pytest.mark.parametrize("form", FORMATS)
def test_format_is_what_it_was(request, capsys, form):
    put_inspection(FOUND, form, describe=described)
    said = capsys.readouterr()
    assert said.err == "checked 7 of 9 stories: 4 errors, 2 warnings, 1 info\n"
    pinned(request, f"formats/{form}.txt", said.out.replace(f'"{newsroom_cli.__version__}"', '"VERSION"'))


def test_summary_is_what_it_was(request):
    pinned(request, "formats/summary.md", summary(FOUND, 10_000))


@pytest.mark.parametrize("form", CHECKS)
@pytest.mark.parametrize("inspection", [FOUND, NOTHING], ids=["found", "nothing"])
def test_document_keeps_to_its_schema(form, inspection):
    CHECKS[form](printed(form, inspection))


@pytest.mark.parametrize("form", ["text", "concise", "github"])
def test_nothing_found_is_no_line(form):
    assert printed(form, NOTHING) == ""


@pytest.mark.parametrize(
    "form, broken",
    [
        ("gitlab", '[{"description": "x"}]'),
        ("sarif", '{"version": "2.1.0"}'),
        ("junit", '<?xml version="1.0"?>\n<testsuite name="x"/>'),
    ],
)
def test_schemas_refuse_what_is_no_report(form, broken):
    with pytest.raises((xmlschema.XMLSchemaException, ValidationError)):
        CHECKS[form](broken)


TEXT = st.text(st.characters(exclude_categories=[]), max_size=60) | st.sampled_from(
    [HOSTILE, SENTENCE, "##[", "::", "\ufffe"]
)
NAME = st.text(st.characters(exclude_categories=[]), min_size=1, max_size=20)
FINDINGS = st.builds(
    Finding,
    rule=st.sampled_from(["source-empty", "text-control", "required-两会"]),
    severity=st.sampled_from([ERROR, WARNING, INFO]),
    path=NAME.map("stories/".__add__),
    line=st.integers(1, 10**6),
    column=st.integers(1, 100),
    message=TEXT,
    hint=TEXT,
    key=TEXT,
    source=TEXT,
)


@pytest.mark.parametrize("form", FORMATS)
@given(st.lists(FINDINGS, max_size=14))
def test_no_text_breaks_a_format_or_gives_a_runner_commands(form, findings):
    text = printed(form, Inspection(tuple(findings), 1, 1))
    assert text == text.encode("utf-8").decode("utf-8")
    assert "##[" not in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    own = (
        r"::(?:error|warning|notice) (?:file=[^:,]*,line=\d+,col=\d+,title=[^:,]*|title=story check)::"
        if form == "github"
        else "$never"
    )
    for line in text.split("\n"):
        assert not line.lstrip().startswith("::") or re.match(own, line), line
    CHECKS.get(form, str)(text)


@given(st.lists(FINDINGS, max_size=14))
def test_every_finding_is_in_every_report(findings):
    inspection = Inspection(tuple(findings), 1, 1)
    assert len(json.loads(printed("json", inspection))["findings"]) == len(findings)
    assert len(json.loads(printed("gitlab", inspection))) == len(findings)
    assert len(json.loads(printed("sarif", inspection))["runs"][0]["results"]) == len(findings)
    suite = ET.fromstring(printed("junit", inspection))
    assert len(suite) == max(len(findings), 1)
    assert len(suite.findall("testcase/failure")) == inspection.number_of(ERROR) == int(suite.get("failures"))
    assert len({(case.get("classname"), case.get("name")) for case in suite}) == len(suite)


class TestText:
    def test_caret_stands_under_the_place_and_as_wide_as_the_key(self):
        one = Finding("source-empty", ERROR, PATH, 5, 1, "is empty.", "Write it.", "source", "source:  ")
        assert lines([one]) == [
            f"{PATH}:5:1: error[source-empty]: is empty.",
            "  5 | source:",
            "    | ^^^^^^",
            "  help: Write it.",
        ]

    def test_caret_counts_two_cells_for_a_chinese_character(self):
        one = Finding("tag-twice", INFO, PATH, 13, 12, "has 两会 twice.", source="tags: [两会, 两会]")
        assert lines([one])[1:] == ["  13 | tags: [两会, 两会]", "     |              ^^"]

    def test_key_that_stands_elsewhere_marks_one_character(self):
        assert window("- source: x", 0, "source", room=40).marked == 1
        assert window("- source: x", 2, "source", room=40).marked == 6

    def test_place_behind_the_line_is_marked(self):
        assert window("abc", 3, "", room=40) == ("abc", 3, 1)

    def test_finding_whose_line_is_not_known_has_no_excerpt(self):
        assert len(lines([Finding("x", ERROR, PATH, 1, 1, "is odd.")])) == 1

    def test_escapes_before_the_place_move_the_caret(self):
        shown = window("\x1b##[a", 4, "", room=40)
        assert shown == ("\\x1b# #[a", 8, 1)

    @pytest.mark.parametrize("start", [0, 1, 59, 399, 400, 401, 798, 799])
    @pytest.mark.parametrize("room", [16, 17, 50, 94])
    @pytest.mark.parametrize("source", ["word " * 160, "武进区，" * 200, "a武" * 400], ids=["latin", "chinese", "both"])
    def test_long_line_is_cut_around_the_place(self, source, room, start):
        shown = window(source, start, "", room=room)
        assert cell_len(shown.text) <= room
        assert room - cell_len(shown.text) <= 2, "no cell is wasted but one before a wide character on each side"
        under = next(i for i in range(len(shown.text)) if cell_len(shown.text[:i]) == shown.before)
        assert shown.text[under] == source[start]
        assert shown.text.startswith("…") or source.startswith(shown.text[:3])
        assert shown.text.endswith("…") or source.endswith(shown.text[-3:])

    @given(
        st.text("a武 \t\x1b:#[", max_size=300), st.integers(0, 300), st.integers(16, 120), st.text("a武", max_size=40)
    )
    def test_line_and_carets_fit_the_width(self, source, start, room, key):
        shown = window(source, start, key, room=room)
        assert cell_len(shown.text) <= room
        assert shown.before + shown.marked <= max(room, cell_len(shown.text) + 1)
        assert "##[" not in shown.text

    def test_markup_of_rich_stays_as_typed(self):
        one = Finding("x", ERROR, PATH, 1, 1, "[red]odd[/red].", source="[bold]title[/bold]")
        assert "[red]odd[/red]." in lines([one])[0]
        assert "[bold]title[/bold]" in lines([one])[1]


def on_a_terminal(monkeypatch, **environment: str) -> str:
    """An error as it is painted where stdout is a pseudo-terminal."""
    for name, value in {"TERM": "xterm", "NO_COLOR": "", **environment}.items():
        monkeypatch.setenv(name, value)
    master, slave = os.openpty()
    with os.fdopen(master), os.fdopen(slave, "w") as stdout, contextlib.redirect_stdout(stdout):
        return make_painter()("error", "bold red")


class TestColour:
    def test_severity_is_coloured_on_a_terminal(self, monkeypatch):
        assert on_a_terminal(monkeypatch) == "\x1b[1;31merror\x1b[0m"

    @pytest.mark.parametrize("name, value", [("NO_COLOR", "1"), ("TERM", "dumb")])
    def test_there_is_none_where_it_is_not_wanted(self, monkeypatch, name, value):
        assert on_a_terminal(monkeypatch, **{name: value}) == "error"

    def test_there_is_none_off_a_terminal_even_when_forced(self, monkeypatch, capsys):
        monkeypatch.setenv("FORCE_COLOR", "1")
        put_inspection(FOUND, "text")
        assert "\x1b" not in capsys.readouterr().out

    def test_check_on_sixty_columns_keeps_to_them(self, newsroom):
        newsroom.write("stories/long.md", f"---\ntitle: {SENTENCE * 20}\n---\n\n{SENTENCE}\n")
        newsroom.write("stories/red.md", f"---\ntitle: {SENTENCE * 2}\x1b[31m{SENTENCE * 2}\n---\n\n{SENTENCE}\n")
        _, said = newsroom.terminal("check", columns=60)
        assert "\x1b[1;31merror\x1b[0m[" in said
        assert "\x1b[31m" not in said
        quoted = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", said).split("\n") if re.match(r" +\d* \| ", line)]
        assert any(re.fullmatch(r"    \| +\^", line) for line in quoted)
        assert any("\\x1b[31m武进" in line for line in quoted)
        assert all(cell_len(line) <= 60 for line in quoted)


def many(number: int, severity: Severity, path: str = PATH) -> tuple[Finding, ...]:
    return tuple(Finding("text-control", severity, path, line, 1, f"is odd {line}.") for line in range(1, number + 1))


class TestGitHub:
    def test_ten_of_a_kind_are_shown_and_no_eleventh(self):
        said = printed("github", Inspection((*many(10, WARNING), *many(12, ERROR), *many(11, INFO)), 1, 1)).splitlines()
        assert [line.split()[0] for line in said] == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10
        assert said[9] == "::error title=story check::3 more errors: see the job's summary, or run story check."
        assert said[19].endswith("::is odd 10.")
        assert said[29].startswith("::notice title=story check::2 more notices")

    def test_errors_come_first_and_first_of_all_what_the_change_wrote(self):
        findings = (*many(3, WARNING), *many(3, ERROR), *many(2, ERROR, "stories/z.md"))
        said = printed("github", Inspection(findings, 1, 1, {"stories/z.md": frozenset({2}), PATH: frozenset({3})}))
        places = [
            (line.partition(" ")[0], *re.search(r"file=([^,]+),line=(\d)", line).groups()) for line in said.splitlines()
        ]
        assert places == [
            *(("::error", PATH, "3"), ("::error", "stories/z.md", "2")),
            *(("::error", PATH, "1"), ("::error", PATH, "2"), ("::error", "stories/z.md", "1")),
            *(("::warning", PATH, "3"), ("::warning", PATH, "1"), ("::warning", PATH, "2")),
        ]

    def test_message_of_two_lines_stays_one_annotation(self):
        said = printed("github", Inspection((Finding("x", ERROR, "a:b,c%.md", 1, 2, "one\n::error::two 50%"),), 1, 1))
        assert said == "::error file=a%3Ab%2Cc%25.md,line=1,col=2,title=x::one%0A: :error::two 50%25\n"

    def test_summary_is_added_to_what_is_there(self, tmp_path):
        path = tmp_path / "summary.md"
        append_summary(path, NOTHING)
        append_summary(path, FOUND)
        text = path.read_text("utf-8")
        assert text.startswith("### story check\n\nchecked 3 of 3 stories: nothing found\n\n\n### story check\n")
        assert text.count("\n| ") == 2 + len(FOUND.findings)

    @pytest.mark.parametrize("there", [0, 1, 700_000, 2**20 - 300, 2**20 - 1, 2**20, 2**20 + 5])
    def test_summary_stays_under_a_mebibyte_and_says_what_is_left_out(self, tmp_path, there):
        path = tmp_path / "summary.md"
        path.write_bytes(b"x" * there)
        findings = tuple(Finding("x", ERROR, PATH, line, 1, SENTENCE * 8) for line in range(1, 2001))
        append_summary(path, Inspection(findings, 1, 1))
        text = path.read_text("utf-8")[there:]
        assert path.stat().st_size < max(2**20, there + 3)
        rows = text.count("| error |")
        if there < 2**20 - 400:
            assert 0 < rows < 2000
            assert text.endswith(f" |\n\n{2000 - rows} more did not fit: run story check.\n")
            assert path.stat().st_size > 2**20 - 2000, "the room there is is used"
        else:
            assert rows == 0

    def test_room_for_everything_is_enough(self):
        text = summary(FOUND, 10_000)
        assert "did not fit" not in text
        assert summary(FOUND, 20) == ""

    def test_summary_that_can_not_be_written_stops_the_check(self, tmp_path):
        with pytest.raises(CannotRun, match="could not be written: Is a directory"):
            append_summary(tmp_path, FOUND)

    @given(st.lists(FINDINGS, min_size=1, max_size=5), st.integers(0, 3000))
    def test_nothing_in_the_summary_is_markup(self, findings, room):
        inspection = Inspection(tuple(findings), 1, 1)
        assert len(summary(inspection, room).encode()) <= room
        html = MarkdownIt("commonmark").enable("table").render(summary(inspection, 10**6))
        tags = ["table", "thead", "tbody", "tr", "th", "td", "code", "h3", "p"]
        assert set(re.findall(r"</?(\w+)", html)) <= set(tags)
        assert html.count("<tr>") == 1 + len(findings)
        assert html.count("<td><code>") == html.count("</code></td>") == 3 * len(findings)
        assert html.count("<td>") == 4 * len(findings)

    def test_hostile_words_are_shown_as_they_are_but_for_backticks(self):
        html = MarkdownIt("commonmark").enable("table").render(summary(FOUND, 10**6))
        assert "&lt;b&gt;bold&lt;/b&gt; \\u202eback\\u2066 a|b \\ |c 'd' @everyone [z](https://x.example) %0A" in html


class TestGitLab:
    def test_severities_are_those_of_gitlab(self):
        assert [one["severity"] for one in json.loads(printed("gitlab"))] == [
            {ERROR: "major", WARNING: "minor", INFO: "info"}[one.severity] for one in FOUND.findings
        ]

    def test_fingerprints_are_each_their_own(self):
        equal = (Finding("x", ERROR, PATH, 4, 1, "is odd."), Finding("x", ERROR, PATH, 9, 1, "is odd."))
        prints = [
            one["fingerprint"] for one in json.loads(printed("gitlab", Inspection((*equal, *FOUND.findings), 1, 1)))
        ]
        assert len(set(prints)) == len(prints)

    @given(st.lists(FINDINGS, max_size=6), st.integers(1, 50))
    def test_fingerprints_stay_when_lines_move(self, findings, down):
        moved = [
            Finding(f.rule, f.severity, f.path, f.line + down, f.column, f.message, f.hint, f.key) for f in findings
        ]
        was, now = (json.loads(printed("gitlab", Inspection(tuple(some), 1, 1))) for some in (findings, moved))
        assert [one["fingerprint"] for one in was] == [one["fingerprint"] for one in now]


class TestSarif:
    def test_path_is_its_very_bytes(self):
        assert uri("stories/两会 #1%.md") == "stories/%E4%B8%A4%E4%BC%9A%20%231%25.md"
        assert unquote_to_bytes(uri("a\udcff:b.md")) == b"a\xff:b.md"

    def test_rules_found_are_listed_and_described(self):
        (text,) = sarif(FOUND, described)
        run = json.loads(text)["runs"][0]
        rules = run["tool"]["driver"]["rules"]
        assert [one["id"] for one in rules] == sorted({one.rule for one in FOUND.findings})
        assert [one.get("shortDescription") for one in rules] == [
            None,
            None,
            None,
            {"text": "A source is named."},
            None,
            None,
        ]
        assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])

    def test_region_is_the_place_and_what_stands_there(self):
        result = json.loads(printed("sarif"))["runs"][0]["results"][-1]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region == {"startLine": 3, "startColumn": 12, "snippet": {"text": "两会]"}}
        assert result["level"] == "note"

    def test_message_holds_no_link(self):
        run = json.loads(printed("sarif"))["runs"][0]
        assert "[z] (https://x.example)" in run["results"][4]["message"]["text"]
        assert not [one for one in run["results"] if "](" in one["message"]["text"]]


class TestJUnit:
    def test_error_fails_and_what_weighs_less_is_said(self):
        suite = ET.fromstring(printed("junit"))
        assert suite.get("tests") == "7"
        assert [case[0].tag for case in suite] == [
            "failure" if one.severity is ERROR else "system-out" for one in FOUND.findings
        ]
        assert suite[3][0].get("message") == "`source` is empty."
        assert suite[3][0].text.split("\n")[1:] == ["  5 | source:", "    | ^^^^^^", "  help: Write whose story it is."]

    def test_nothing_found_is_one_test_that_passes(self):
        (case,) = ET.fromstring(printed("junit", NOTHING))
        assert list(case) == []

    def test_what_xml_forbids_is_visible(self):
        assert make_visible("\ufffe\uffff") == "\\ufffe\\uffff"


def test_statistics_count_whatever_the_format(capsys):
    put_inspection(FOUND, "sarif", statistics=True)
    assert capsys.readouterr().out.splitlines()[0] == "     2  error    text-control"


def test_summary_is_written_beside_the_annotations(tmp_path, capsys):
    put_inspection(FOUND, "github", summary=tmp_path / "summary.md")
    assert capsys.readouterr().out == printed("github")
    assert (tmp_path / "summary.md").read_text("utf-8") == summary(FOUND, 10_000)


def test_line_a_finding_stands_in_makes_no_other_finding():
    finding = Finding("x", ERROR, PATH, 1, 1, "is odd.")
    shown = finding._replace(source="title: A")
    assert finding == shown
    assert not finding != shown  # noqa: SIM202  both ways of asking
    assert len({finding, shown}) == 1
    assert finding != finding._replace(line=2)
