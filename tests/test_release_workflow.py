"""The workflow that releases stories on a CI host: valid, pinned, and each of its steps run against a real remote."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from actions.test_init import bash, valid
from conftest import Desk, identity
from signers import public, signing_roster, write_key

PAGE = Path(__file__).resolve().parents[1] / "docs/after-publication.md"
WORKFLOW = ".github/workflows/release-stories.yml"
SLUG = "council-budget"
LATER, AFTER = "2026-01-05T10:00:00Z", "2026-01-05T10:20:00Z"
GITHUB = """cd "{}"
touch open
case "$2" in
  list) grep -x "$4" open || true ;;
  create)
    [ -z "$FORBIDDEN" ] || {{ echo "GitHub Actions is not permitted to create or approve pull requests" >&2; exit 1; }}
    printf "%s\\n" "$@" > asked
    echo "$6" >> open ;;
esac
"""
"""A `gh` that knows `pr list --head` and `pr create --base … --head`, and may be forbidden the second."""


def _newsroom(desk: Desk) -> None:
    desk.story("init")
    desk.commit("story init", who="Chief")
    desk.at("edit")
    desk.at("edit", "library-opens", title="Library opens")
    for slug in (SLUG, "library-opens"):
        desk.story("publish", slug, "--at", LATER, who="Editor")


@pytest.fixture
def desk(made, tmp_path) -> Desk:
    """A newsroom with two scheduled stories, pushed to a bare remote."""
    found = made("scheduled", _newsroom)
    found.git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "origin.git"))
    found.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    found.git("push", "--quiet", "-u", "origin", "main")
    return found


@pytest.fixture
def runner(desk, tmp_path) -> Desk:
    """What the host checks out."""
    desk.git("clone", "--quiet", str(tmp_path / "origin.git"), str(tmp_path / "runner"))
    return Desk(tmp_path / "runner", now=desk.now)


@pytest.fixture
def programs(tmp_path) -> Path:
    """A folder with a `story` whose clock is past the time, and a `gh` that keeps the branches with an open request."""
    folder = tmp_path / "programs"
    folder.mkdir()
    run = f'exec "{sys.executable}" -m newsroom_cli "$@" --now "${{CLOCK:-{AFTER}}}"\n'
    for name, script in {"story": run, "gh": GITHUB.format(tmp_path)}.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}", "utf-8")
        (folder / name).chmod(0o755)
    return folder


def loaded(desk: Desk) -> dict[Any, Any]:
    return yaml.safe_load(desk.read(WORKFLOW))


def job_of(desk: Desk) -> dict[str, Any]:
    (job,) = loaded(desk)["jobs"].values()
    return job


def run(runner: Desk, programs: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the steps of the job that are scripts of ours, as the runner does; what the last one did."""
    job = job_of(runner)
    nobody = dict.fromkeys(identity("Reporter"))
    surroundings = {**nobody, **job["env"], "RUNNER_TEMP": str(programs.parent), "RELEASE_KEY": "", **env}
    done = None
    for step in job["steps"]:
        if step.get("name") in ("Say who releases", "Release what is due"):
            done = bash(runner, step["run"], programs=programs, env=surroundings)
            if done.returncode:
                break
    assert done is not None
    return done


def states(desk: Desk) -> list[str]:
    """What the remote's branch says of the two stories."""
    desk.git("fetch", "--quiet", "origin")
    paths = desk.git("ls-tree", "-r", "--name-only", "origin/main", "--", "stories").splitlines()
    texts = [desk.git("show", f"origin/main:{path}") for path in paths if path.endswith(".md")]
    return [re.search(r"^state: (\w+)$", text, re.MULTILINE)[1] for text in texts]


def test_it_is_valid_pinned_and_runs_alone(desk):
    done = valid(desk.root / WORKFLOW)
    assert done.returncode == 0, done.stdout + done.stderr
    workflow = loaded(desk)
    assert workflow["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert workflow["concurrency"] == {"group": "release-stories", "cancel-in-progress": False}
    assert set(workflow[True]) == {"schedule", "workflow_dispatch"}
    for step in job_of(desk)["steps"]:
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", step["uses"])
            assert step["uses"] in desk.read(".github/workflows/stories.yml")


def test_it_releases_and_pushes_what_is_due(desk, runner, programs):
    done = run(runner, programs)
    assert done.returncode == 0, done.stderr
    assert states(desk) == ["publish", "publish"]
    desk.git("pull", "--quiet", "--ff-only")
    assert desk.rules("--now", AFTER, exit=0) == []
    assert "github-actions[bot]" in desk.entries(SLUG)[-1]["by"]
    head = desk.head
    assert run(runner, programs).returncode == 0
    assert states(desk) == ["publish", "publish"]
    assert desk.git("rev-parse", "origin/main") == head


def test_before_the_time_it_does_nothing(desk, runner, programs):
    done = run(runner, programs, CLOCK="2026-01-05T09:59:59Z")
    assert (done.returncode, states(desk)) == (0, ["edit", "edit"])
    assert "Nothing is due" in done.stderr


def test_a_story_that_cannot_go_out_fails_the_job_and_the_others_go(desk, runner, programs):
    desk.change(desk.path_of(SLUG), "Two libraries", "Three libraries")
    desk.commit("late words")
    desk.git("push", "--quiet")
    done = run(runner, programs)
    assert done.returncode == 1
    assert "the words changed" in done.stderr
    assert sorted(states(desk)) == ["edit", "publish"]


def test_a_branch_that_went_on_meanwhile_is_fetched_and_tried_again(desk, runner, programs):
    """The first push meets a commit that arrived between fetch and push."""
    desk.write("notes.txt", "x\n")
    desk.commit("meanwhile")
    hook = runner.write(
        ".git/hooks/pre-push", f'#!/bin/sh\nrm -f "$0"\ngit -C "{desk.root}" push --quiet origin main\n'
    )
    hook.chmod(0o755)
    done = run(runner, programs)
    assert done.returncode == 0, done.stderr
    assert "(try 1)" in done.stderr
    assert states(desk) == ["publish", "publish"]
    assert "notes.txt" in desk.git("ls-tree", "--name-only", "origin/main")


def refuses(desk: Desk, tmp_path: Path) -> None:
    hook = tmp_path / "origin.git/hooks/update"
    hook.write_text('#!/bin/sh\n[ "$1" != refs/heads/main ]\n', "utf-8")
    hook.chmod(0o755)


def test_a_branch_that_takes_no_push_fails_loudly(desk, runner, programs, tmp_path):
    refuses(desk, tmp_path)
    done = run(runner, programs)
    assert done.returncode == 1
    assert "::error::Stories are due, and the release could not be pushed." in done.stdout
    assert states(desk) == ["edit", "edit"]


def waiting(desk: Desk) -> list[str]:
    """The remote's branches that wait to be merged, by name."""
    rows = desk.git("ls-remote", "--heads", "origin").splitlines()
    return sorted(name for row in rows if (name := row.split("refs/heads/")[1]) != "main")


def asks(desk: Desk, runner: Desk, programs: Path, **env: str) -> str:
    """Run the job where pull requests are made; the branch it asked to be merged."""
    asked = programs.parent / "asked"
    asked.unlink(missing_ok=True)
    done = run(runner, programs, BY="pull-request", **env)
    assert done.returncode == 0, done.stderr
    words = asked.read_text("utf-8").split()
    assert words[:5] == ["pr", "create", "--base", "main", "--head"]
    assert words[5] in waiting(desk)
    return words[5]


def merge(desk: Desk, tmp_path: Path, branch: str) -> None:
    """Merge a pull request as a person does, and leave its branch there."""
    (tmp_path / "origin.git/hooks/update").unlink(missing_ok=True)
    (tmp_path / "open").write_text("", "utf-8")
    desk.git("fetch", "--quiet", "origin")
    desk.git("merge", "--quiet", "--no-ff", "-m", "Merge the release", f"origin/{branch}", who="Chief")
    desk.git("push", "--quiet")


def test_a_protected_branch_gets_a_pull_request_once(desk, runner, programs, tmp_path):
    refuses(desk, tmp_path)
    branch = asks(desk, runner, programs)
    done = run(runner, programs, BY="pull-request", CLOCK="2026-01-05T10:40:00Z")
    assert (done.returncode, f"::warning::{branch} waits to be merged" in done.stdout) == (0, True)
    assert waiting(desk) == [branch]
    merge(desk, tmp_path, branch)
    assert desk.rules("--now", AFTER, exit=0) == []
    assert states(desk) == ["publish", "publish"]


def test_a_pull_request_that_could_not_be_made_fails_each_time_until_it_is(desk, runner, programs):
    for _ in range(2):
        done = run(runner, programs, BY="pull-request", FORBIDDEN="yes")
        assert (done.returncode, "::error::Stories are due, and no pull request" in done.stdout) == (1, True)
    assert waiting(desk) == [asks(desk, runner, programs)]


def test_a_pull_request_that_was_closed_is_made_again(desk, runner, programs, tmp_path):
    branch = asks(desk, runner, programs)
    (tmp_path / "open").write_text("", "utf-8")
    assert asks(desk, runner, programs, CLOCK="2026-01-05T10:40:00Z") == branch
    assert waiting(desk) == [branch]


def test_a_story_scheduled_again_is_released_again_though_the_branch_was_left(desk, runner, programs, tmp_path):
    branch = asks(desk, runner, programs)
    merge(desk, tmp_path, branch)
    slugs = (SLUG, "library-opens")
    for slug in slugs:
        desk.story("unpublish", slug, "--note", "early", "--now", "2026-01-05T11:00:00Z", who="Editor")
        at = ("--at", "2026-01-05T12:00:00Z", "--now", "2026-01-05T11:10:00Z")
        desk.story("publish", slug, *at, who="Editor")
    desk.git("push", "--quiet")
    again = asks(desk, runner, programs, CLOCK="2026-01-05T12:10:00Z")
    assert again != branch
    merge(desk, tmp_path, again)
    assert [desk.entries(slug)[-1]["action"] for slug in slugs] == ["release", "release"]


def test_a_branch_that_the_base_contains_waits_for_nothing(desk, runner, programs, tmp_path):
    branch = asks(desk, runner, programs)
    (tmp_path / "open").write_text("", "utf-8")
    desk.git("push", "--quiet", "--force", "origin", f"main:refs/heads/{branch}")
    assert asks(desk, runner, programs) == branch
    merge(desk, tmp_path, branch)
    assert states(desk) == ["publish", "publish"]


# From cron


def cron(desk: Desk, programs: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the line that docs/after-publication.md gives, as cron does, in a clone under a home of its own."""
    line = re.search(r"^ +\S+ \* \* \* \* (cd ~/newsroom .+)$", PAGE.read_text("utf-8"), re.MULTILINE)[1]
    assert "%" not in line, "cron ends a line at its first %"
    home = programs.parent / "cron"
    if not home.exists():
        desk.git("clone", "--quiet", str(programs.parent / "origin.git"), str(home / "newsroom"))
    surroundings = {**desk.whole_environment("Stringer"), "HOME": str(home), **env}
    surroundings["PATH"] = f"{programs}:{surroundings['PATH']}"
    return subprocess.run(["/bin/sh", "-c", line], cwd=home, env=surroundings, capture_output=True, text=True)


def test_cron_says_nothing_while_all_is_well(desk, programs):
    for clock in ("2026-01-05T09:59:59Z", AFTER, "2026-01-05T10:30:00Z"):
        done = cron(desk, programs, CLOCK=clock)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert states(desk) == ["publish", "publish"]


def test_cron_pushes_what_went_and_says_each_time_what_did_not(desk, programs):
    desk.change(desk.path_of(SLUG), "Two libraries", "Three libraries")
    desk.commit("late words")
    desk.git("push", "--quiet")
    for _ in range(2):
        done = cron(desk, programs)
        assert (done.returncode, "the words changed" in done.stdout) == (1, True)
        assert sorted(states(desk)) == ["edit", "publish"]


def test_cron_fails_where_the_branch_takes_no_push(desk, programs, tmp_path):
    refuses(desk, tmp_path)
    done = cron(desk, programs)
    assert (done.returncode, "hook declined" in done.stdout) == (1, True)
    assert states(desk) == ["edit", "edit"]


# A newsroom where every entry is signed


def test_a_bot_of_the_roster_signs_with_its_key(desk, runner, programs, tmp_path):
    bot = ("release-bot", "bot@gazette.example")
    people = (
        signing_roster()
        + f'\n[[people]]\nname = "{bot[0]}"\nemails = ["{bot[1]}"]\nroles = []\nkeys = [{{ key = "{public(bot[0])}" }}]\n'
    )
    desk.write("newsroom.toml", people)
    desk.commit("roster", who="Chief")
    desk.git("push", "--quiet")
    named = {"BOT_NAME": bot[0], "BOT_EMAIL": bot[1]}
    refused = run(runner, programs, **named)
    assert (refused.returncode, "No key is set up" in refused.stderr) == (3, True)
    assert states(desk) == ["edit", "edit"]
    key = write_key(tmp_path / "secrets", bot[0]).read_text("utf-8")
    done = run(runner, programs, **named, RELEASE_KEY=key)
    assert done.returncode == 0, done.stderr
    desk.git("pull", "--quiet", "--ff-only")
    assert "signed" in desk.story("log", SLUG).out.split("release", 1)[1]
    assert desk.rules("--base", "HEAD~2", "--now", AFTER, exit=0) == []


# Two machines at once


def two(desk: Desk, tmp_path: Path) -> list[Desk]:
    """Two clones that have both released what is due; the first one's push went through."""
    machines = []
    for name in ("one", "two"):
        desk.git("clone", "--quiet", str(tmp_path / "origin.git"), str(tmp_path / name))
        machines.append(Desk(tmp_path / name, now=desk.now))
    for number, machine in enumerate(machines):
        machine.story("release", "--now", f"2026-01-05T10:2{number}:00Z", who="Stringer")
    machines[0].git("push", "--quiet", who="Stringer")
    machines[1].git("push", "--quiet", who="Stringer", exit=1)
    return machines


def test_two_releases_racing_publish_each_story_once(desk, tmp_path):
    _, late = two(desk, tmp_path)
    late.git("fetch", "--quiet")
    late.git("reset", "--quiet", "--hard", "origin/main")
    assert "Nothing is scheduled." in late.story("release", "--now", "2026-01-05T10:30:00Z", who="Stringer").err
    assert [one["action"] for one in late.entries(SLUG)].count("release") == 1


def test_two_releases_racing_are_settled_by_redo(desk, tmp_path):
    _, late = two(desk, tmp_path)
    late.git("pull", "--quiet", "--rebase", who="Stringer", exit=1)
    for slug in (SLUG, "library-opens"):
        late.story("redo", slug, "--now", "2026-01-05T10:30:00Z", who="Stringer")
        late.git("-c", "core.editor=true", "rebase", "--continue", who="Stringer", exit=None)
    late.git("push", "--quiet", who="Stringer", exit=None)
    assert late.rules("--now", "2026-01-05T10:30:00Z", exit=0) == []
    for slug in (SLUG, "library-opens"):
        assert [one["action"] for one in late.entries(slug)].count("release") == 1
