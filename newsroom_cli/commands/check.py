"""`story check`: judges all stories, those named, or the change that a merge would bring to its base."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsroom_cli.commands.opening import moment, open_newsroom
from newsroom_cli.commands.options import Now, argument, option, require_known
from newsroom_cli.errors import WrongUsage
from newsroom_cli.report.screen import count, progress, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsroom_cli.repository.newsroom import Newsroom

_FORMATS = "text, concise, json, github, gitlab, sarif or junit; text, github in its Actions."
_SELECT = "These rules only; it repeats and takes commas. Reading, required keys and the record always show."
_IGNORE = "All but these rules; as --select, it leaves what always shows."
_LEVELS = "What exits 1: error, warning or never."


def check(
    paths: Annotated[list[str] | None, argument("[PATH]...", "Stories or folders; all. - is stdin.")] = None,
    base: Annotated[str | None, option("--base REV", "Check what merging into REV brings.")] = None,
    form: Annotated[str, option("--format FORMAT", _FORMATS)] = "",
    require: Annotated[str, option("--require STRENGTH", "With --base: recorded, attributed or signed.")] = "",
    target: Annotated[str, option("--for STATE", "As if in STATE: what is still missing.")] = "",
    select: Annotated[list[str] | None, option("--select RULE", _SELECT)] = None,
    ignore: Annotated[list[str] | None, option("--ignore RULE", _IGNORE)] = None,
    fail_level: Annotated[str, option("--fail-level LEVEL", _LEVELS, show_default=True)] = "error",
    statistics: Annotated[bool, option("--statistics", "Count findings by rule.")] = False,
    fix: Annotated[bool, option("--fix", "Mend what is safe to mend, then check.")] = False,
    diff: Annotated[bool, option("--diff", "Show what --fix would mend, and change nothing.")] = False,
    baseline: Annotated[bool, option("--write-baseline", "Let the findings there are stay, from now on.")] = False,
    stdin_filename: Annotated[str, option("--stdin-filename PATH", "With -: the story's path.")] = "",
    now: Now = "",
) -> None:
    """Check stories: metadata, words, and what their ledgers say."""
    from newsroom_cli.check import newsroom as check_newsroom
    from newsroom_cli.report.findings import FORMATS, put_inspection
    from newsroom_cli.settings.settings import STRENGTHS

    form = form or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text")
    require_known("format", form, FORMATS)
    require_known("level", fail_level, ("error", "warning", "never"))
    strength = require_known("strength", require, STRENGTHS) if require else None
    if require and base is None:
        raise WrongUsage("--require goes with --base.", f"story check --base REV --require {require}")
    selected, ignored = _rules(select or ()), _rules(ignore or ())
    if base is not None and (paths or target or fix or diff or baseline):
        raise WrongUsage("--base checks the whole change; it takes no paths, no --for and changes nothing.")
    if "-" in (paths or ()) and (fix or diff or baseline):
        raise WrongUsage("--fix, --diff and --write-baseline read files, not stdin.", "Name the story's path.")
    newsroom = open_newsroom()
    if target:
        require_known("state", target, newsroom.settings.pipeline.names)
    named = _from_stdin(newsroom, paths or (), stdin_filename)
    if baseline:
        _write_baseline(newsroom, named, now)
        return
    if fix or diff:
        _mend(newsroom, named, target, only_shown=diff)
    if base is not None:
        from newsroom_cli.history.proposal import inspect
        from newsroom_cli.history.range import resolve

        between = resolve(newsroom.git, base, target=_merged_into())
        inspection = inspect(newsroom.git, between, now=moment(now), require=strength)
    else:
        inspection = check_newsroom.check_whole(newsroom, now=moment(now), paths=named, target=target, begun=progress)
    if selected or ignored:
        from newsroom_cli.rules import is_fixed

        inspection = inspection.narrow(select=selected, ignore=ignored, always=is_fixed)
    summary = os.environ.get("GITHUB_STEP_SUMMARY") if form == "github" else None
    room = Path(summary) if summary else None
    put_inspection(inspection, form, statistics=statistics, summary=room, describe=_summary_of)
    if inspection.fails(fail_level):
        raise typer.Exit(1)


def _rules(asked: Sequence[str]) -> list[str]:
    """Split the names of rules an option was given, at once or one by one; raises WrongUsage where no rule has it."""
    from newsroom_cli.commands.rules import require_rule

    names = [name for text in asked for part in text.split(",") if (name := part.strip())]
    for name in names:
        _ = require_rule(name)
    return names


def _summary_of(name: str) -> str:
    from newsroom_cli.rules import summary_of

    return summary_of(name)


def _from_stdin(newsroom: Newsroom, paths: Sequence[str], filename: str) -> Sequence[str]:
    """Return the paths to check, with the story on stdin in the place of its file."""
    from newsroom_cli.repository.files import Overlaid
    from newsroom_cli.repository.layout import STORIES, is_story

    usage = "story check - --stdin-filename PATH < PATH"
    if "-" not in paths:
        if filename:
            raise WrongUsage("--stdin-filename goes with -.", usage)
        return paths
    if len(paths) > 1 or not filename:
        raise WrongUsage("- reads one story, and --stdin-filename says which.", usage)
    path = newsroom.relative(filename)
    if not is_story(path):
        raise WrongUsage(f"{filename} is not a story's place.", f"Stories are {STORIES}/….md files.")
    newsroom.files = Overlaid(newsroom.files, path, sys.stdin.buffer.read())
    return [filename]


def _write_baseline(newsroom: Newsroom, paths: Sequence[str], now: str) -> None:
    from newsroom_cli.check import baseline
    from newsroom_cli.check import newsroom as check_newsroom

    if paths:
        raise WrongUsage("--write-baseline takes no paths.", "It is one for the whole newsroom.")
    inspection = check_newsroom.check_whole(newsroom, now=moment(now), whole_archive=True)
    kept = baseline.write_baseline(newsroom.commits.root, inspection.findings)
    if kept:
        say(f"Wrote {count(kept, 'finding')} to {baseline.PATH}. Commit it on its own.")
    else:
        say("There is no finding to let be; no baseline is needed.")
    left = sum(1 for finding in inspection.findings if baseline.cannot_be_silenced(finding))
    if left:
        say(f"{left} cannot be let be: story check shows them.")


def _mend(newsroom: Newsroom, paths: Sequence[str], target: str, *, only_shown: bool) -> None:
    """Show, or make, the safe fixes."""
    from newsroom_cli.check import fixes
    from newsroom_cli.report.commits import put_diff

    mended = fixes.mend(newsroom, paths, target=target)
    for path in mended.public:
        say(f"{path} is public and stays as its publisher signed it.")
    for path, before, after in mended.stories if only_shown else ():
        put_diff(path, before, after)
    if only_shown:
        say(f"checked {mended.checked} of {mended.total} stories: {len(mended.stories)} can be mended")
        raise typer.Exit(1 if mended.stories else 0)
    fixes.write(newsroom, mended)
    if mended.stories:
        say(f"Mended {count(len(mended.stories), 'story', 'stories')}; save them: story save SLUG")


def _merged_into() -> str:
    """Return the branch a CI host merged a pull request into for this checkout (GitHub, GitLab); empty elsewhere."""
    import re

    if re.fullmatch(r"refs/pull/\d+/merge", os.environ.get("GITHUB_REF", "")):
        return os.environ.get("GITHUB_BASE_REF", "")
    if os.environ.get("CI_MERGE_REQUEST_EVENT_TYPE") == "merged_result":
        return os.environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
    return ""
