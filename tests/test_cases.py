"""Every rule by its cases: `tests/cases/RULE/CASE/`, where CASE begins with bad, good or borderline.

A case holds `input.md`, a story that is read and judged for the state it says, with the files beside it; or
`steps.txt`, a session in a newsroom that ends in a check or an audit (see `steps`). `newsroom.toml` is its configuration. What is
found under the rule's name stands in `expected.txt`, a finding a line, with its path where it is a session's;
`valid.txt` says why nothing is. A bad case is always expected, a good one always valid; a borderline one is either.
What is found weighs what the rule's page lists, and comes in no state but those it lists; in a story by itself, in all of them.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pytest
from making import judges
from signers import keyring

from newsroom_cli import rules, verify
from newsroom_cli.check.story import state_of
from newsroom_cli.errors import Unreadable
from newsroom_cli.model import Finding, Severity
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Held
from newsroom_cli.rules import Rule, RuleContext
from newsroom_cli.rules.registry import Since
from newsroom_cli.settings.settings import Settings
from newsroom_cli.story import frontmatter, pictures

T = TypeVar("T")
CASES = Path(__file__).parent / "cases"
KINDS = ("bad", "good", "borderline")
SLUG = "council-budget"
ALL = sorted(path.parent for name in ("input.md", "steps.txt") for path in CASES.glob(f"*/*/{name}"))
READING = {name for one in rules.families()["reading"] for name in one.names}
EXPECTED = [one for one in ALL if (one / "expected.txt").is_file()]


def name_of(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def kind_of(case: Path) -> str:
    return case.name.partition("-")[0]


def is_session(case: Path) -> bool:
    return (case / "steps.txt").is_file()


def rows(case: Path, found: list[Finding]) -> str:
    """What is found under a case's rule, as `expected.txt` has it."""
    mine = [one for one in found if rule_of(one) == case.parent.name]
    return "".join(row(one, path=is_session(case)) for one in sorted(mine, key=lambda one: one.place))


def rule_of(one: Finding) -> str:
    """The name a finding has in the registry: its own, or `required` for `required-KEY`."""
    rule = rules.find_rule(one.rule)
    assert rule, f"{one.rule} is no rule: {one.message}"
    return one.rule if one.rule in rule.names else rule.id


def row(one: Finding, *, path: bool) -> str:
    """A finding as a line; ids that differ from run to run are not told apart."""
    where = f"{one.path}:" if path else ""
    said = f"{where}{one.line}:{one.column} {one.severity} {one.message}\n"
    return re.sub(r"\b[0-9a-f]{40}\b", "BLOB", re.sub(r"[0-9]{8}-[0-9a-z]{8}", "ID", said))


def settings_of(case: Path) -> Settings:
    toml = case / "newsroom.toml"
    return judges(toml.read_text("utf-8") if toml.is_file() else "").settings


def listed(name: str) -> Rule:
    """What the page says of the findings of a name."""
    rule = rules.find_rule(name)
    assert rule
    return rule.under(name)


def judged(case: Path, state: str = "") -> list[Finding]:
    """What is found in one story by itself, in its state or another; every picture beside it is committed."""
    content = (case / "input.md").read_bytes()
    settings = settings_of(case)
    slug = re.search(rb"^slug: *([\w-]+)", content, re.MULTILINE)
    path = f"stories/2026/11/{slug[1].decode() if slug else 'council-budget'}.md"
    try:
        story = frontmatter.read_story(path, content)
    except Unreadable as error:
        return list(error.findings)
    there = {name for name in pictures.find_pictures(story) if (case / name).is_file()}
    held = Held(story, None, dict.fromkeys(there, "0" * 40))

    def is_there(path: str) -> bool:
        return (case / Path(path).relative_to("stories/2026/11")).exists()

    state = state or state_of(story, settings.pipeline.initial)
    return list(rules.check(story, RuleContext.of(held, settings, state, is_there=is_there)))


def failing(subjects: Iterable[T], check: Callable[[T], None]) -> list[str]:
    """What a check says against each of its subjects that fails it: one test names them all."""
    said = []
    for subject in subjects:
        try:
            check(subject)
        except AssertionError as error:
            said.append(f"{name_of(subject) if isinstance(subject, Path) else subject}: {error}")
    return said


def steps(case: Path, newsroom) -> list[Finding]:
    """What the check at the end of a session finds.

    `at: STATE` takes a story, council-budget, to a state; `NAME$ story …` is a command of somebody's (Reporter,
    Editor), and a line of sh where it is no `story`, with $STORY and $LEDGER for the story's paths and $KEYS for a folder
    with everybody's key where the configuration has keys (tests/signers.py); `check: ARGUMENTS` is the check, `--base`
    and what else it is asked with among them; `audit: ARGUMENTS` is an audit instead.
    """
    lines = (case / "steps.txt").read_text("utf-8").splitlines()
    newsroom = begun(case, newsroom, lines)
    for line in lines:
        if line.startswith("check:"):
            return checked(newsroom, "check", "--format", "json", *shlex.split(line.removeprefix("check:")))
        if line.startswith("audit:"):
            return checked(newsroom, "audit", "--json", *shlex.split(line.removeprefix("audit:")))
        if not line.startswith("at: "):
            step(newsroom, line)
    raise AssertionError(f"{case}: no check and no audit at the end")


def begun(case: Path, newsroom, lines: list[str]):
    """The newsroom a session begins in, with its configuration and a story at a state; made once, then copied."""
    toml = case / "newsroom.toml"
    configuration = toml.read_text("utf-8") if toml.is_file() else ""
    states = [line.removeprefix("at: ").strip() for line in lines if line.startswith("at: ")]
    assert states == [lines[0].removeprefix("at: ").strip()] * len(states), f"{case}: `at:` is the first line, or none"

    keys = keyring(newsroom.kept / "keyring") if "keys = " in configuration else None

    def make(desk) -> None:
        desk.keyring = keys
        type(desk).begin(desk.root)
        desk.write("newsroom.toml", configuration)
        desk.commit("configure", who="Chief")
        if states:
            desk.at(states[0], SLUG)

    if not configuration:
        if states:
            newsroom.at(states[0])
        return newsroom
    shutil.rmtree(newsroom.root)
    made = type(newsroom).made(f"case {states} {configuration}", newsroom.root, make)
    made.keyring = keys
    return made


def step(newsroom, line: str) -> None:
    """Take one step: a command of somebody's."""
    found = re.fullmatch(r"(\w*)\$ (.+)", line)
    assert found, f"this is no step: {line!r}"
    who, command = found[1] or "Reporter", found[2]
    if command.startswith("story "):
        newsroom.story(*shlex.split(command)[1:], who=who)
        return
    newsroom.tick()
    env, before = newsroom.whole_environment(who) | paths(newsroom), everything(newsroom.root)
    done = subprocess.run(["sh", "-ec", command], cwd=newsroom.root, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    assert everything(newsroom.root) != before, f"{command}: this step changes nothing"


def everything(root: Path) -> dict[Path, bytes | str]:
    """What a step may change: files, folders and links, and what git has staged and checked out."""
    of_git = [path for name in ("HEAD", "index", "logs/HEAD") if (path := root / ".git" / name).is_file()]
    found = [path for path in root.rglob("*") if ".git" not in path.relative_to(root).parts]
    return {path: content(path) for path in (*of_git, *found)}


def content(path: Path) -> bytes | str:
    if path.is_symlink():
        return str(path.readlink())
    return path.read_bytes() if path.is_file() else ""


def paths(newsroom) -> dict[str, str]:
    """Where the story and the ledger its id names are, as far as they are there."""
    keys = {"KEYS": str(newsroom.keyring)} if newsroom.keyring else {}
    found = sorted((newsroom.root / "stories").rglob(f"{SLUG}.md"))
    if not found:
        return keys
    story = found[0].relative_to(newsroom.root).as_posix()
    story_id = re.search(r"^id: (\S+)$", newsroom.read(story), re.MULTILINE)
    return keys | {"STORY": story} | ({"LEDGER": ledger.path_of(story_id[1])} if story_id else {})


def checked(newsroom, *args: str) -> list[Finding]:
    """What `story check` or `story audit` finds."""
    said = newsroom.story(*args, exit=None)
    assert said.out, said.err
    keys = ("rule", "severity", "path", "line", "column", "message", "hint", "key")
    return [Finding(**{key: one[key] for key in keys}) for one in json.loads(said.out)["findings"]]


@pytest.mark.parametrize("case", [case for case in ALL if is_session(case)], ids=name_of)
def test_session(case, newsroom, request):
    found = steps(case, newsroom)
    assert_in_states_listed(case, newsroom, found)
    assert_as_written(case, found, anew=request.config.getoption("--golden"))


@pytest.mark.parametrize("rule", sorted({case.parent.name for case in ALL if not is_session(case)}))
def test_stories_of_a_rule(rule, request):
    anew = request.config.getoption("--golden")
    stories = [case for case in ALL if case.parent.name == rule and not is_session(case)]
    assert not failing(stories, lambda case: assert_as_written(case, judged(case), anew=anew))


def assert_as_written(case: Path, found: list[Finding], *, anew: bool) -> None:
    """What is found under the case's rule is what its files say, or is written there `anew`."""
    said, expected = rows(case, found), case / "expected.txt"
    assert not [finding.message for finding in found if "\n" in finding.message]
    if (case / "valid.txt").is_file():
        assert said == ""
        assert kind_of(case) != "good" or is_in_order(case, found), found
        return
    if anew:
        expected.write_text(said, "utf-8")
    assert expected.read_text("utf-8").strip(), f"{expected} is empty"
    assert said == expected.read_text("utf-8")


def assert_in_states_listed(case: Path, newsroom, found: list[Finding]) -> None:
    """Whatever a session finds in a story's file is found in a state in which its name counts, by its page."""
    settings = settings_of(case)
    for one in found:
        if one.path.endswith(".md") and (newsroom.root / one.path).is_file():
            said = re.search(r"^state: *(\S+)", newsroom.read(one.path), re.MULTILINE)
            state = said[1] if said else settings.pipeline.initial
            assert RuleContext(settings, state).counts(listed(one.rule).since), (one, state)


JUDGED = [one for one in EXPECTED if not is_session(one) and one.parent.name not in READING]


def test_what_is_found_in_a_story_is_found_in_the_states_listed_and_in_no_other():
    assert not failing(JUDGED, in_states_listed_alone)


def in_states_listed_alone(case: Path) -> None:
    name, settings = case.parent.name, settings_of(case)
    states = {one: keys_found(case, one) for one in settings.pipeline.names}
    if listed(name).since is Since.REQUIRED:
        found = set().union(*states.values())
        counting = {one: found & settings.pipeline.required_keys(one).keys() for one in states}
        assert found
        assert states == counting
    else:
        counting = {one for one in states if RuleContext(settings, one).counts(listed(name).since)}
        assert {one for one, found in states.items() if found} == counting


def keys_found(case: Path, state: str) -> set[str]:
    return {one.key for one in judged(case, state) if rule_of(one) == case.parent.name}


def test_what_is_listed_as_a_rules_weights_is_what_its_cases_weigh():
    assert not failing(sorted(rules.by_name()), weighs_as_listed)


def weighs_as_listed(name: str) -> None:
    cases = [one for one in EXPECTED if one.parent.name == name and settings_of(one).severity(name, None) is None]
    rows = "".join((one / "expected.txt").read_text("utf-8") for one in cases)
    found = set(re.findall(r"^(?:.+?:)?\d+:\d+ (\w+) ", rows, re.MULTILINE))
    assert found == {str(one) for one in (listed(name).severity, listed(name).mild) if one}


def test_a_rule_of_two_weights_says_when_it_is_the_lighter_one():
    assert not failing([name for name in sorted(rules.by_name()) if listed(name).mild], says_when_lighter)


def says_when_lighter(name: str) -> None:
    weight, mild = listed(name).severity, listed(name).mild
    assert list(Severity).index(weight) < list(Severity).index(mild)
    assert re.search(rf"\b{mild}\b", listed(name).doc)


def is_in_order(case: Path, found: list[Finding]) -> bool:
    """Whether a good case is one: a session without any error, a story that could be read."""
    return not any(one.severity == "error" if is_session(case) else one.rule in READING for one in found)


def test_every_rule_has_a_bad_a_good_and_a_borderline_case():
    have = {(case.parent.name, kind_of(case)) for case in ALL}
    assert not [(name, kind) for name in sorted(rules.by_name()) for kind in KINDS if (name, kind) not in have]


def test_every_folder_is_a_rules_and_every_case_says_what_it_is():
    assert {path.name for path in CASES.iterdir() if path.is_dir()} <= set(rules.by_name())
    for case in ALL:
        outcomes = {name for name in ("valid.txt", "expected.txt") if (case / name).is_file()}
        may = {"bad": {"expected.txt"}, "good": {"valid.txt"}}.get(kind_of(case), {"expected.txt", "valid.txt"})
        assert kind_of(case) in KINDS, case
        assert len(outcomes) == 1, case
        assert outcomes <= may, case


def test_valid_case_says_in_one_sentence_why():
    why = {case: (case / "valid.txt").read_text("utf-8") for case in ALL if (case / "valid.txt").is_file()}
    assert not [name_of(case) for case, text in why.items() if not re.fullmatch(r".+\.\n?", text)]


def test_the_verifier_and_the_reader_give_names_and_weights_that_are_listed():
    package = Path(verify.__file__).parents[1]
    rooms = ("verify", "history", "check", "repository", "views", "actions", "story/frontmatter")
    files = [path for room in rooms for path in package.glob(f"{room}/*.py")]
    given = [row for path in (*files, package / "record/ledger.py") for row in named_findings(path.read_text("utf-8"))]
    assert len(given) > 20
    assert {name for name, _ in given} <= set(rules.by_name())
    for name, weight in given:
        assert Severity[weight] in (listed(name).severity, listed(name).mild), name


MAKERS = ("Finding", "make_error", "make_finding", "_make_finding", "Objection", "severity")


def named_findings(source):
    """The rule and the weight of each call that makes a finding; none of those whose weight is worked out."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        maker = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        names = [part.value for part in call.args[:2] if isinstance(part, ast.Constant)]
        words = [ast.unparse(part) for part in call.args]
        if maker in MAKERS and names and "severity" not in words:
            weights = [word.removeprefix("Severity.") for word in words if word.startswith("Severity.")]
            yield names[0], (weights or ["ERROR"])[0]
