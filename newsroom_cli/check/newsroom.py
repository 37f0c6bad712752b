"""Checks a whole newsroom: every story of its tree, what they share, and ledgers without one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime

from newsroom_cli.check import baseline, names
from newsroom_cli.check.cache import Tracked, Verdicts
from newsroom_cli.check.files import _odd, _unread, peek
from newsroom_cli.errors import CannotRun, Unreadable
from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import ID, Finding, Inspection, Severity
from newsroom_cli.record import ledger
from newsroom_cli.record.stops import is_killed
from newsroom_cli.repository.files import Files, WorkingTree, story_paths
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.layout import LEDGERS, STORIES
from newsroom_cli.repository.log import log
from newsroom_cli.repository.newsroom import Newsroom, configuration_of
from newsroom_cli.settings.pipeline import Pipeline

_MANY = 200
_SHORT = 12


def with_way_back(git: Git, findings: Iterable[Finding], ids: Mapping[str, str]) -> Iterator[Finding]:
    """Findings as they are; each of a lost ledger (`ids` by the story's path) names the command that brings it back.

    Git is asked once for all of them, and not at all where no ledger is lost.
    """
    found = list(findings)
    lost = {one.path: ledger.path_of(ids[one.path]) for one in found if _is_of(one, ids)}
    ways = _ways(git, sorted(set(lost.values()))) if lost and git.revision("HEAD") else {}
    for one in found:
        way = ways.get(lost.get(one.path, "")) if one.rule == "ledger-missing" else None
        yield one._replace(hint=f"Bring it back: {way}") if way else one


def joined_where_in_months(
    findings: Iterable[Finding], ids: Mapping[str, str], files: Files, ledgers: Sequence[str]
) -> Iterator[Finding]:
    """Findings with one in place of all that is said of ledgers in the folder of their month.

    `ids` are the stories' by path; `ledgers` are some that are there, whoever claims them.
    """
    old = [*ledgers]
    for one in findings:
        path = ledger.month_path_of(ids[one.path]) if _is_of(one, ids) else ""
        if path and files.holds(path):
            old.append(path)
        else:
            yield one
    yield from ledger.ledgers_in_months(old)


def _is_of(finding: Finding, ids: Mapping[str, str]) -> bool:
    return finding.rule == "ledger-missing" and ID.fullmatch(ids.get(finding.path, "")) is not None


def _ways(git: Git, paths: Sequence[str]) -> dict[str, str]:
    """By path, the command that restores it: from HEAD, else from before the commit that took it away."""
    asked = paths if len(paths) < _MANY else [ledger.ROOT]
    found = {path: f"git restore --source=HEAD {path}" for path in git.listing("HEAD", *asked)}
    if not found.keys() >= set(paths):
        for brought in log(git, "--diff-filter=D", "HEAD", paths=asked):
            for change in brought.changes:
                found.setdefault(change.path, f"git restore --source={brought.id[:_SHORT]}~1 {change.path}")
    return found


def whole(
    newsroom: Newsroom,
    *,
    now: datetime,
    paths: Sequence[str] = (),
    target: str = "",
    whole_archive: bool = False,
    begun: Callable[[int], None] = lambda _: None,
) -> Inspection:
    """Check every story of the tree, or those named; rules on the whole tree always see all of it.

    With a `target` state the rules judge every story as if it were there; with `whole_archive` the baseline's
    findings are among the others. `begun` is told how many stories are about to be read.
    """
    files = newsroom.files
    with Tracked.asked(newsroom.git) if newsroom.root is not None else nullcontext(lambda: None) as answer:
        everything = story_paths(files)
        named = chosen(newsroom, paths, everything)
        begun(len(named))
        unread, ledgers = ([], []) if paths else (list(_unread(files)), files.under(LEDGERS, ".jsonl"))
        verdicts = None
        if newsroom.root is not None and isinstance(files, WorkingTree) and not target:
            verdicts = Verdicts.open(newsroom.git, newsroom.judges)
        tracked = answer()
        if tracked is not None:
            _all_here(tracked, files)
    known = verdicts.known(everything, tracked, now, files.holds) if verdicts and tracked else []
    told = {one.path: one for one in known}
    seen = [told[path] for path in named if path in told]
    if fresh := [path for path in named if path not in told]:
        from newsroom_cli.check.parallel import judge_all
        from newsroom_cli.check.story import Surroundings

        judged = judge_all(
            fresh, files, Surroundings(newsroom.judges, now, _pictures(newsroom, tracked), files, target)
        )
        if verdicts and tracked:
            verdicts.keep(judged, tracked, everything)
        seen += judged
        told.update({one.path: one for one in judged})
    wanted = set(named)
    # a verdict names no id of a story that cannot be read; of one that is not judged here the file is asked
    rest = [path for path in everything if path not in told or not (told[path].story_id or path in wanted)]
    ids = {path: one.story_id for path, one in told.items()} | {path: peek(files, path) for path in rest}
    single = joined_where_in_months((found for one in seen for found in one.findings), ids, files, ledgers)
    findings = list(with_way_back(newsroom.git, single, ids))
    aliased = {path: one.aliases for path, one in told.items() if one.aliases}
    aliased.update({path: found for path in rest if (found := names.peek(files, path))})
    index = names.NameIndex.of(ids, aliased)
    wanted_names = {path: (ids[path], aliased.get(path, ())) for path in ids if path in wanted}
    findings += names.clashes(index, wanted_names, names.copy_of(newsroom.git))
    if not paths:
        findings += unread
        findings += _odd(tracked, {one.path for one in findings}) if tracked else ()
        claimed = {one or peek(files, path) for path, one in ids.items()}
        findings += _without_story(files, ledgers, claimed, newsroom.settings.pipeline)
        findings += _without_roster(newsroom) if everything and not whole_archive else ()
    inspection = Inspection(tuple(sorted(findings, key=lambda one: one.place)), len(named), len(everything))
    return inspection if whole_archive else baseline.read(files).without(inspection)


def _all_here(tracked: Tracked, files: Files) -> None:
    """Raise CannotRun where a sparse checkout leaves out stories or ledgers: what is not here cannot be judged."""
    ours = (f"{STORIES}/", f"{LEDGERS}/")
    gone = [path for path in tracked.sparse if path.startswith(ours) and not files.holds(path)]
    if gone:
        number = f"{len(gone)} file{'s' if len(gone) > 1 else ''}"
        message = f"{number} of stories and ledgers are left out of this sparse checkout, as {gone[0]}."
        raise CannotRun(message, f"git sparse-checkout disable, or: git sparse-checkout add {STORIES} .newsroom")


def chosen(newsroom: Newsroom, paths: Sequence[str], everything: list[str]) -> list[str]:
    """Those of all stories that files and folders name, all where none is named; raises CannotRun for one without."""
    if not paths:
        return everything
    found: set[str] = set()
    for path in paths:
        name = newsroom.relative(path).rstrip("/")
        below = {one for one in everything if one == name or one.startswith(f"{name}/") or name == "."}
        if not below:
            there = next((one for one in everything if one.endswith(f"/{name}.md")), "")
            hint = (
                f"By its path: story check {shell_quote(there)}"
                if there
                else "Name .md files or folders under stories/."
            )
            raise CannotRun(f"There is no story at {path}.", hint)
        found |= below
    return sorted(found)


def _pictures(newsroom: Newsroom, tracked: Tracked | None) -> dict[str, str]:
    """Blob ids of everything in the tree that may be a picture: what git holds exactly as it stands there."""
    if tracked is not None:
        return {path: one for path, one in tracked.blobs.items() if path[-3:] != ".md" and not path.startswith(LEDGERS)}
    listing = newsroom.git.listing(newsroom.tree)
    return {path: blob for path, (_, blob) in listing.items() if not path.endswith(".md")}


def _without_roster(newsroom: Newsroom) -> Iterator[Finding]:
    """That anybody may give any role here, where nobody listed who may."""
    severity = newsroom.settings.severity("no-roster", Severity.INFO)
    if newsroom.judges.has_roster or severity is Severity.OFF:
        return
    path, table = configuration_of(newsroom.files)
    text = (newsroom.files.read(path) or b"").decode("utf-8", "replace")
    found = re.search(rf"^\[{re.escape('.'.join(table))}", text, re.MULTILINE) if table else None
    line = text.count("\n", 0, found.start()) + 1 if found else 1
    message = "there is no roster: anybody may give any role, but nobody passes their own story."
    hint = 'Begin one: story people add NAME --email E --role ROLE; to do without: [rules] no-roster = "off"'
    yield Finding("no-roster", severity, path, line, 1, message, hint)


def _without_story(files: Files, ledgers: Sequence[str], ids: set[str], pipeline: Pipeline) -> Iterator[Finding]:
    """Ledgers of stories that are gone: an error where readers had them, unless they were killed."""
    for path in ledgers:
        if path.rsplit("/", 1)[-1].removesuffix(".jsonl") in ids:
            continue
        try:
            record = ledger.parse(path, files.read(path) or b"")
        except Unreadable as error:
            yield from error.findings
            continue
        yield from record.findings
        if record.signed_for_readers(pipeline) is not None and not is_killed(pipeline, record.record):
            hint = (
                f"Bring it back: git log --diff-filter=D --stat -- {STORIES}, then git restore --source=COMMIT~1 PATH"
            )
            message = "the story of this ledger was public, and its file is gone."
            yield Finding("story-removed", Severity.ERROR, path, 1, 1, message, hint)
