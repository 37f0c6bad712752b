"""Screens that are pinned: every help text and the screens of a small newsroom, at 60 columns.

`pytest --golden` writes them anew; an empty expected file is an error.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from rules_page import page as written

from newsroom_cli.cli import COMMANDS
from newsroom_cli.rules import families

GOLDEN = Path(__file__).with_name("golden")
ROOT = Path(__file__).resolve().parents[1]


def pinned(request, name: str, text: str) -> None:
    """Compare a screen with its file, or write the file when asked to."""
    path = GOLDEN / name
    if request.config.getoption("--golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    expected = path.read_text("utf-8")
    assert expected.strip(), f"{name} is empty"
    assert text == expected


@pytest.mark.parametrize("verb", ["", *COMMANDS])
def test_help_is_what_it_was(newsroom, request, verb):
    run = newsroom.story if verb else newsroom.process
    said = run(*([verb] if verb else []), "--help", env={"COLUMNS": "80"})
    pinned(request, f"help-{verb or 'story'}.txt", said.out)


def test_page_of_rules_is_made_of_the_rules(request):
    page = ROOT / "docs/rules.md"
    if request.config.getoption("--golden"):
        page.write_text(written(families()), "utf-8")
    assert page.read_text("utf-8") == written(families())


@pytest.mark.parametrize(
    "name, command",
    [("rules", ["rules"]), ("rule", ["rule", "title-length"]), ("rule-session", ["rule", "ledger-chain"]),
     ("rule-unknown", ["rule", "title-lenght"])],
)  # fmt: skip
def test_screen_of_rules_is_what_it_was(newsroom, request, name, command):
    pinned(request, f"screen-{name}.txt", screen(newsroom.story(*command, exit=None)))


def test_rules_on_a_narrow_terminal_have_their_whole_names_and_no_line_too_long(newsroom):
    _, shown = newsroom.terminal("rules", columns=60)
    rows = shown.splitlines()
    assert max(map(len, rows)) <= 60
    names = {one.split()[0] for one in rows if one and not one.startswith(" ")}
    assert names >= {name for kind in families().values() for rule in kind for name in rule.names}


def test_rules_as_json_name_every_rule(newsroom):
    said = newsroom.story("rules", "--json").json
    assert [one["id"] for one in said] == [rule.id for rules in families().values() for rule in rules]
    own = {"severity", "mild", "since", "summary"}
    assert all(set(one) == {"id", "family", "fix", "fixed", "also", *own} for one in said)
    assert all(set(name) == own for one in said for name in one["also"].values())


@pytest.mark.parametrize("command", [["rules"], ["rule", "image-uncaptioned"], ["rules", "--json"]])
def test_another_name_of_a_rule_is_listed_with_its_own_weight(newsroom, command):
    said = newsroom.story(*command)
    if "--json" in command:
        described = next(one for one in said.json if one["id"] == "image-described")
        assert described["severity"] == "error"
        assert described["also"]["image-uncaptioned"]["severity"] == "warning"
    else:
        assert re.search(r"^image-uncaptioned +warning\b", said.out, re.MULTILINE)


def screen(said) -> str:
    text = re.sub(r"\b20\d{6}-[0-9a-z]{8}\b", "ID", said.out + said.err + f"[exit {said.exit}]\n")
    text = re.sub(r"sha256:[0-9a-f]{64}", "sha256:HASH", text)
    return re.sub(r"\b[0-9a-f]{7,8}\b", "COMMIT", text)


@pytest.mark.parametrize(
    "name, command",
    [
        ("list", ["list"]),
        ("show", ["show", "wujin"]),
        ("log", ["log", "council-budget"]),
        ("check", ["check"]),
        ("check-json", ["check", "--format", "json"]),
        ("check-github", ["check", "--format", "github"]),
        ("refused", ["publish", "wujin"]),
        ("not-ready", ["submit", "unfinished"]),
        ("dry-run", ["approve", "wujin", "--dry-run"]),
    ],
)
def test_screen_is_what_it_was(newsroom, request, name, command):
    newsroom.at("publish")
    newsroom.at("review", "wujin", title="武进区部署全国两会前安全生产工作", lang="zh-Hans")
    newsroom.story("new", "Unfinished", "--slug", "unfinished")
    newsroom.change(newsroom.path_of("council-budget"), "on Monday", "on Tuesday")
    pinned(request, f"screen-{name}.txt", screen(newsroom.story(*command, exit=None, who="Editor")))


def test_list_fits_sixty_columns_with_chinese_titles(newsroom, request):
    newsroom.at(
        "review", "wujin-anquan-shengchan", title="武进区部署全国两会前安全生产工作，各板块排查隐患", lang="zh-Hans"
    )
    newsroom.story("new", "Two branch libraries open on Saturdays again", "--slug", "saturday-libraries")
    status, said = newsroom.terminal("list", columns=60)
    assert status == 0
    pinned(request, "screen-list-60.txt", said)


AUDITED = [
    ("audit", ["audit"]),
    ("audit-json", ["audit", "--json"]),
    ("verify-published", ["verify-published"]),
    ("verify-published-json", ["verify-published", "--json"]),
]


@pytest.mark.parametrize("name, command", AUDITED)
def test_screen_of_what_a_history_proves_is_what_it_was(newsroom, request, name, command):
    said = screen(_edited(newsroom).story(*command, exit=1))
    pinned(request, f"screen-{name}.txt", re.sub(r"\b[0-9a-f]{40}\b", "WHOLE-COMMIT", said))


@pytest.mark.parametrize("name, command", [one for one in AUDITED if "json" not in one[0]])
def test_what_a_history_proves_fits_sixty_columns(newsroom, request, monkeypatch, name, command):
    monkeypatch.setenv("NO_COLOR", "1")
    status, said = _edited(newsroom).terminal(*command, columns=60)
    pinned(request, f"screen-{name}-60.txt", re.sub(r"\b[0-9a-f]{8}\b", "COMMITED", said) + f"[exit {status}]\n")


def _edited(desk):
    """A published story whose words were edited quietly, and one with a Chinese title that is as signed."""
    desk.at("publish")
    desk.at(
        "publish", "wujin-anquan-shengchan", title="武进区部署全国两会前安全生产工作，各板块排查隐患", lang="zh-Hans"
    )
    desk.change(desk.path_of("council-budget"), "on Monday", "on Tuesday")
    desk.commit("typo", who="Editor")
    desk.git("commit", "--quiet", "--allow-empty", "-m", "nothing")
    return desk


AFTERWARDS = [
    ("publish", "jin-bao", "--at", "2026-01-05T18:00:00+08:00"),
    ("hold", "jin-bao", "--note", "等律师意见"),
    ("embargo", "wujin", "--until-further-notice"),
    ("spike", "saturday", "--note", "overtaken"),
    ("correct", "council-budget", "--notice", "投票在周二，不在周一。本报此前的报道有误，特此更正，并向读者致歉。"),
    ("unpublish", "harbour-fire", "--note", "the source took it back", "--notice", "We are checking this report."),
    ("publish", "harbour-fire", "--at", "2026-01-06 09:30"),
    ("update", "council-budget", "市议会再次修改预算", "--slug", "xiu-gai"),
]
SEEN = [
    ("publish", "jin-bao"),
    ("release",),
    ("list", "--spiked"),
    ("show", "council-budget"),
    ("versions", "council-budget"),
    ("log", "jin-bao"),
    ("log", "council-budget"),
    ("why", "jin-bao"),
    ("kill", "council-budget", "--note", "court order", "--notice", "本报道已撤回。", "--dry-run"),
]


COLUMNS = 60
FITS = ("list", "show", "versions", "log", "why")


def _afterwards(desk):
    """Stories in every place a time or an end may put them, some with Chinese titles; what each verb said."""
    desk.write("newsroom.toml", 'timezone = "Asia/Shanghai"\n')
    desk.commit("configure")
    desk.at("edit", "jin-bao", title="武进区部署全国两会前安全生产工作，各板块排查隐患", lang="zh-Hans")
    desk.at("draft", "wujin", title="武进区今日禁炮", lang="zh-Hans")
    desk.at("draft", "saturday", title="Two branch libraries open on Saturdays again")
    desk.at("publish", "harbour-fire", title="Fire in the harbour")
    desk.at("publish", title="市议会通过二〇二七年预算，两座图书馆明年春天重新开放")
    desk.change(desk.path_of("council-budget"), "on Monday", "on Tuesday")
    return "".join(f"$ story {' '.join(row)}\n{desk.story(*row, who='Editor').err}" for row in AFTERWARDS)


def test_screens_of_time_and_afterlife_are_what_they_were(newsroom, request):
    said = _afterwards(newsroom)
    for row in SEEN:
        status, text = newsroom.terminal(*row, who="Editor", columns=60)
        assert row[0] not in FITS or max(map(cell_len, text.splitlines())) <= COLUMNS
        said += f"$ story {' '.join(row)}\n{text}[exit {status}]\n"
    said = re.sub(r"\b20\d{6}-[0-9a-z]{8}\b", "ID", said)
    said = re.sub(r"sha256:[0-9a-f]{64}", "sha256:HASH", said)
    pinned(request, "screen-afterwards.txt", re.sub(r"\b[0-9a-f]{7,8}\b", "COMMIT", said))
