"""`story init`: a newsroom's first files, and the workflow among them run as a CI host runs it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import PACKAGE_ROOT, PEOPLE, Desk

from newsroom_cli import __version__
from newsroom_cli.settings import settings

MADE = [".gitattributes", ".github/workflows/release-stories.yml", ".github/workflows/stories.yml", "newsroom.toml"]
MADE += ["stories/.gitkeep"]


def made_files(desk: Desk) -> list[str]:
    return sorted(
        path.relative_to(desk.root).as_posix()
        for path in desk.root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(desk.root).parts
    )


# The files


def test_init_makes_the_files_and_says_which(newsroom):
    said = newsroom.story("init")
    assert made_files(newsroom) == MADE
    assert sorted(line.split() for line in said.out.splitlines()) == [
        ["made", ".gitattributes"],
        ["made", ".github/workflows/release-stories.yml"],
        ["made", ".github/workflows/stories.yml"],
        ["made", "newsroom.toml"],
        ["made", "stories/"],
    ]
    assert "git add" in said.err
    assert newsroom.git("status", "--porcelain") != ""


def test_init_again_keeps_everything_and_says_so(newsroom):
    newsroom.story("init")
    before = newsroom.everything()
    said = newsroom.story("init")
    assert newsroom.everything() == before
    assert all(line.startswith("kept") for line in said.out.splitlines())
    assert len(said.out.splitlines()) == 5


@pytest.mark.parametrize("path", MADE)
def test_init_overwrites_nothing(newsroom, path):
    newsroom.write(path, "# mine\n")
    newsroom.story("init")
    assert newsroom.read(path) == "# mine\n"
    assert set(made_files(newsroom)) >= {one for one in MADE if one != "stories/.gitkeep"}


def test_init_does_not_write_through_a_link(newsroom, tmp_path):
    (newsroom.root / "newsroom.toml").symlink_to(tmp_path / "elsewhere.toml")
    newsroom.story("init", exit=None)
    assert not (tmp_path / "elsewhere.toml").exists()


def test_init_names_the_lines_that_attributes_of_theirs_lack(newsroom):
    newsroom.write(".gitattributes", "*.png binary\nstories/**/*.md text eol=lf\n")
    said = newsroom.story("init")
    assert newsroom.read(".gitattributes") == "*.png binary\nstories/**/*.md text eol=lf\n"
    assert ".newsroom/** -text" in said.out
    assert "merge=union" not in said.out
    assert "eol=lf" not in said.out


def test_init_leaves_configuration_in_pyproject_to_be_the_only_one(newsroom):
    newsroom.write("pyproject.toml", "[tool.newsroom]\nlanguage = 'de'\n")
    newsroom.story("init")
    assert "newsroom.toml" not in made_files(newsroom)
    newsroom.story("list")


def test_init_in_a_subfolder_makes_the_newsroom_of_the_repository(newsroom):
    (newsroom.root / "deep/er").mkdir(parents=True)
    newsroom.story("init", cwd=newsroom.root / "deep/er")
    assert made_files(newsroom) == MADE


def test_init_dry_run_writes_nothing(newsroom):
    before = newsroom.everything()
    said = newsroom.story("init", "--dry-run")
    assert newsroom.everything() == before
    assert len(said.out.splitlines()) == 5


def test_init_in_a_bare_repository_could_not_run(newsroom, tmp_path):
    newsroom.git("init", "--quiet", "--bare", str(tmp_path / "bare.git"))
    assert "bare repository" in Desk(tmp_path / "bare.git").story("init", exit=3).err


@pytest.mark.parametrize("path", ["stories", ".github", ".github/workflows"])
def test_file_where_a_folder_should_be_could_not_run(newsroom, path):
    newsroom.write(path, "in the way\n")
    newsroom.story("init", exit=3)
    assert newsroom.read(path) == "in the way\n"


def test_story_goes_the_whole_way_in_a_newsroom_just_made(newsroom):
    newsroom.story("init")
    newsroom.commit("story init")
    slug = newsroom.at("publish")
    assert newsroom.rules(exit=0) == []
    assert newsroom.git("check-attr", "eol", "--", newsroom.path_of(slug)).endswith(": lf")
    assert newsroom.git("check-attr", "text", "--", newsroom.ledger_of(slug)).endswith(": unset")
    assert newsroom.git("check-attr", "merge", "--", newsroom.ledger_of(slug)).endswith(": unspecified")
    desk = newsroom.ledger_of(slug).replace("ledger", "desk").replace(".jsonl", "/ana-3f2a.jsonl")
    assert newsroom.git("check-attr", "merge", "--", desk).endswith(": unspecified")


def test_ledger_keeps_its_bytes_where_git_turns_line_ends(newsroom, tmp_path):
    newsroom.story("init")
    newsroom.commit("story init")
    slug = newsroom.at("publish")
    newsroom.git("-c", "core.autocrlf=true", "clone", "--quiet", str(newsroom.root), str(tmp_path / "clone"))
    clone = Desk(tmp_path / "clone", now=newsroom.now)
    clone.git("config", "core.autocrlf", "true")
    assert clone.read(clone.ledger_of(slug)) == newsroom.read(newsroom.ledger_of(slug))
    assert clone.rules(exit=0) == []


# The configuration


def uncommented(text: str) -> str:
    """The template with every setting in force."""
    lines = []
    for line in text.splitlines():
        bare = re.sub(r"^# (?=\[|[a-z][\w-]* = )", "", line)
        lines.append(bare)
    return "\n".join(lines)


def test_configuration_made_changes_nothing(newsroom):
    newsroom.story("init")
    made = settings.parse(newsroom.read("newsroom.toml"), path="newsroom.toml")
    assert made == settings.Settings()


def test_every_line_of_the_configuration_made_may_be_taken_out_of_its_comment(newsroom):
    newsroom.story("init")
    text = uncommented(newsroom.read("newsroom.toml"))
    assert len(tomllib.loads(text)) > 8
    made = settings.parse(text, path="newsroom.toml")
    assert made.pipeline.states == settings.Settings().pipeline.states
    assert set(made.pipeline.moves) == set(settings.Settings().pipeline.moves)
    assert made.limits == settings.Limits()
    for name in ("language", "timezone", "slugs", "path", "source", "name"):
        assert getattr(made, name) == getattr(settings.Settings(), name)


@pytest.mark.parametrize(
    "table, model",
    [("", settings.Settings), ("trust", settings.Trust), ("limits", settings.Limits), ("people", settings.Person)],
)
def test_configuration_made_shows_every_setting_there_is(newsroom, table, model):
    newsroom.story("init")
    shown: Any = tomllib.loads(uncommented(newsroom.read("newsroom.toml")))
    for name in filter(None, [table]):
        shown = shown.get(name, {})
        shown = shown[0] if isinstance(shown, list) else shown
    names = {field.alias or name for name, field in model.model_fields.items()}
    assert names - set(shown) == set()


# The workflow


def workflow_of(desk: Desk) -> dict[Any, Any]:
    return yaml.safe_load(desk.read(".github/workflows/stories.yml"))


def steps_of(desk: Desk) -> dict[str, dict[str, Any]]:
    (job,) = workflow_of(desk)["jobs"].values()
    return {step.get("name", step.get("uses", "")): step for step in job["steps"]}


def valid(*files: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("check-jsonschema")
    return subprocess.run(
        [program, "--builtin-schema", "vendor.github-workflows", *files], capture_output=True, text=True
    )


def test_workflow_made_is_valid_by_githubs_schema(newsroom):
    newsroom.story("init")
    done = valid(newsroom.root / ".github/workflows/stories.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_schema_would_find_a_workflow_that_is_wrong(newsroom):
    newsroom.story("init")
    newsroom.change(".github/workflows/stories.yml", "runs-on:", "run-on:")
    assert valid(newsroom.root / ".github/workflows/stories.yml").returncode == 1


@pytest.mark.parametrize("name", ["ci.yml", "stories.yml"])
def test_workflows_of_this_repository_are_valid_by_githubs_schema(name):
    path = PACKAGE_ROOT / ".github/workflows" / name
    assert path.is_file()
    done = valid(path)
    assert done.returncode == 0, done.stdout + done.stderr


def is_safe(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job.get("permissions", {"contents": "read"}) == {"contents": "read"}
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", step["uses"])
            assert "${{" not in step.get("run", "")
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", ["ci.yml", "stories.yml"])
def test_workflows_of_this_repository_trust_nothing_from_a_pull_request(name):
    workflow = yaml.safe_load((PACKAGE_ROOT / ".github/workflows" / name).read_text("utf-8"))
    is_safe(workflow)
    assert "pull_request_target" not in workflow[True]


@pytest.mark.parametrize("branch", ["main", "trunk", "release/2026"])
def test_workflow_made_asks_for_all_it_needs_and_no_more(tmp_path, branch):
    desk = Desk(tmp_path / "newsroom")
    desk.root.mkdir()
    desk.git("init", "--quiet", f"--initial-branch={branch}")
    desk.story("init")
    workflow = workflow_of(desk)
    is_safe(workflow)
    on = workflow[True]
    assert set(on) == {"pull_request", "merge_group", "push"}
    assert on["push"] == {"branches": [branch]}
    assert not on["pull_request"]  # no `paths:`: a required check that is left out would hang
    (checkout,) = [step for name, step in steps_of(desk).items() if name.startswith("actions/checkout@")]
    assert checkout["with"]["fetch-depth"] == 0


def test_workflow_made_on_a_branch_with_an_odd_name_is_valid(tmp_path):
    desk = Desk(tmp_path / "newsroom")
    desk.root.mkdir()
    desk.git("init", "--quiet", '--initial-branch=a"b#c')
    desk.story("init", exit=None)
    path = desk.root / ".github/workflows/stories.yml"
    if path.exists():
        assert valid(path).returncode == 0
        assert workflow_of(desk)[True]["push"]["branches"] == ['a"b#c']


@pytest.mark.parametrize(
    "spec",
    ["", "newsroom-cli==9.9", "git+https://git.example/newsroom-cli@v1", "./tools/newsroom", "newsroom-cli[x]>=1,<2"],
)
def test_workflow_installs_the_tool_from_one_line(newsroom, tmp_path, spec):
    newsroom.story("init", *(("--spec", spec) if spec else ()))
    step = steps_of(newsroom)["Install story"]
    assert len(step["run"].strip().splitlines()) == 1
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/asked\n', "utf-8")
    (programs / "python").chmod(0o755)
    bash(newsroom, step["run"], programs=programs)
    asked = (tmp_path / "asked").read_text("utf-8").splitlines()
    assert asked == ["-m", "pip", "install", spec or f"newsroom-cli[signing]=={__version__}"]


@pytest.mark.parametrize("spec", ['x"; rm -rf /; "', "$(id)", "`id`", "a\nb", "\\", "${{ github.token }}"])
def test_spec_that_could_run_something_is_wrong_usage(newsroom, spec):
    newsroom.story("init", "--spec", spec, exit=2)
    assert made_files(newsroom) == []


# The steps, run


@pytest.fixture
def programs(tmp_path) -> Path:
    """A folder with a `story` that runs this code."""
    folder = tmp_path / "programs"
    folder.mkdir()
    story = folder / "story"
    story.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m newsroom_cli "$@"\n', "utf-8")
    story.chmod(0o755)
    return folder


def bash(
    desk: Desk, script: str, *, programs: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a step as the runner does: `bash --noprofile --norc -eo pipefail`."""
    surroundings = desk.whole_environment("Reporter", env)
    surroundings["PATH"] = f"{programs}:{surroundings['PATH']}"
    file = programs.parent / "step.sh"
    file.write_text(script, "utf-8")
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)]
    return subprocess.run(command, cwd=desk.root, env=surroundings, capture_output=True, text=True)


def _origin(desk: Desk) -> None:
    desk.story("init")
    desk.commit("story init", who="Chief")
    desk.at("review", "council-budget")
    desk.at("publish", "harbour-fire", title="Fire in the harbour")
    desk.git("switch", "--quiet", "-c", "change")


@pytest.fixture
def origin(made) -> Desk:
    """A newsroom made by `story init`, with the branch `change` to be merged into `main`."""
    return made("origin", _origin)


def on_the_host(origin: Desk, folder: Path) -> Desk:
    """What the host checks out for a pull request: its own merge of `change` into `main`, detached."""
    origin.git("clone", "--quiet", str(origin.root), str(folder))
    host = Desk(folder, now=origin.now)
    host.git("switch", "--quiet", "--detach", "origin/main")
    host.git("merge", "--quiet", "--no-ff", "-m", "Merge change into main", "origin/change", who="Chief")
    return host


def checked(host: Desk, programs: Path, **env: str) -> subprocess.CompletedProcess[str]:
    (step,) = [step for name, step in steps_of(host).items() if name == "Check the stories"]
    assert set(step["env"]) == {"EVENT", "TARGET", "BEFORE"}
    given = {"EVENT": "pull_request", "TARGET": "main", "BEFORE": "", "GITHUB_REF": "refs/pull/7/merge", **env}
    return bash(host, step["run"], programs=programs, env=given)


def test_steps_pass_a_good_pull_request(origin, programs, tmp_path):
    origin.story("approve", "council-budget", who="Editor")
    origin.story("publish", "council-budget", who="Chief")
    done = checked(on_the_host(origin, tmp_path / "host"), programs)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr == "checked 1 of 2 stories: nothing found\n"


def test_steps_pass_a_pull_request_without_stories(origin, programs, tmp_path):
    origin.write("README.md", "# Gazette\n")
    origin.commit()
    done = checked(on_the_host(origin, tmp_path / "host"), programs)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr == "checked 0 of 2 stories: nothing found\n"


def test_steps_fail_a_pull_request_with_missing_metadata(origin, programs, tmp_path):
    path = origin.path_of("council-budget")
    origin.change(path, "description: Taxes stay flat; two libraries reopen.\n", "description:\n")
    origin.commit()
    line = origin.read(path).splitlines().index("description:") + 1
    done = checked(on_the_host(origin, tmp_path / "host"), programs)
    assert done.returncode == 1
    (annotation,) = done.stdout.splitlines()
    assert annotation.startswith(
        f"::error file={path},line={line},col=1,title=required-description::description is empty; required from review."
    )


def test_steps_fail_a_pull_request_with_publish_written_by_hand(origin, programs, tmp_path):
    path = origin.path_of("council-budget")
    origin.change(path, "state: review", "state: publish")
    origin.commit()
    line = origin.read(path).splitlines().index("state: publish") + 1
    done = checked(on_the_host(origin, tmp_path / "host"), programs)
    assert done.returncode == 1
    assert any(
        one.startswith(
            f"::error file={path},line={line},col=1,title=record-by-hand::state says publish, the ledger review;"
        )
        for one in done.stdout.splitlines()
    )


def test_steps_fail_a_new_story_that_says_publish_by_hand(origin, programs, tmp_path, make_story):
    origin.write("stories/by-hand.md", make_story(state="publish"))
    origin.commit()
    done = checked(on_the_host(origin, tmp_path / "host"), programs)
    assert done.returncode == 1
    assert "::error file=stories/by-hand.md,line=8,col=1,title=record-by-hand::" in done.stdout


def test_steps_fail_a_forged_approval(origin, programs, tmp_path):
    origin.story("approve", "council-budget", who="Editor")
    origin.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit", who="Reporter")
    done = checked(on_the_host(origin, tmp_path / "host"), programs)
    assert done.returncode == 1
    assert f"title=entry-not-attributed::approve by {PEOPLE['Editor']}" in done.stdout


def test_steps_check_a_push_against_what_was_there_before(origin, programs, tmp_path):
    before = origin.git("rev-parse", "main")
    origin.story("approve", "council-budget", who="Editor")
    origin.story("publish", "council-budget", who="Chief")
    origin.git("reset", "--quiet", "--soft", "main")
    origin.git("commit", "--quiet", "-m", "squashed by the host", who="Chief")
    origin.git("switch", "--quiet", "main")
    origin.git("merge", "--quiet", "--ff-only", "change")
    origin.git("clone", "--quiet", str(origin.root), str(tmp_path / "host"))
    host = Desk(tmp_path / "host", now=origin.now)
    push = {"EVENT": "push", "TARGET": "", "GITHUB_REF": "refs/heads/main"}
    done = checked(host, programs, BEFORE=before, **push)
    assert (done.returncode, done.stderr) == (0, "checked 1 of 2 stories: nothing found\n")
    origin.change(origin.path_of("harbour-fire"), "Monday", "Tuesday")
    now = origin.commit()
    host.git("pull", "--quiet")
    done = checked(host, programs, BEFORE=f"{now}~1", **push)
    assert done.returncode == 1
    assert "title=published-words-changed::" in done.stdout


@pytest.mark.parametrize("before", ["", "0" * 40])
def test_steps_check_everything_on_the_first_push(origin, programs, before):
    origin.git("switch", "--quiet", "main")
    push = {"EVENT": "push", "TARGET": "", "BEFORE": before, "GITHUB_REF": "refs/heads/main"}
    done = checked(origin, programs, **push)
    assert (done.returncode, done.stderr) == (0, "checked 2 of 2 stories: 1 info\n")


def test_steps_check_a_merge_group_against_its_base(origin, programs):
    origin.story("approve", "council-budget", who="Editor")
    group = {"EVENT": "merge_group", "TARGET": "", "BEFORE": origin.git("rev-parse", "main")}
    done = checked(origin, programs, GITHUB_REF="refs/heads/gh-readonly-queue/main/pr-7", **group)
    assert (done.returncode, done.stderr) == (0, "checked 1 of 2 stories: nothing found\n")


def test_steps_fail_on_a_shallow_checkout_and_say_why(origin, programs, tmp_path):
    origin.git("clone", "--quiet", "--depth=1", f"file://{origin.root}", str(tmp_path / "host"))
    done = checked(Desk(tmp_path / "host", now=origin.now), programs)
    assert done.returncode == 3
    assert "fetch-depth: 0" in done.stderr


def test_init_dry_run_says_what_it_would_make(newsroom):
    said = newsroom.story("init", "--dry-run").out
    assert "would make  newsroom.toml" in said
    assert "\nmade" not in said


def test_init_beside_a_table_of_pyproject_names_no_file_it_did_not_make(newsroom):
    newsroom.write("pyproject.toml", '[tool.newsroom]\nname = "Gazette"\n')
    assert "newsroom.toml" not in newsroom.story("init").err


def test_byte_order_mark_in_the_configuration_is_named(newsroom):
    newsroom.write("newsroom.toml", "\ufeffname = 'Gazette'\n")
    assert "byte order mark (BOM)" in newsroom.refused("list", exit=3)


def test_broken_configuration_names_what_shows_every_setting(newsroom):
    newsroom.write("newsroom.toml", "name =\n")
    assert "in an empty repository shows every setting" in newsroom.refused("list", exit=3)
