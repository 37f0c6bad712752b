"""Checks a whole newsroom: every story of its tree, what they share, and ledgers without one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from newsroom_cli.check import baseline, names
from newsroom_cli.check.cache import IndexSnapshot, VerdictCache
from newsroom_cli.check.files import peek_id, report_odd_files, report_unread_files
from newsroom_cli.errors import CannotRun, Unreadable
from newsroom_cli.escaping import shell_quote
from newsroom_cli.model import ID, Finding, Inspection, Severity
from newsroom_cli.record import ledger
from newsroom_cli.record.stops import is_killed
from newsroom_cli.repository.files import Files, WorkingTree, story_paths
from newsroom_cli.repository.git import Git
from newsroom_cli.repository.layout import OWN_FOLDERS, STORIES, STORY_ENDING, id_in_name, is_below, is_ledger
from newsroom_cli.repository.log import log
from newsroom_cli.repository.newsroom import Newsroom, configuration_of, ledger_paths
from newsroom_cli.settings.pipeline import Pipeline

_MANY = 200
_SHORT = 12


def with_way_back(git: Git, findings: Iterable[Finding], ids: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the findings; each of a lost ledger (`ids` by the story's path) names the command that brings it back.

    Git is asked once for all of them, and not at all where no ledger is lost.
    """
    listed = list(findings)
    lost = {finding.path: ledger.path_of(ids[finding.path]) for finding in listed if _is_of(finding, ids)}
    ways = _ways(git, sorted(set(lost.values()))) if lost and git.revision("HEAD") else {}
    for finding in listed:
        way = ways.get(lost.get(finding.path, "")) if finding.rule == "ledger-missing" else None
        yield finding._replace(hint=f"Bring it back: {way}") if way else finding


def joined_where_in_months(
    findings: Iterable[Finding], ids: Mapping[str, str], files: Files, ledgers: Sequence[str]
) -> Iterator[Finding]:
    """Yield findings, with a single one in place of all that is said of ledgers in the folder of their month.

    `ids` are the stories' by path; `ledgers` are some that are there, whoever claims them.
    """
    old = [*ledgers]
    for finding in findings:
        path = ledger.month_path_of(ids[finding.path]) if _is_of(finding, ids) else ""
        if path and files.holds(path):
            old.append(path)
        else:
            yield finding
    yield from ledger.ledgers_in_months(old)


def _is_of(finding: Finding, ids: Mapping[str, str]) -> bool:
    return finding.rule == "ledger-missing" and ID.fullmatch(ids.get(finding.path, "")) is not None


def _ways(git: Git, paths: Sequence[str]) -> dict[str, str]:
    """Return by path the command that restores a file: from HEAD, else from before the commit that took it away."""
    asked = paths if len(paths) < _MANY else [ledger.ROOT]
    ways = {path: f"git restore --source=HEAD {path}" for path in git.list_tree("HEAD", *asked)}
    if not ways.keys() >= set(paths):
        for brought in log(git, "--diff-filter=D", "HEAD", paths=asked):
            for change in brought.changes:
                ways.setdefault(change.path, f"git restore --source={brought.id[:_SHORT]}~1 {change.path}")
    return ways


def check_whole(
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
    everything = story_paths(files)
    named = choose_stories(newsroom, paths, everything)
    begun(len(named))
    unread, ledgers = ([], []) if paths else (list(report_unread_files(files)), ledger_paths(files))
    verdicts = tracked = None
    if newsroom.root is not None:
        tracked = IndexSnapshot.of(newsroom.git)
        _all_here(tracked, files)
        if isinstance(files, WorkingTree) and not target:
            verdicts = VerdictCache.open(newsroom.git, newsroom.judges)
    known = verdicts.take_valid(everything, tracked, now, files.holds) if verdicts and tracked else []
    by_path = {verdict.path: verdict for verdict in known}
    fresh = [path for path in named if path not in by_path]
    if fresh:
        from newsroom_cli.check.parallel import look_at_all
        from newsroom_cli.check.story import TreeContext, judge_file

        around = TreeContext(newsroom.judges, now, files, _pictures(newsroom, tracked), target)
        judged = look_at_all(judge_file, fresh, around)
        if verdicts and tracked:
            verdicts.keep(judged, tracked, everything)
        by_path.update({verdict.path: verdict for verdict in judged})
    wanted = set(named)
    # a verdict names no id of a story that cannot be read; of one that is not judged here the file is asked
    rest = [path for path in everything if path not in by_path or not (by_path[path].story_id or path in wanted)]
    ids = {path: verdict.story_id for path, verdict in by_path.items()} | {path: peek_id(files, path) for path in rest}
    judged_alone = (finding for path in named for finding in by_path[path].findings)
    single = joined_where_in_months(judged_alone, ids, files, ledgers)
    findings = list(with_way_back(newsroom.git, single, ids))
    aliases = {path: verdict.aliases for path, verdict in by_path.items()}
    aliases.update({path: names.peek_former_slugs(files, path) for path in rest})
    stories = {path: (story_id, aliases[path]) for path, story_id in ids.items()}
    asked = {path: stories[path] for path in named}
    findings += names.clashes(names.NameIndex.of(stories), asked, names.copy_of(newsroom.git))
    if not paths:
        findings += unread
        findings += report_odd_files(tracked, {finding.path for finding in findings}) if tracked else ()
        claimed = {story_id or peek_id(files, path) for path, story_id in ids.items()}
        findings += _without_story(files, ledgers, claimed, newsroom.settings.pipeline)
        findings += _without_roster(newsroom) if everything and not whole_archive else ()
    inspection = Inspection(tuple(sorted(findings, key=lambda finding: finding.place)), len(named), len(everything))
    return inspection if whole_archive else baseline.leave_out(inspection, baseline.read_baseline(files))


def _all_here(tracked: IndexSnapshot, files: Files) -> None:
    """Raise CannotRun where a sparse checkout leaves out stories or ledgers: what is not here cannot be judged."""
    gone = [path for path in tracked.sparse if (is_below(path, STORIES) or is_ledger(path)) and not files.holds(path)]
    if gone:
        number = f"{len(gone)} file{'s' if len(gone) > 1 else ''}"
        message = f"{number} of stories and ledgers are left out of this sparse checkout, as {gone[0]}."
        raise CannotRun(message, f"git sparse-checkout disable, or: git sparse-checkout add {' '.join(OWN_FOLDERS)}")


def choose_stories(newsroom: Newsroom, paths: Sequence[str], everything: list[str]) -> list[str]:
    """Return the stories that some files and folders name, or all; raises CannotRun for one that holds none."""
    if not paths:
        return everything
    selected: set[str] = set()
    for path in paths:
        name = newsroom.relative(path).rstrip("/")
        below = {candidate for candidate in everything if candidate == name or is_below(candidate, name) or name == "."}
        if not below:
            namesake = next((candidate for candidate in everything if candidate.endswith(f"/{name}{STORY_ENDING}")), "")
            hint = (
                f"By its path: story check {shell_quote(namesake)}"
                if namesake
                else "Name .md files or folders under stories/."
            )
            raise CannotRun(f"There is no story at {path}.", hint)
        selected |= below
    return sorted(selected)


def _pictures(newsroom: Newsroom, tracked: IndexSnapshot | None) -> dict[str, str]:
    """Blob ids of everything in the tree that may be a picture: what git holds exactly as it stands there."""
    if tracked is None:
        blobs: Mapping[str, str] = {path: blob for path, (_, blob) in newsroom.git.list_tree(newsroom.tree).items()}
    else:
        blobs = tracked.blobs
    return {path: blob for path, blob in blobs.items() if not (path.endswith(STORY_ENDING) or is_ledger(path))}


def _without_roster(newsroom: Newsroom) -> Iterator[Finding]:
    """Yield the finding that anybody may give any role here, where nobody listed who may."""
    severity = newsroom.settings.severity("no-roster", Severity.INFO)
    if newsroom.judges.has_roster or severity is Severity.OFF:
        return
    path, table = configuration_of(newsroom.files)
    text = (newsroom.files.read(path) or b"").decode("utf-8", "replace")
    heading = re.search(rf"^\[{re.escape('.'.join(table))}", text, re.MULTILINE) if table else None
    line = text.count("\n", 0, heading.start()) + 1 if heading else 1
    message = "there is no roster: anybody may give any role, but nobody passes their own story."
    hint = 'Begin one: story people add NAME --email E --role ROLE; to do without: [rules] no-roster = "off"'
    yield Finding("no-roster", severity, path, line, 1, message, hint)


def _without_story(files: Files, ledgers: Sequence[str], ids: set[str], pipeline: Pipeline) -> Iterator[Finding]:
    """Yield findings of ledgers whose stories are gone: an error where readers had them, unless they were killed."""
    for path in ledgers:
        if id_in_name(path) in ids:
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
