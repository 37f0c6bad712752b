"""The one way from a verb's options to what it does to stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


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
    from newsroom_cli.commands.batch import each
    from newsroom_cli.commands.options import moment
    from newsroom_cli.errors import WrongUsage
    from newsroom_cli.repository.newsroom import open_newsroom
    from newsroom_cli.workflow.advance import Act

    if override is not None and not override.strip():
        raise WrongUsage("--override needs a reason.", f'story {action} {slugs[0]} --override "…"')
    newsroom = open_newsroom()
    act = Act(
        action,
        newsroom.actor,
        moment(now),
        newsroom.judges,
        note=note,
        override=override or "",
        role=role,
        drop=drop,
        terms=terms or {},
        rename=rename,
    )
    each(newsroom, slugs, act, dry_run=dry_run, yes=yes)
