"""What a bare repository says of the refs of a push, before any of them is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from attacks.forging import begin_line
from conftest import Desk, Said
from receiving import bare_beside

LIVE = '[trust]\nprotected = ["main", "live"]\n'


@pytest.fixture
def line(made) -> Desk:
    """The protected branch, with a story in review and a published one."""
    return made("line", begin_line)


def pushed(desk: Desk, bare: Path, *rows: str) -> Said:
    """What the hook of a bare repository with a clone's objects says of a push of some refs."""
    clock = desk.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    said = "".join(f"{row}\n" for row in rows)
    return desk.story("hook", "pre-receive", "--now", clock, stdin=said, cwd=bare, env={"GIT_DIR": "."}, exit=None)


def test_a_detached_head_protects_nothing_and_refuses_every_push(line, tmp_path):
    old = line.head
    bare = bare_beside(line.root, tmp_path / "server.git", old)
    line.story("approve", "council-budget", who="Editor")
    (bare / "HEAD").write_text(f"{old}\n", "utf-8")
    said = pushed(line, bare, f"{old} {line.head} refs/heads/main")
    assert said.exit != 0
    assert "HEAD of the repository names no branch, which is not there: nothing would be protected." in said.err


@pytest.mark.parametrize("with_judges", [False, True])
def test_a_new_protected_branch_may_begin_where_the_judges_were_those_of_today(line, tmp_path, with_judges):
    line.write("newsroom.toml", LIVE)
    line.commit("configuration", who="Chief")
    start = line.head
    if with_judges:
        line.write(".mailmap", "Reporter <reporter@gazette.example> <me@home.example>\n")
        line.commit("mailmap", who="Chief")
    line.story("approve", "council-budget", who="Editor")
    bare = bare_beside(line.root, tmp_path / "server.git", line.head)
    said = pushed(line, bare, f"{'0' * 40} {start} refs/heads/live")
    assert (said.exit == 0) is not with_judges, said.all
    assert ("before its judges changed" in said.err) is with_judges
