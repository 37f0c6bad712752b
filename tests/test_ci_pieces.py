"""What other newsrooms' CI takes from here: the composite action, the pre-commit hook and the GitLab job, each run."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from actions.test_init import _origin, bash, on_the_host
from conftest import PACKAGE_ROOT, Desk

ACTION = PACKAGE_ROOT / ".github/actions/check-stories/action.yml"
HOOKS = PACKAGE_ROOT / ".pre-commit-hooks.yaml"
GITLAB = PACKAGE_ROOT / "docs/gitlab-ci.yml"
PAGE = PACKAGE_ROOT / "docs/ci.md"
VENDORED = {
    ACTION: ("vendor.github-actions",),
    GITLAB: ("vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
}
PIECES = pytest.mark.parametrize("path", VENDORED, ids=lambda path: path.name)
MANIFEST = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["id", "name", "entry", "language"],
        "additionalProperties": False,
        "properties": {
            **{key: {"type": "string"} for key in ("id", "name", "description", "entry", "files")},
            "language": {"enum": ["python", "system"]},
            "types": {"type": "array", "items": {"type": "string"}},
            "require_serial": {"type": "boolean"},
        },
    },
}
"""What pre-commit reads of a hook, as far as this repository uses it."""


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def valid(path: Path, schema: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("check-jsonschema")
    return subprocess.run([program, "--builtin-schema", *schema, path], capture_output=True, text=True)


@pytest.fixture
def origin(made) -> Desk:
    """A newsroom made by `story init`, with the branch `change` to be merged into `main`."""
    return made("origin", _origin)


@pytest.fixture
def runner(tmp_path) -> Path:
    """The folder a runner keeps for one job, with `story` installed there as the action's own step does."""
    programs = tmp_path / "runner/story/bin"
    programs.mkdir(parents=True)
    story = programs / "story"
    story.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m newsroom_cli "$@"\n', "utf-8")
    story.chmod(0o755)
    return tmp_path / "runner"


@PIECES
def test_piece_is_valid_by_its_hosts_schema(path):
    done = valid(path, VENDORED[path])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "path, right, wrong", [(ACTION, "using: composite", "using: compost"), (GITLAB, "when: always", "when: maybe")]
)
def test_schema_would_find_a_piece_that_is_wrong(tmp_path, path, right, wrong):
    text = path.read_text("utf-8")
    assert right in text
    (tmp_path / path.name).write_text(text.replace(right, wrong), "utf-8")
    assert valid(tmp_path / path.name, VENDORED[path]).returncode == 1


# The composite action


def steps() -> dict[str, dict[str, Any]]:
    return {step.get("name", step.get("uses", "")): step for step in loaded(ACTION)["runs"]["steps"]}


def test_action_takes_nothing_from_an_event_into_a_script_and_pins_what_it_uses():
    for step in steps().values():
        assert "${{" not in step.get("run", "")
        assert ("uses" in step) != ("run" in step)
        if "uses" in step:
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", step["uses"])


def test_action_pins_what_the_workflows_pin():
    workflow = (PACKAGE_ROOT / ".github/workflows/stories.yml").read_text("utf-8")
    for line in re.findall(r"uses: (\S+@[0-9a-f]{40} # v\S+)", ACTION.read_text("utf-8") + PAGE.read_text("utf-8")):
        assert line in workflow


def test_page_lists_every_input_with_its_default():
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (.*?) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    inputs = loaded(ACTION)["inputs"]
    assert set(rows) == set(inputs)
    for name, given in inputs.items():
        assert not given["default"] or rows[name] == f"`{given['default']}`"


def test_example_on_the_page_is_a_valid_workflow(tmp_path):
    (example,) = re.findall(r"```yaml\n(on:.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "stories.yml").write_text(example, "utf-8")
    done = valid(tmp_path / "stories.yml", ("vendor.github-workflows",))
    assert done.returncode == 0, done.stdout + done.stderr
    (checkout, check) = loaded(tmp_path / "stories.yml")["jobs"]["stories"]["steps"]
    assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}
    assert check["uses"] == f"OWNER/REPO/{ACTION.parent.relative_to(PACKAGE_ROOT)}@TAG"


def test_action_installs_story_from_its_own_checkout(newsroom, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    asked = tmp_path / "asked"
    python = programs / "python"
    python.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{asked}"\n'
        'if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi\n',
        "utf-8",
    )
    python.chmod(0o755)
    env = {"RUNNER_TEMP": str(tmp_path / "a runner"), "GITHUB_ACTION_PATH": str(ACTION.parent)}
    done = bash(newsroom, steps()["Install story"]["run"], programs=programs, env=env)
    assert done.returncode == 0, done.stderr
    *made, where = asked.read_text("utf-8").splitlines()
    assert made == ["-m", "venv", f"{tmp_path}/a runner/story", "-m", "pip", "install", "--quiet"]
    folder = Path(where.removesuffix("[signing]"))
    assert where == f"{folder}[signing]"
    assert folder.resolve() == PACKAGE_ROOT
    assert (folder / "pyproject.toml").is_file()


def checked(host: Desk, runner: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the action's check, as it is for a pull request into `main` unless said otherwise."""
    step = steps()["Check the stories"]
    defaults = {name: given["default"] for name, given in loaded(ACTION)["inputs"].items()}
    event = {"EVENT": "pull_request", "TARGET": "main", "BEFORE": "", "GITHUB_REF": "refs/pull/7/merge"}
    inputs = {"BASE": defaults["base"], "REQUIRE": defaults["require"], "FAIL_LEVEL": defaults["fail-level"]}
    assert set(step["env"]) == {"EVENT", "TARGET", "BEFORE", *inputs}
    given = {**event, **inputs, "RUNNER_TEMP": str(runner), **env}
    return bash(host, step["run"], programs=runner, env=given)


def publish(origin: Desk) -> None:
    origin.story("approve", "council-budget", who="Editor")
    origin.story("publish", "council-budget", who="Chief")


def squash(origin: Desk) -> str:
    """What a host leaves on `main` of a change it squashed; where `main` was before."""
    before = origin.git("rev-parse", "main")
    publish(origin)
    origin.git("reset", "--quiet", "--soft", "main")
    origin.git("commit", "--quiet", "-m", "squashed by the host", who="Chief")
    origin.git("switch", "--quiet", "main")
    origin.git("merge", "--quiet", "--ff-only", "change")
    return before


def test_action_passes_a_good_pull_request(origin, runner, tmp_path):
    publish(origin)
    done = checked(on_the_host(origin, tmp_path / "host"), runner)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr == "checked 1 of 2 stories: nothing found\n"


def test_action_fails_a_pull_request_with_publish_written_by_hand(origin, runner, tmp_path):
    path = origin.path_of("council-budget")
    origin.change(path, "state: review", "state: publish")
    origin.commit()
    done = checked(on_the_host(origin, tmp_path / "host"), runner)
    assert done.returncode == 1
    assert f"::error file={path},line=5,col=1,title=record-by-hand::" in done.stdout


def test_action_fails_a_forged_approval_that_weaker_proof_would_let_through(origin, runner, tmp_path):
    origin.story("approve", "council-budget", who="Editor")
    origin.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit", who="Reporter")
    host = on_the_host(origin, tmp_path / "host")
    done = checked(host, runner)
    assert done.returncode == 1
    assert "title=entry-not-attributed::" in done.stdout
    done = checked(host, runner, REQUIRE="recorded")
    assert "title=entry-not-attributed::" not in done.stdout


def test_action_never_fails_where_it_is_told_so(origin, runner, tmp_path):
    origin.change(origin.path_of("council-budget"), "state: review", "state: publish")
    origin.commit()
    done = checked(on_the_host(origin, tmp_path / "host"), runner, FAIL_LEVEL="never")
    assert done.returncode == 0
    assert "title=record-by-hand::" in done.stdout


def test_action_compares_with_the_base_it_is_given(origin, runner, tmp_path):
    publish(origin)
    done = checked(on_the_host(origin, tmp_path / "host"), runner, BASE="origin/change")
    assert done.stderr == "checked 0 of 2 stories: nothing found\n"


@pytest.mark.parametrize("base", ["no-such-branch", "--help", "$(touch ran)", "main; touch ran"])
def test_action_could_not_run_with_a_base_that_is_none(origin, runner, base):
    done = checked(origin, runner, BASE=base)
    assert done.returncode == 3
    assert not (origin.root / "ran").exists()


def test_action_checks_a_push_against_what_was_there_before(origin, runner):
    before = squash(origin)
    push = {"EVENT": "push", "TARGET": "", "GITHUB_REF": "refs/heads/main"}
    done = checked(origin, runner, BEFORE=before, **push)
    assert (done.returncode, done.stderr) == (0, "checked 1 of 2 stories: nothing found\n")
    done = checked(origin, runner, BEFORE=before, REQUIRE="attributed", **push)
    assert done.returncode == 1
    assert "title=entry-not-attributed::" in done.stdout


@pytest.mark.parametrize("before", ["", "0" * 40])
def test_action_checks_everything_on_the_first_push(origin, runner, before):
    origin.git("switch", "--quiet", "main")
    done = checked(origin, runner, EVENT="push", TARGET="", BEFORE=before, GITHUB_REF="refs/heads/main")
    assert (done.returncode, done.stderr) == (0, "checked 2 of 2 stories: 1 info\n")


def test_action_refuses_an_event_that_checks_out_the_base(origin, runner):
    done = checked(origin, runner, EVENT="pull_request_target")
    assert done.returncode == 3
    assert done.stdout.startswith("::error::pull_request_target")


def test_action_fails_on_a_shallow_checkout_and_says_why(origin, runner, tmp_path):
    origin.git("clone", "--quiet", "--depth=1", f"file://{origin.root}", str(tmp_path / "host"))
    done = checked(Desk(tmp_path / "host", now=origin.now), runner)
    assert done.returncode == 3
    assert "fetch-depth: 0" in done.stderr


# The pre-commit hook


def hook() -> dict[str, Any]:
    (one,) = loaded(HOOKS)
    return one


def hooked(desk: Desk, *paths: str, exit: int) -> str:
    """Run the hook on the files of a commit as pre-commit does: its entry, then the names that fit."""
    program, *entry = shlex.split(hook()["entry"])
    assert program == "story"
    return desk.process(*entry, *(path for path in paths if re.search(hook()["files"], path)), exit=exit).out


def test_manifest_has_what_pre_commit_reads():
    jsonschema.validate(loaded(HOOKS), MANIFEST)


def test_manifest_would_be_refused_with_a_key_of_no_meaning():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([{**hook(), "file": "x"}], MANIFEST)


@pytest.mark.parametrize(
    "path, is_story",
    [
        ("stories/2026/11/council-budget.md", True),
        ("stories/a.md", True),
        ("README.md", False),
        ("old/stories/a.md", False),
        ("stories/images/a.png", False),
        ("stories/a.md.orig", False),
    ],
)
def test_hook_is_given_stories_alone(path, is_story):
    assert bool(re.search(hook()["files"], path)) is is_story


def test_hook_passes_stories_in_order(origin):
    assert hooked(origin, "README.md", origin.path_of("council-budget"), origin.path_of("harbour-fire"), exit=0) == ""


def test_hook_stops_a_commit_with_a_broken_story_and_looks_at_no_other(origin, make_story):
    origin.change(origin.path_of("council-budget"), "state: review", "state: publish")
    origin.write("stories/new.md", make_story(lang=None))
    path = origin.path_of("council-budget")
    assert f"{path}:5:1: error[record-by-hand]" in hooked(origin, path, exit=1)
    assert "council-budget" not in hooked(origin, "stories/new.md", exit=1)


def test_hook_finds_a_story_that_is_a_link(origin, tmp_path):
    (origin.root / "stories/link.md").symlink_to("../README.md")
    origin.git("add", "stories/link.md")
    assert hook()["types"] == []  # pre-commit's own default would leave links out
    assert "error[not-a-file]" in hooked(origin, "stories/link.md", exit=1)


# The GitLab job


def job() -> dict[str, Any]:
    return loaded(GITLAB)["check-stories"]


def requested(origin: Desk, runner: Path, folder: Path) -> tuple[int, list[dict[str, Any]]]:
    """Run the job's script on a merge request of `change` into `main`; exit status and its code quality report."""
    host = on_the_host(origin, folder)
    given = {
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result",
        "CI_PIPELINE_SOURCE": "merge_request_event",
    }
    done = bash(host, "\n".join(job()["script"]), programs=runner / "story/bin", env=given)
    assert "Traceback" not in done.stderr
    report = host.root / job()["artifacts"]["reports"]["codequality"]
    return done.returncode, json.loads(report.read_text("utf-8"))


def test_job_fetches_all_of_history_and_keeps_its_report_when_it_fails():
    assert job()["variables"]["GIT_DEPTH"] == "0"
    assert job()["artifacts"]["when"] == "always"
    assert job()["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]


def test_job_passes_a_good_merge_request(origin, runner, tmp_path):
    publish(origin)
    assert requested(origin, runner, tmp_path / "host") == (0, [])


def test_job_fails_a_merge_request_with_publish_written_by_hand(origin, runner, tmp_path):
    path = origin.path_of("council-budget")
    origin.change(path, "state: review", "state: publish")
    origin.commit()
    status, report = requested(origin, runner, tmp_path / "host")
    assert status == 1
    assert ("record-by-hand", path, 5) in {
        (one["check_name"], one["location"]["path"], one["location"]["lines"]["begin"]) for one in report
    }
