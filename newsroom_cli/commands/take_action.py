"""The one way from a verb's options to what it does to stories."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import typer

from newsroom_cli.actions import moves
from newsroom_cli.actions.moves import PlannedCommits
from newsroom_cli.commands.opening import open_for
from newsroom_cli.errors import CannotRun, Refusal, StoryError, WrongUsage
from newsroom_cli.escaping import make_visible, shell_quote
from newsroom_cli.model import Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record.entries import Entry
from newsroom_cli.report.commits import put_plan, put_warnings, say_shared
from newsroom_cli.report.errors import put_failure
from newsroom_cli.report.screen import say
from newsroom_cli.repository.newsroom import Newsroom
from newsroom_cli.workflow.advance import Act
from newsroom_cli.workflow.rights import who_may_sign


class Verb(NamedTuple):
    """Words of a verb: before the slug when it is `done`, behind it where its effect holds already.

    Without `again` it is the state of the story that says so.
    """

    done: str
    again: str = ""


VERBS = {
    "submit": Verb(done="Submitted"),
    "withdraw": Verb(done="Withdrew"),
    "approve": Verb(done="Approved"),
    "send-back": Verb(done="Sent back"),
    "publish": Verb(done="Published"),
    "ack": Verb(done="Acknowledged", again="has no override to acknowledge"),
    "hold": Verb(done="On hold:", again="is on hold already"),
    "resume": Verb(done="Resumed", again="is not on hold"),
    "spike": Verb(done="Spiked", again="is spiked already"),
    "restore": Verb(done="Restored", again="is not spiked"),
    "embargo": Verb(done="Under embargo:", again="is under that embargo already"),
    "require": Verb(done="Asked for {role}:", again="asks for {role} already"),
    "schedule": Verb(done="Scheduled", again="is scheduled for that time already"),
    "deschedule": Verb(done="Off the schedule:", again="is not scheduled"),
    "release": Verb(done="Released"),
    "correct": Verb(done="Corrected", again="has nothing to correct"),
    "unpublish": Verb(done="Unpublished"),
    "kill": Verb(done="Killed", again="was killed already"),
}
"""Every verb that takes an action on a story."""

TAKEN_BACK = {
    "embargo": Verb(done="Embargo lifted:", again="is under no embargo"),
    "require": Verb(done="No longer asked for {role}:", again="no longer asks for {role}"),
}
"""The verbs that take back, when they are asked to, what they are there to do."""


def take(
    action: str,
    slugs: Sequence[str],
    *,
    note: str = "",
    dry_run: bool = False,
    now: str = "",
    override: str | None = None,
    yes: bool = False,
    terms: Mapping[str, str] | None = None,
    role: str = "",
    drop: bool = False,
    rename: str = "",
) -> None:
    """Take an action on stories as whoever runs this; raises WrongUsage, or exits 1 when any was refused."""
    if override is not None and not override.strip():
        raise WrongUsage("--override needs a reason.", f'story {action} {slugs[0]} --override "…"')
    newsroom, act = open_for(action, now)
    act = act._replace(note=note, override=override or "", role=role, drop=drop, terms=terms or {}, rename=rename)
    take_each(newsroom, slugs, act, dry_run=dry_run, yes=yes)


def take_each(newsroom: Newsroom, slugs: Sequence[str], act: Act, *, dry_run: bool, yes: bool) -> None:
    """Plan the action on every story, then commit those that may go; exit 1 when any was refused, 3 when any failed."""
    plans: list[PlannedCommits] = []
    refused: list[StoryError] = []
    for slug in dict.fromkeys(slugs):
        try:
            planned = moves.plan_action(newsroom, slug, act)
            if planned.story.path not in [other.story.path for other in plans]:
                _agree(planned, yes=yes or dry_run)
                plans.append(planned)
        except (Refusal, CannotRun) as error:
            refused.append(error)
    for planned in plans:
        try:
            if dry_run:
                put_plan(planned.story, planned.writes, newsroom.files)
            else:
                _make(newsroom, planned, act)
        except (Refusal, CannotRun) as error:
            refused.append(error)
    if refused and len(slugs) == 1:
        raise refused[0]
    for failure in {(error.message, error.hint): error for error in refused}.values():
        put_failure(failure)
    if refused:
        raise typer.Exit(max(error.status for error in refused))


def _agree(planned: PlannedCommits, *, yes: bool) -> None:
    """Ask before words go public that the last move did not see; off a terminal `--yes` has to say so."""
    if notice := planned.entry.terms.get("notice") if planned.entry else None:
        _tell(notice, yes=yes)
    way = f"Read it (git log -p -- {shell_quote(planned.story.path)}), then publish with --yes."
    require_yes(planned.story, list(filter(None, [planned.changed_words])), "Publish them?", way, yes=yes)


def require_yes(story: Story, reasons: Sequence[str], question: str, way: str, *, yes: bool) -> None:
    """Say why somebody has to agree, and ask them on a terminal; raises Refusal, with the way on, where nobody does."""
    if not reasons:
        return
    if yes or sys.stdin.isatty():
        for reason in reasons:
            say(f"{make_visible(story.slug)}: {make_visible(reason)}.")
    if not yes and not (sys.stdin.isatty() and typer.confirm(question, err=True)):
        raise Refusal(f"{story.slug}: {'; '.join(reasons)}.", way)


def _tell(notice: str, *, yes: bool) -> None:
    """Show what readers are to be told; on a terminal somebody has to agree."""
    say("Readers will see:")
    for line in notice.splitlines():
        say(f"  {make_visible(line)}")
    if not yes and sys.stdin.isatty() and not typer.confirm("Go on?", err=True):
        raise Refusal("Nothing was changed.", "Say it in other words: --notice TEXT")


def _make(newsroom: Newsroom, planned: PlannedCommits, act: Act) -> None:
    slug, entry, words = make_visible(planned.story.slug), planned.entry, _words_of(act)
    commit = moves.perform(newsroom, planned.writes)
    if entry is None:
        again = words.again or f"is in {make_visible(planned.story.metadata.state or '')} already"
        if planned.waiting and act.action not in TAKEN_BACK:
            again = f"has your sign-off ({act.action}) already"
        say(f"{slug} {again}; nothing to do.")
        say_shared(newsroom.commits.say_sharing(newsroom.commits.branch), changed=False)
        return
    put_warnings(planned)
    done = f"Signed ({act.action})" if planned.waiting else words.done
    say(f"{done} {slug}: {_way(entry)} ({commit.short if commit else ''}).")
    if planned.waiting:
        say(f"Still to sign: {', '.join(_place(place, entry, planned, act.policy) for place in planned.waiting)}.")
    if entry.override:
        say(f"Four eyes were lifted: {make_visible(entry.override)} (another person: story ack {shell_quote(slug)})")
    say_shared(commit)


def _words_of(act: Act) -> Verb:
    """Return the words of an act: those of its verb, or of what takes it back."""
    is_taken_back = act.drop or (act.action == "embargo" and not act.terms)
    verb = (TAKEN_BACK if is_taken_back else VERBS)[act.action]
    return Verb(*(text.format(role=make_visible(act.role)) for text in verb))


def _way(entry: Entry) -> str:
    """Where an entry led, or what it made of a story that stays where it is."""
    if entry.completes:
        return f"{entry.from_} → {entry.to}"
    if "version" in entry.set:
        return f"version {entry.set['version']}"
    return "readers see its notice" if entry.terms.get("notice") and entry.set else f"still {entry.to}"


def _place(place: str, entry: Entry, planned: PlannedCommits, policy: Policy) -> str:
    """A place that is still to sign, with whoever on the roster can and has not signed another."""
    people = who_may_sign(place.split("|"), entry, planned.story, policy, but=planned.signers)
    nobody = "nobody else on the roster" if policy.has_roster else ""
    return make_visible(f"{place} ({who})" if (who := ", ".join(people) or nobody) else place)
