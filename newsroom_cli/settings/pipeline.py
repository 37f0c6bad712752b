"""The pipeline as a table: states, moves, and what each move sets on a story.

`pipeline.toml` is the default; a newsroom's `[pipeline]` replaces rows of it. Everything that asks where a
story may go, who takes it there and what is written then, asks here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from newsroom_cli.model import Frozen

NOT_BY = ("reporter", "text-authors", "earlier-signers")
REQUIRE = "require"
"""A key that a ledger folds to and no file shows: the roles one story asks for beyond the rows."""

HOLD = "hold"
"""A key that a ledger folds to and no file shows: true while a story is on hold."""

SETS = (
    *("draft", "editor", "date", "version", "lastmod", "address", "publish_at", "embargo", "corrections"),
    *(HOLD, REQUIRE),
)
CLEARS = ("publish_at", "embargo", HOLD)
FLAGS = ("held", "spiked", "killed", "scheduled", "embargoed")
"""The flags that stop or end a story beside its state."""

ANY = "*"
UNPUBLISHED, PUBLIC, PUBLISHING, ANYONE = "@unpublished", "@public", "@publishing", "@anyone"
"""Names for states and signers that every pipeline has: the states readers see and those they do not; the row that
takes a story to readers (its states to start from, its state to lead to, its signers); nobody in particular."""

ROLE = re.compile(r"\w[\w.-]{0,39}")
"""A role that a story may be made to ask for: one word, in any script."""


def _each_of(known: Sequence[str]) -> AfterValidator:
    def check(values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if value not in known:
                raise ValueError(f"{value!r} is not one of {', '.join(known)}")
        return values

    return AfterValidator(check)


class InvalidPipeline(ValueError):
    """A pipeline that no story could go through; the message says where it breaks."""


class State(Frozen):
    """One state: what it requires beyond the states before it, and whether readers see a story in it."""

    name: str
    initial: bool = False
    public: bool = False
    requires: tuple[str, ...] = ()


class Move(Frozen):
    """One row: an action, the states it starts from, where it leads, who must sign, what it sets and clears.

    It is there only `while` a story has all of some flags. `pubstatus` is what the row makes of that key; `notice`
    whether it takes words for readers.
    """

    action: str
    start: tuple[str, ...] = Field(alias="from")
    to: str | None = None
    by: tuple[str, ...] = ()
    not_by: Annotated[tuple[str, ...], _each_of(NOT_BY)] = ()
    note: Literal["optional", "required"] = "optional"
    notice: Literal["none", "optional", "required"] = "none"
    sets: Annotated[tuple[str, ...], _each_of(SETS)] = ()
    clears: Annotated[tuple[str, ...], _each_of(CLEARS)] = ()
    pubstatus: Literal["usable", "withheld", "canceled"] | None = None
    needs: Annotated[tuple[str, ...], _each_of(FLAGS)] = Field((), alias="while")

    @cached_property
    def begins(self) -> bool:
        """Tell whether the row makes a story's first entry."""
        return not self.start

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The names of the terms that the row is signed on: a time, a kind, a new address, a notice."""
        times = tuple(key for key in ("publish_at", "embargo") if key in self.sets)
        kind = ("kind",) if "corrections" in self.sets else ()
        renames = ("address",) if {"corrections", "address"} <= set(self.sets) else ()
        return (*times, *kind, *renames, *(("notice",) if self.notice != "none" else ()))

    def starts_from(self, state: str) -> bool:
        """Tell whether the action may be taken from a state."""
        return state in self.start or ANY in self.start

    def end(self, state: str) -> str:
        """Return the state a completed move leads to from `state`."""
        return state if self.to is None else self.to

    @property
    def places(self) -> tuple[tuple[str, ...], ...]:
        """The roles that may sign at each place of `by`."""
        return tuple(tuple(map(str.strip, roles.split("|"))) for roles in self.by)

    @property
    def all_roles(self) -> tuple[str, ...]:
        """The roles that may sign at any place, in order."""
        return tuple(chain.from_iterable(self.places))


@dataclass(frozen=True)
class Pipeline:
    """States in their order and the moves between them; valid by construction (`parse`)."""

    states: tuple[State, ...]
    moves: tuple[Move, ...]

    @cached_property
    def initial(self) -> str:
        """The state every story begins in."""
        return next(state.name for state in self.states if state.initial)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All states' names, in order."""
        return tuple(state.name for state in self.states)

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions, in the table's order."""
        return tuple(dict.fromkeys(move.action for move in self.moves))

    def is_public(self, state: str | None) -> bool:
        """Tell whether readers see a story in this state."""
        return state in self._public

    @cached_property
    def _public(self) -> frozenset[str]:
        return frozenset(row.name for row in self.states if row.public)

    def required_keys(self, state: str) -> Mapping[str, str]:
        """Return every key a story in `state` needs, with the state it is required from; for an unknown state, all."""
        return self._required.get(state, self._required[self.names[-1]])

    @cached_property
    def _required(self) -> dict[str, dict[str, str]]:
        keys: dict[str, str] = {}
        needed: dict[str, dict[str, str]] = {}
        for row in self.states:
            keys = {**keys, **{key: row.name for key in row.requires if key not in keys}}
            needed[row.name] = keys
        return needed

    def moves_from(self, state: str) -> tuple[Move, ...]:
        """Return the moves that leave `state` whatever its flags, in the table's order."""
        return tuple(move for move in self.moves if move.to is not None and move.starts_from(state) and not move.needs)

    def ways_from(self, state: str) -> tuple[Move, ...]:
        """Return the rows open from `state` whatever its flags: moves that leave it, and actions on public stories."""
        rows = (move for move in self.moves if move.starts_from(state) and not move.needs)
        return tuple(move for move in rows if move.to is not None or all(map(self.is_public, move.start)))

    def publishes(self, move: Move) -> bool:
        """Tell whether a row takes a story to a state readers see."""
        return move.to is not None and self.is_public(move.to)

    def takes_back(self, move: Move) -> bool:
        """Tell whether a row takes a story from readers who have it: back to the desk, or for good."""
        leaves = (move.to is not None and not self.is_public(move.to)) or move.pubstatus == "canceled"
        return leaves and bool(move.start) and all(map(self.is_public, move.start))

    def for_readers(self, move: Move) -> bool:
        """Tell whether a row makes words public, now or at a time, or counts a version of words that are."""
        return self.publishes(move) or bool({"version", "publish_at"} & set(move.sets))

    @property
    def publishers(self) -> tuple[str, ...]:
        """Every role that signs where words become public, in the table's order."""
        roles = (role for move in self.moves if self.for_readers(move) for role in move.all_roles)
        return tuple(dict.fromkeys(role for role in roles if not role.startswith("@")))

    def move(self, action: str, state: str | None) -> Move | None:
        """Return the row of an action from a state (None begins a story); None when there is no such row."""
        return self._rows.get((action, state))

    @cached_property
    def _rows(self) -> dict[tuple[str, str | None], Move]:
        """Every row by its action and each state it starts from."""
        return {
            (move.action, state): move
            for move in self.moves
            for state in (None, *self.names)
            if (move.begins if state is None else move.starts_from(state))
        }


class PipelineTable(Frozen):
    """The newsroom's own states and moves, as written; `parse` makes a pipeline of them."""

    states: dict[str, dict[str, Any]] = {}
    moves: tuple[dict[str, Any], ...] = ()


def parse(own: PipelineTable) -> Pipeline:
    """Build the pipeline from a newsroom's `[pipeline]` table over the default; raises InvalidPipeline.

    States given with an initial one among them are the whole set; without, each replaces the default state
    of its name. Moves given with one that leaves the initial state are the whole set (actions that move
    nothing stay); without, they replace the default moves of their actions.
    """
    shipped = _read_shipped_table()
    states = own.states
    if not any(row.get("initial") for row in states.values()):
        states = {
            name: {**shipped.states.get(name, {}), **states.get(name, {})} for name in {**shipped.states, **states}
        }
    try:
        rows = tuple(State.model_validate({"name": name, **row}) for name, row in states.items())
        moves, own_moves = (tuple(map(Move.model_validate, table.moves)) for table in (shipped, own))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidPipeline(f"{place}: {first['msg'].removeprefix('Value error, ')}") from None
    initial = [row.name for row in rows if row.initial]
    whole = any(initial and move.to and move.starts_from(initial[0]) for move in own_moves)
    replaced = {move.action for move in own_moves}
    kept = tuple(m for m in moves if m.action not in replaced and not (whole and m.to is not None and not _roams(m)))
    _check_rows(tuple(row.name for row in rows), own_moves)
    pipeline = Pipeline(states=rows, moves=_spell_out(rows, kept + own_moves))
    _check(pipeline)
    return pipeline


def _roams(move: Move) -> bool:
    """Tell whether a row names no state, and so is one of every pipeline."""
    return all(name.startswith("@") for name in (*move.start, move.to or ANYONE)) and bool(move.start)


def _spell_out(states: Sequence[State], moves: Sequence[Move]) -> tuple[Move, ...]:
    """The moves with states and signers in place of the names every pipeline has for them."""
    public = tuple(state.name for state in states if state.public)
    unpublished = tuple(state.name for state in states if not state.public)

    def before_readers(move: Move) -> tuple[str, ...]:
        start = unpublished if ANY in move.start else move.start
        return tuple(name for name in start if name not in public)

    publishing = [move for move in moves if move.to in public and before_readers(move)]
    row = publishing[0] if publishing else Move.model_validate({"action": "", "from": ()})
    places = {UNPUBLISHED: unpublished, PUBLIC: public, PUBLISHING: before_readers(row)}
    back = unpublished[-1:] if ANY in row.start else places[PUBLISHING][:1]
    ends = {PUBLIC: row.to, PUBLISHING: next(iter(back), None)}

    def spelt(move: Move) -> Move:
        signed = {"by": row.by, "not_by": row.not_by} if move.by == (PUBLISHING,) else {}
        start = tuple(name for start_name in move.start for name in places.get(start_name, (start_name,)))
        return move.model_copy(update={"start": start, "to": ends.get(move.to or "", move.to), **signed})

    def is_there(move: Move, row: Move) -> bool:
        """Tell whether a row starts somewhere, leads somewhere and is signed by somebody, once it is spelt out."""
        return move.begins or bool(row.start and row.by and (row.to or not move.to))

    rows = ((move, move if move.begins else spelt(move)) for move in moves)
    return tuple(row for move, row in rows if is_there(move, row))


@cache
def _read_shipped_table() -> PipelineTable:
    content = tomllib.loads(Path(__file__).with_name("pipeline.toml").read_text("utf-8"))
    return PipelineTable.model_validate(content)


@cache
def default() -> Pipeline:
    """Return the pipeline of a newsroom that configures none."""
    return parse(PipelineTable())


def _check(pipeline: Pipeline) -> None:
    if sum(state.initial for state in pipeline.states) != 1:
        raise InvalidPipeline("needs exactly one state with `initial = true`")
    if not any(state.public for state in pipeline.states):
        raise InvalidPipeline("needs a state with `public = true`")
    if not all(key.strip() for state in pipeline.states for key in state.requires):
        raise InvalidPipeline("`requires` names a key that is blank")
    _check_rows(pipeline.names, pipeline.moves)
    reached = _reachable_states(pipeline)
    for name in pipeline.names:
        if name not in reached:
            raise InvalidPipeline(f"no move leads to {name}")
        if not pipeline.moves_from(name) and not pipeline.is_public(name):
            raise InvalidPipeline(f"no move leads on from {name}")


def _check_rows(states: Sequence[str], moves: Sequence[Move]) -> None:
    names = (*states, ANY, UNPUBLISHED, PUBLIC, PUBLISHING)
    seen: set[tuple[str, str]] = set()
    for move in moves:
        if unknown := [state for state in (*move.start, move.to or ANY) if state not in names]:
            raise InvalidPipeline(f"{move.action}: there is no state {unknown[0]}")
        if not move.begins and not move.by:
            raise InvalidPipeline(f"{move.action}: `by` names nobody")
        if not all(move.all_roles):
            raise InvalidPipeline(f"{move.action}: `by` names nobody at one of its places")
        for state in states if ANY in move.start else move.start:
            if (move.action, state) in seen:
                raise InvalidPipeline(f"{move.action}: two moves from {state}")
            seen.add((move.action, state))


def _reachable_states(pipeline: Pipeline) -> set[str]:
    reached, edge = {pipeline.initial}, [pipeline.initial]
    while edge:
        ahead = {move.to for move in pipeline.moves_from(edge.pop()) if move.to} - reached
        reached |= ahead
        edge.extend(ahead)
    return reached
