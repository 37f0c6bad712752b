"""Where `story` cannot run, and where git says no: file, ledger and index are exactly as before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BODY, PEOPLE, PICTURE, Desk

NOBODY = {f"GIT_{role}_{what}": None for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def _ready(desk: Desk) -> None:
    """Stories on which every verb that writes has something to do, and other work that is staged and dirty."""
    desk.write("other.txt", "one\n")
    desk.write(".gitignore", "ignored\n")
    desk.commit("begin")
    desk.at("draft", "a-draft", title="A draft")
    desk.at("review", "in-review", title="In review")
    desk.at("edit", "in-edit", title="In edit")
    desk.at("review", "lifted", title="Lifted")
    desk.story("approve", "lifted", "--override", "Alone.")
    desk.write("stories/2025/11/hall.png", PICTURE)
    desk.write("stories/2025/11/new.png", PICTURE)
    desk.git("add", "stories/2025/11/hall.png")
    desk.commit("a picture", "stories/2025/11/hall.png")
    desk.write("stories/2025/11/hall.png", PICTURE + b"changed")
    desk.at("draft", "unsaved", title="Unsaved")
    desk.fill("unsaved", body="Staged words.\n")
    desk.git("add", desk.path_of("unsaved"))
    desk.fill("unsaved", body=f"{BODY}\n![Hall](hall.png) ![New](new.png)\n")
    desk.write("stories/By Hand.md", f"---\ntitle: By hand\nsection: local\ndescription: x\nsource: y\n---\n{BODY}")
    desk.write("other.txt", "two\n")
    desk.git("add", "other.txt")
    desk.write("other.txt", "three\n")
    desk.write("untracked.txt", "x\n")


@pytest.fixture
def ready(made) -> Desk:
    """A desk on which every verb has something to do."""
    return made("ready", _ready)


WRITING = {
    "new": (("new", "Something new"), "Reporter"),
    "adopt": (("adopt", "stories/By Hand.md"), "Reporter"),
    "save": (("save", "unsaved"), "Reporter"),
    "edit": (("edit", "unsaved"), "Reporter"),
    "delete": (("delete", "a-draft"), "Reporter"),
    "submit": (("submit", "unsaved"), "Reporter"),
    "submit by hand": (("submit", "stories/By Hand.md"), "Reporter"),
    "withdraw": (("withdraw", "in-review"), "Reporter"),
    "approve": (("approve", "in-review"), "Editor"),
    "send-back": (("send-back", "in-edit", "-m", "No."), "Editor"),
    "publish": (("publish", "in-edit"), "Editor"),
    "ack": (("ack", "lifted"), "Chief"),
    "require": (("require", "in-edit", "legal"), "Editor"),
    "several": (("approve", "in-review", "in-review"), "Editor"),
}
READING = (("list",), ("show", "in-review"), ("log", "in-review"), ("check",), ("check", "--base", "main"))


def no(desk: Desk, verb: str, *, exit: int = 3, env: dict[str, str | None] | None = None) -> str:
    """Every one of these verbs has to say no here and change nothing."""
    args, who = WRITING[verb]
    return desk.refused(*args, exit=exit, who=who, env={"EDITOR": "true", **(env or {})})


@pytest.mark.parametrize("verb", WRITING)
def test_every_verb_has_something_to_do_here(ready, verb):
    """Without this the refusals below would prove nothing."""
    args, who = WRITING[verb]
    head = ready.head
    ready.story(*args, who=who, env={"EDITOR": "true"})
    assert ready.head != head
    assert ready.git("diff", "--cached", "--name-only", "--", "other.txt") == "other.txt"
    assert ready.read("other.txt") == "three\n"


# Where there is no newsroom


@pytest.mark.parametrize("verb", [*WRITING, "init", "list", "show", "log", "check", "check base"])
def test_outside_a_repository_nothing_runs(tmp_path, verb):
    desk = Desk(tmp_path / "plain")
    desk.root.mkdir()
    reading = {"init": ("init",), "list": ("list",), "show": ("show", "x"), "log": ("log", "x"), "check": ("check",)}
    args = WRITING[verb][0] if verb in WRITING else {**reading, "check base": ("check", "--base", "main")}[verb]
    said = desk.story(*args, exit=3)
    assert "is not in a git repository" in said.err
    assert "git init" in said.err
    assert list(desk.root.iterdir()) == []


@pytest.mark.parametrize("verb", WRITING)
def test_without_an_identity_nothing_is_written(ready, verb):
    said = no(ready, verb, env=NOBODY)
    assert "Git does not know who you are." in said
    assert "git config user.email" in said


@pytest.mark.parametrize("half", ["GIT_AUTHOR_EMAIL", "GIT_AUTHOR_NAME"])
def test_half_an_identity_is_none(ready, half):
    env = {name: value for name, value in NOBODY.items() if name.endswith(half.rsplit("_", 1)[1])}
    no(ready, "approve", env=env)


def test_identity_comes_from_gits_configuration_as_git_reads_it(ready):
    ready.git("config", "user.name", "Editor")
    ready.git("config", "user.email", "editor@gazette.example")
    ready.story("approve", "in-review", who="Reporter", env=NOBODY)
    assert ready.entries("in-review")[-1]["by"] == PEOPLE["Editor"]


def test_reading_needs_no_identity(ready):
    for args in READING:
        ready.story(*args, env=NOBODY, exit=None if args == ("check",) else 0)


@pytest.mark.parametrize("name", ["Li <b> Wei", "  Li Wei  ", "Li\tWei", "李伟", "Li, Wei (desk)"])
def test_identity_with_odd_characters_is_read_as_git_reads_it(ready, name):
    env = {"GIT_AUTHOR_NAME": name, "GIT_COMMITTER_NAME": name}
    ready.story("approve", "in-review", who="Editor", env=env)
    assert ready.story("log", "in-review", "--json").json[-1]["strength"] == "attributed"


@pytest.mark.parametrize("verb", WRITING)
def test_bare_repository_is_only_read(ready, tmp_path, verb):
    ready.git("clone", "--quiet", "--bare", str(ready.root), str(tmp_path / "bare.git"))
    bare = Desk(tmp_path / "bare.git", now=ready.now)
    refs = bare.git("for-each-ref")
    args, who = WRITING[verb]
    said = bare.story(*args, who=who, exit=3, env={"EDITOR": "true"})
    assert "bare repository" in said.err
    assert bare.git("for-each-ref") == refs


@pytest.mark.parametrize("verb", WRITING)
def test_detached_head_is_only_read(ready, verb):
    ready.git("switch", "--quiet", "--detach")
    said = no(ready, verb)
    assert "detached" in said
    assert "git switch" in said


def under_way(desk: Desk, what: str) -> None:
    desk.git("stash", "--quiet", "--include-untracked")
    desk.git("switch", "--quiet", "-c", "side")
    desk.write("other.txt", "side\n")
    side = desk.commit("side")
    desk.git("switch", "--quiet", "main")
    desk.write("other.txt", "main\n")
    desk.commit("main")
    command = {
        "merge": ("merge", "side"),
        "cherry-pick": ("cherry-pick", side),
        "revert": ("revert", "--no-edit", "HEAD~1", "HEAD"),
        "rebase": ("rebase", "side"),
    }[what]
    if what == "revert":
        desk.write("other.txt", "again\n")
        desk.commit("again")
        command = ("revert", "--no-edit", "HEAD~1")
    desk.git(*command, exit=1)
    desk.write("stories/By Hand.md", f"---\ntitle: By hand\nsection: local\ndescription: x\nsource: y\n---\n{BODY}")


@pytest.mark.parametrize("what", ["merge", "cherry-pick", "revert", "rebase"])
@pytest.mark.parametrize("verb", ["new", "adopt", "submit by hand", "delete", "withdraw", "approve", "publish", "ack"])
def test_while_git_is_in_the_middle_of_something_nothing_is_written(ready, what, verb):
    under_way(ready, what)
    said = no(ready, verb)
    assert f"{what} is under way" in said
    assert "git status" in said


def test_after_the_merge_is_made_the_move_is_too(ready):
    under_way(ready, "merge")
    ready.write("other.txt", "both\n")
    ready.git("add", "other.txt")
    ready.git("commit", "--quiet", "--no-edit")
    ready.story("approve", "in-review", who="Editor")


# Where git or the disk says no


def hook(desk: Desk, name: str, script: str) -> None:
    path = desk.root / ".git/hooks" / name
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize("name", ["pre-commit", "commit-msg", "prepare-commit-msg"])
@pytest.mark.parametrize("verb", WRITING)
def test_hook_that_says_no_leaves_everything_as_it_was(ready, name, verb):
    hook(ready, name, "echo 'The desk is closed.' >&2; exit 1")
    said = no(ready, verb)
    assert "Git did not make the commit" in said
    assert "The desk is closed." in said


@pytest.mark.parametrize("verb", WRITING)
def test_commit_that_cannot_be_signed_leaves_everything_as_it_was(ready, verb):
    program = ready.root.parent / "scratch" / "gpg"
    program.write_text("#!/bin/sh\necho 'no secret key' >&2; exit 2\n", "utf-8")
    program.chmod(0o755)
    ready.git("config", "commit.gpgsign", "true")
    ready.git("config", "gpg.program", str(program))
    assert "Git did not make the commit" in no(ready, verb)


def test_hook_that_demands_a_signature_leaves_everything_as_it_was(ready):
    hook(ready, "commit-msg", 'grep -q "^Signed-off-by:" "$1" || { echo "No Signed-off-by." >&2; exit 1; }')
    assert "No Signed-off-by." in no(ready, "approve")


def test_hook_words_are_shown_harmless(ready):
    hook(ready, "pre-commit", "printf '\\033[31mred\\n##[error]no\\n::error::x\\n' >&2; exit 1")
    said = no(ready, "approve")
    assert "\x1b" not in said
    assert "##[" not in said


def test_hook_that_passes_changes_nothing(ready):
    hook(ready, "pre-commit", "exit 0")
    hook(ready, "post-commit", "exit 1")
    ready.story("approve", "in-review", who="Editor")


def test_hook_sees_only_what_is_committed(ready):
    hook(ready, "pre-commit", "git diff --cached --name-only > seen")
    ready.story("approve", "in-review", who="Editor")
    assert sorted(ready.read("seen").split()) == sorted([ready.ledger_of("in-review"), ready.path_of("in-review")])


@pytest.mark.parametrize("verb", WRITING)
def test_hook_that_says_no_leaves_a_clean_index_clean(ready, verb):
    """Nothing else is staged: the commit is made another way, and is undone another way."""
    ready.git("reset", "--quiet")
    hook(ready, "pre-commit", "exit 1")
    no(ready, verb)
    assert ready.git("diff", "--cached", "--name-only") == ""


@pytest.mark.parametrize("meanwhile", ["echo More. >>", "rm"])
@pytest.mark.parametrize("of", ["story", "ledger"])
def test_what_somebody_writes_while_a_move_waits_is_not_overwritten(newsroom, meanwhile, of):
    """Several moves are planned before the first is committed."""
    for slug in ("fire", "flood"):
        newsroom.at("review", slug, title=slug.title())
    path = newsroom.path_of("flood") if of == "story" else newsroom.ledger_of("flood")
    hook(newsroom, "pre-commit", f"{meanwhile} {path}")
    said = newsroom.story("approve", "fire", "flood", who="Editor", exit=1)
    assert f"{path} was changed by somebody else meanwhile." in said.err
    assert "Approved fire" in said.err
    file = newsroom.root / path
    assert file.read_text("utf-8").endswith("More.\n") if meanwhile != "rm" else not file.exists()
    assert newsroom.git("show", "--format=", "--name-only") == "\n".join(
        sorted((newsroom.ledger_of("fire"), newsroom.path_of("fire")))
    )


@pytest.mark.parametrize("staged", [False, True])
def test_uncommitted_words_in_a_folder_with_blanks_are_seen(newsroom, staged):
    newsroom.at("review", "fire", title="Fire")
    path = "stories/the  night desk/fire.md"
    newsroom.write(path, newsroom.read(newsroom.path_of("fire")))
    newsroom.git("rm", "--quiet", "stories/2025/11/fire.md")
    newsroom.commit("moved")
    newsroom.change(path, "on Monday", "on Tuesday")
    if staged:
        newsroom.git("add", path)
    assert "fire has uncommitted changes" in newsroom.refused("approve", "fire", who="Editor")
    newsroom.story("save", "fire")
    newsroom.story("approve", "fire", who="Editor")


INTERRUPTED = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever began the tests may have it ignored
from newsroom_cli.__main__ import main
main()
"""


def interrupted(desk: Desk, *args: str) -> int:
    """Run `story` in a process group of its own, which a hook interrupts as the keyboard does; the exit status."""
    command = [sys.executable, "-c", INTERRUPTED, *args]
    done = subprocess.run(command, cwd=desk.root, env=desk.whole_environment("Editor"), start_new_session=True,
                          capture_output=True, timeout=60)  # fmt: skip
    assert b"Traceback" not in done.stderr
    return done.returncode


@pytest.mark.parametrize("clean", [False, True], ids=["other work staged", "nothing staged"])
def test_interrupt_before_the_commit_leaves_everything_as_it_was(ready, clean):
    if clean:
        ready.git("reset", "--quiet")
    hook(ready, "pre-commit", "kill -INT 0; sleep 5")
    before = ready.everything()
    assert interrupted(ready, "approve", "in-review") != 0
    assert ready.everything() == before


@pytest.mark.parametrize("clean", [False, True], ids=["other work staged", "nothing staged"])
def test_interrupt_behind_the_commit_leaves_the_move_made(ready, clean):
    if clean:
        ready.git("reset", "--quiet")
    hook(ready, "post-commit", "kill -INT 0; sleep 5")
    staged = ready.git("diff", "--cached", "--name-only")
    paths = [ready.ledger_of("in-review"), ready.path_of("in-review")]
    head = ready.head
    assert interrupted(ready, "approve", "in-review") != 0
    assert ready.git("rev-parse", "HEAD~1") == head
    assert sorted(ready.files_of()) == sorted(paths)
    assert ready.entries("in-review")[-1]["action"] == "approve"
    assert ready.git("status", "--porcelain", "--", *paths) == ""
    assert ready.git("diff", "--cached", "--name-only") == staged


REWRITES = """
for file in $(git diff --cached --name-only --diff-filter=AM -- stories | grep md$); do
    sed 's/council/COUNCIL/' "$file" > .git/formatted; cat .git/formatted > "$file"; git add "$file"
done"""
SIGNING = [verb for verb in WRITING if verb not in ("new", "save", "edit", "delete", "ack", "require")]


@pytest.mark.parametrize("clean", [False, True], ids=["other work staged", "nothing staged"])
@pytest.mark.parametrize("verb", SIGNING)
def test_hook_that_changes_what_is_signed_leaves_everything_as_it_was(ready, verb, clean):
    if clean:
        ready.git("reset", "--quiet")
    hook(ready, "pre-commit", REWRITES)
    said = no(ready, verb)
    assert "A hook changed stories/" in said
    assert "The commit was taken back." in said


def test_hook_that_changes_the_index_alone_is_found(ready):
    path = ready.path_of("in-edit")
    script = f"""blob=$(git show :{path} | sed s/council/COUNCIL/ | git hash-object -w --stdin)
    git update-index --cacheinfo 100644,$blob,{path}"""
    hook(ready, "pre-commit", script)
    assert f"A hook changed {path}" in no(ready, "publish")


def test_hook_that_changes_a_picture_is_found(ready):
    hook(ready, "pre-commit", "echo smaller > stories/2025/11/hall.png; git add stories/2025/11/hall.png")
    assert "A hook changed stories/2025/11/hall.png" in no(ready, "submit")


def test_hook_that_changes_the_first_commit_of_a_repository(newsroom, make_story):
    hook(newsroom, "pre-commit", REWRITES)
    newsroom.write("stories/fire.md", make_story(body="The council met.\n"))
    newsroom.refused("adopt", "stories/fire.md", exit=3)


def test_commit_that_a_hook_made_on_top_is_left(ready):
    hook(ready, "pre-commit", REWRITES)
    hook(ready, "post-commit", "test -e .git/once || { touch .git/once; git commit -q --allow-empty -m more; }")
    said = ready.story("publish", "in-edit", who="Editor", exit=3).err
    assert "and made another commit" in said
    assert ready.git("log", "-1", "--format=%s") == "more"


def test_what_a_hook_makes_of_words_can_be_saved_and_then_signed(ready):
    hook(ready, "pre-commit", REWRITES)
    ready.story("save", "unsaved")
    ready.story("submit", "unsaved")
    assert "COUNCIL" in ready.git("show", f"HEAD:{ready.path_of('unsaved')}")
    assert ready.entries("unsaved")[-1]["action"] == "submit"


def test_line_ends_that_git_stores_otherwise_are_no_change(ready):
    ready.write(".gitattributes", "stories/** text eol=crlf\n")
    ready.commit("line ends", ".gitattributes")
    path = ready.path_of("in-edit")
    (ready.root / path).unlink()
    ready.git("checkout", "--", path)
    assert "\r\n" in ready.read(path)
    ready.story("publish", "in-edit", who="Editor")


def test_second_of_several_commits_that_fails_leaves_the_first(ready):
    ready.at("review", "third", title="Third")
    hook(ready, "pre-commit", "test ! -e .git/once || exit 1; touch .git/once")
    first = ready.entries("in-review")
    said = ready.story("approve", "in-review", "third", who="Editor", exit=3)
    assert "Approved in-review" in said.err
    assert len(ready.entries("in-review")) == len(first) + 1
    assert ready.entries("third")[-1]["action"] == "submit"
    assert ready.git("status", "--porcelain", "--", ready.path_of("third"), ready.ledger_of("third")) == ""


@pytest.mark.parametrize("verb", ["new", "approve", "submit", "delete", "adopt"])
def test_index_that_is_locked_leaves_everything_as_it_was(ready, verb):
    lock = ready.root / ".git/index.lock"
    args, who = WRITING[verb]
    before = ready.everything()
    lock.write_bytes(b"")
    ready.story(*args, who=who, exit=3)
    lock.unlink()
    assert ready.everything() == before


@pytest.mark.parametrize("place", [".newsroom", ".newsroom/ledger", ".newsroom/ledger/2025", "stories"])
def test_file_where_a_folder_should_be_stops_a_new_story(newsroom, place):
    newsroom.write("README.md", "x\n")
    newsroom.write(place, "in the way\n")
    newsroom.commit()
    said = newsroom.refused("new", "Fire", exit=3)
    assert place in said


def test_folder_where_the_ledger_should_be_stops_a_move(ready):
    ledger = ready.root / ready.ledger_of("in-review")
    ledger.unlink()
    ledger.mkdir()
    args, who = WRITING["approve"]
    ready.refused(*args, who=who, exit=1)


def unprivileged() -> list[str]:
    """A prefix under which permissions bind even the superuser; empty where they bind already."""
    if os.geteuid():
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("the superuser writes anyway, and there is no setpriv to stop it")
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search,-fowner"]


@pytest.mark.parametrize("folder", [".newsroom/ledger/2025/11/24", "stories/2025/11"])
@pytest.mark.parametrize("verb", ["approve", "new", "delete"])
def test_folder_that_may_not_be_written_leaves_everything_as_it_was(ready, folder, verb):
    prefix = unprivileged()
    before = ready.everything()
    args, who = WRITING[verb]
    closed = ready.root / folder
    closed.chmod(0o555)
    command = [*prefix, sys.executable, "-m", "newsroom_cli", *ready._arguments(args)]
    done = subprocess.run(command, cwd=ready.root, env=ready.whole_environment(who), capture_output=True, text=True)
    closed.chmod(0o755)
    assert done.returncode == 3, done.stderr
    assert "cannot be written" in done.stderr
    assert "fault" not in done.stderr
    assert ready.everything() == before


def test_git_that_is_not_there_is_said(ready, tmp_path):
    (tmp_path / "empty").mkdir()
    said = ready.process("list", exit=3, env={"PATH": str(tmp_path / "empty")})
    assert "git was not found" in said.err


def test_repository_of_somebody_else_is_said_in_gits_words(ready):
    """Git trusts only repositories of one's own; what it says has to reach the person."""
    env = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    said = ready.process("approve", "in-review", who="Editor", exit=3, env=env)
    assert "dubious ownership" in said.err


# Names that lead nowhere or to several


def slug_verbs() -> list[str]:
    return ["submit", "withdraw", "approve", "publish", "ack", "save", "edit", "delete"]


@pytest.mark.parametrize("verb", slug_verbs())
def test_misspelt_slug_suggests_the_right_one(ready, verb):
    said = ready.refused(verb, "in-reveiw", env={"EDITOR": "true"})
    assert "There is no story in-reveiw." in said
    assert "Did you mean in-review" in said


@pytest.mark.parametrize("verb", slug_verbs())
def test_slug_of_nothing_names_the_list(ready, verb):
    assert "story list" in ready.refused(verb, "zzzzzz", env={"EDITOR": "true"})


@pytest.mark.parametrize("verb", slug_verbs())
def test_ambiguous_slug_is_refused_with_all_paths(ready, make_story, verb):
    ready.write("stories/old/in-review.md", make_story())
    said = ready.refused(verb, "in-review", env={"EDITOR": "true"})
    assert "in-review names 2 stories" in said
    assert "stories/2025/11/in-review.md" in said
    assert "stories/old/in-review.md" in said


@pytest.mark.parametrize(
    "slug", ["..", "../../etc/passwd", "/etc/passwd", "", "-", "stories", "*", "a\0b", "x" * 300, "\x1b[31m"]
)
@pytest.mark.parametrize("verb", ["approve", "show", "save"])
def test_slug_that_cannot_be_is_only_not_found(ready, verb, slug):
    said = ready.story(verb, "--", slug, exit=None)
    assert said.exit in (1, 3)
    assert "Error: " in said.err
    assert "\x1b" not in said.err


def test_upper_case_and_decomposed_spelling_find_the_story(ready):
    assert ready.story("show", "IN-REVIEW", "--json").json["slug"] == "in-review"


@pytest.mark.parametrize("verb", slug_verbs())
def test_story_that_cannot_be_read_is_refused_at_its_line(ready, verb):
    ready.write(ready.path_of("in-review"), "---\ntitle: a: b\n---\n")
    ready.commit("broken", "stories/2025/11/in-review.md")
    said = ready.refused(verb, "in-review", env={"EDITOR": "true"})
    assert "stories/2025/11/in-review.md:2:9: error[yaml-syntax]" in said


# Configuration


@pytest.mark.parametrize(
    "text, words",
    [
        ("langauge = 'en'\n", ("unknown setting langauge", "Did you mean language?")),
        ("[trust]\nrequires = 'recorded'\n", ("trust.requires", "Did you mean require?")),
        ("[[people]]\nname = 'A'\nemail = 'a@b'\nemails = ['a@b']\n", ("email", "Did you mean emails?")),
        ("[limits]\ntitle = 'long'\n", ("limits.title",)),
        ("[limits]\ntitle = 0\n", ("limits.title",)),
        ("timezone = 'Asia/Nowhere'\n", ("timezone", "is not a time zone")),
        ("timezone = '../../etc/passwd'\n", ("timezone", "is not a time zone")),
        ("slugs = 'latin'\n", ("slugs",)),
        ("path = '../outside'\n", ("path", "under stories/")),
        ("path = '{reporter}'\n", ("path", "{year}")),
        ("path = '{year.real}'\n", ("path",)),
        ("[[[\n", ("newsroom.toml",)),
        ("name = 'a'\nname = 'b'\n", ("newsroom.toml",)),
        ("[rules]\ndescription-length = 'loud'\n", ("description-length",)),
        ("[rules]\ndescripton-length = 'off'\n", ("descripton-length",)),
        ("[[people]]\nname = 'A'\nemails = ['a@b', 'A@B ']\n[[people]]\nname = 'B'\nemails = ['a@B']\n", ("belongs to both",)),
        ("[[people]]\nname = 'A'\nemails = []\n", ("emails",)),
        ("[[people]]\nname = 'A'\nemails = [' ']\n", ("emails",)),
        ("[pipeline.states.limbo]\nrequires = []\n", ("limbo",)),
        ("[[pipeline.moves]]\naction = 'publish'\nfrom = ['nowhere']\nto = 'publish'\nby = ['editor']\n", ("nowhere",)),
        ("[[pipeline.moves]]\naction = 'publish'\nfrom = ['edit']\nto = 'publish'\nby = []\n", ("publish",)),
        ("[[pipeline.moves]]\naction = 'publish'\nfrom = ['edit']\nto = 'publish'\nby = ['editor']\nnot_by = ['writer']\n", ("writer",)),
    ],
)  # fmt: skip
def test_configuration_that_is_wrong_stops_everything_and_is_named(ready, text, words):
    ready.write("newsroom.toml", text)
    for args in (("list",), ("check",), ("new", "Fire"), ("approve", "in-review"), ("show", "in-review")):
        said = ready.refused(*args, exit=3, who="Editor")
        assert "newsroom.toml" in said
        for word in words:
            assert word in said


def test_configuration_in_both_places_stops_everything(ready):
    ready.write("newsroom.toml", "name = 'A'\n")
    ready.write("pyproject.toml", "[project]\nname = 'x'\n[tool.newsroom]\nname = 'B'\n")
    for args in (("list",), ("check",), ("approve", "in-review")):
        said = ready.refused(*args, exit=3, who="Editor")
        assert "newsroom.toml" in said
        assert "pyproject.toml" in said


def test_configuration_in_pyproject_alone_counts(newsroom):
    newsroom.write(
        "pyproject.toml", "[project]\nname = 'x'\n[tool.newsroom]\nlanguage = 'de'\n[tool.newsroom.limits]\ntitle = 5\n"
    )
    newsroom.story("new", "Feuer")
    assert "\nlang: de\n" in newsroom.read(newsroom.path_of("feuer"))
    assert "at most 5" in newsroom.refused("new", "Wasser")


def test_table_that_pyproject_spells_otherwise_counts_too(newsroom):
    newsroom.write("pyproject.toml", "[tool]\nnewsroom = { language = 'de' }\n")
    newsroom.story("new", "Feuer")
    assert "\nlang: de\n" in newsroom.read(newsroom.path_of("feuer"))


def test_pyproject_that_is_not_ours_does_not_matter(newsroom):
    newsroom.write("pyproject.toml", "[project]\nname = 'x'\n")
    newsroom.write("newsroom.toml", "language = 'de'\n")
    newsroom.story("new", "Feuer")


@pytest.mark.parametrize(
    "content", [b"name = '\xff'\n", b"\xef\xbb\xbfname = 'x'\n", b"\0"], ids=["latin", "BOM", "NUL"]
)
def test_configuration_that_is_no_utf8_text_stops_everything(newsroom, content):
    newsroom.write("newsroom.toml", content)
    assert "newsroom.toml" in newsroom.refused("list", exit=3)


@pytest.mark.parametrize("what", ["folder", "link"])
def test_configuration_that_is_no_file_stops_everything(newsroom, tmp_path, what):
    newsroom.write("README.md", "x\n")
    (tmp_path / "elsewhere.toml").write_text("language = 'de'\n", "utf-8")
    if what == "folder":
        (newsroom.root / "newsroom.toml").mkdir()
    else:
        (newsroom.root / "newsroom.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert "newsroom.toml" in newsroom.refused("list", exit=3)


def test_fault_of_ours_is_one_line_with_a_log_and_no_traceback(newsroom, monkeypatch):
    """What nobody foresaw is said in a line, exit 3, and the log is there to be sent."""
    newsroom.write("README.md", "x\n")

    def broken(*_: object, **__: object) -> None:
        raise ValueError("a \x1b[31mhostile\n::error::message")

    monkeypatch.setattr("newsroom_cli.views.stories.list_rows", broken)
    from typer.testing import CliRunner

    from newsroom_cli.cli import app

    monkeypatch.chdir(newsroom.root)
    result = CliRunner().invoke(app, ["list"])
    assert result.exit_code == 3
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output
    assert result.stderr.startswith("Error: story failed: a ")
    (log,) = Path(newsroom.root.parent / "scratch").glob("story-fault-*.log")
    assert "Traceback" in log.read_text("utf-8")
    assert str(log) in result.stderr


def test_two_approvals_at_one_moment_leave_one_entry(newsroom):
    newsroom.at("review")
    before = newsroom.git("rev-list", "--count", "HEAD")
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "newsroom_cli", "approve", "council-budget"],
            cwd=newsroom.root,
            env=newsroom.whole_environment(who),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for who in ("Editor", "Chief", "Deputy")
    ]
    said = [process.communicate()[1].decode() for process in running]
    assert sorted(process.returncode for process in running) == [0, 1, 1], said
    assert [entry["action"] for entry in newsroom.entries("council-budget")] == ["new", "submit", "approve"]
    assert int(newsroom.git("rev-list", "--count", "HEAD")) == int(before) + 1
    assert newsroom.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    "name, text, words",
    [
        ("newsroom.toml", "name = " + "1" * 5_000, "newsroom.toml"),
        ("newsroom.toml", "name = " + "[" * 3_000, "newsroom.toml"),
        ("stories/2025/11/long.md", "---\ntitle: T\n---\n\n![x](" + "x" * 300 + ".jpg)\n", "image-missing"),
    ],
)
def test_absurd_file_is_no_fault(newsroom, name, text, words):
    newsroom.write(name, text)
    assert words in newsroom.story("check", exit=None).all


def test_note_that_is_not_utf8_is_wrong_usage(newsroom):
    newsroom.at("review")
    said = newsroom.process("send-back", "council-budget", "--note", "caf\udce9", exit=2, who="Editor")
    assert "is not UTF-8" in said.err


def test_identity_that_is_no_address_is_refused(newsroom):
    said = newsroom.story("new", "Fire", exit=3, env={"GIT_AUTHOR_EMAIL": "ana at g.example"})
    assert "Git says that you are" in said.err
