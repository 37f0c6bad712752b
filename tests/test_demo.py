"""`story demo`: the whole way, through the real commands, on the repository's own sample stories."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from newsroom_cli.demo import samples

_PLAYED = {}


@pytest.fixture
def played(newsroom, tmp_path):
    """The folder of a demonstration and what it printed; played once, then copied."""
    folder = tmp_path / "played"
    if not _PLAYED:
        said = newsroom.process("demo", "--dir", str(folder), cwd=tmp_path)
        kept = newsroom.kept / "played"
        shutil.copytree(folder, kept, symlinks=True)
        _PLAYED.update(folder=kept, first=folder, said=said.out)
    else:
        shutil.copytree(_PLAYED["folder"], folder, symlinks=True)
    return folder, _PLAYED["said"].replace(str(_PLAYED["first"]), str(folder))


def test_demo_goes_the_whole_way_with_two_refusals_and_ends_with_list_and_log(played):
    folder, said = played
    assert said.count("Error: ") == 2
    assert "is not ready for review" in said
    assert "nobody can approve their own story" in said
    commands = re.findall(r"^(?:reporter|editor|chief)\$ story (\S+)", said, re.MULTILINE)
    assert commands[-3:] == ["list", "log", "check"]
    assert {"init", "new", "submit", "approve", "send-back", "save", "publish"} <= set(commands)
    assert "checked 3 of 3 stories: 1 info" in said
    assert f"The newsroom is in {folder}" in said


def test_demo_leaves_a_newsroom_one_can_go_on_playing_in(newsroom, played):
    folder, _ = played
    listed = newsroom.process("list", "--json", cwd=folder).json
    assert [row["state"] for row in listed] == ["review", "edit", "publish"]
    assert newsroom.process("new", "One more", cwd=folder).exit == 0
    status = subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, check=True)
    assert status.stdout == b""


def test_demo_takes_the_picture_of_its_story_along(played):
    folder, _ = played
    names = subprocess.run(["git", "ls-files"], cwd=folder, capture_output=True, check=True).stdout.decode()
    assert "images/saturday-hours.png" in names


def test_demo_does_not_play_in_a_folder_that_holds_something(newsroom, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", "utf-8")
    said = newsroom.process("demo", "--dir", str(tmp_path / "full"), exit=3, cwd=tmp_path)
    assert "is not empty" in said.err
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_samples_are_three_scripts_in_three_states_one_with_a_picture():
    found = samples()
    assert [one.story.metadata.state for one in found] == ["publish", "edit", "review"]
    assert [one.story.metadata.lang for one in found] == ["zh-Hans", "en", "uk"]
    assert [len(one.pictures) for one in found] == [0, 1, 0]


def test_demo_ends_with_a_command_that_works_and_another_person(played):
    folder, said = played
    command = said.partition("Go on playing: ")[2].partition("\n")[0]
    assert command.startswith(f"cd {folder} && ")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert done.returncode == 0
    assert "STATE" in done.stdout
    assert "GIT_AUTHOR_NAME=Editor GIT_AUTHOR_EMAIL=editor@gazette.example" in said


def test_demo_plays_in_a_folder_of_any_name_whatever_repository_the_environment_names(newsroom, tmp_path):
    folder = tmp_path / "$HOME x"
    env = {"GIT_DIR": str(newsroom.root / ".git"), "GIT_TEMPLATE_DIR": str(tmp_path / "none")}
    newsroom.process("demo", "--dir", str(folder), cwd=tmp_path, env=env)
    assert (folder / ".git/config").is_file()
    assert newsroom.git("rev-list", "--all") == ""


def test_demo_without_git_is_said_before_anything_is_made(newsroom, tmp_path):
    (tmp_path / "bin").mkdir()
    said = newsroom.process(
        "demo", "--dir", str(tmp_path / "new"), exit=3, cwd=tmp_path, env={"PATH": str(tmp_path / "bin")}
    )
    assert "git was not found" in said.err
    assert not (tmp_path / "new").exists()
