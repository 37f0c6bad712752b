"""On every step of every history `check --base STEP^1` and `audit` give the same errors, by rule and path."""

from __future__ import annotations

from conftest import Desk

from histories.comparing import answers
from histories.drawing import begin, draw
from newsroom_cli.repository.newsroom import open_newsroom

SEEDS = 12


def test_base_and_audit_give_the_same_errors_for_every_step(made, seed):
    """Both are asked for attributed entries, with one clock. Each step of the first-parent line is one update.

    These differences are meant, and no other:
    - metadata and words are judged as they are proposed, never again: only reading, record and history are compared;
    - an audit tells once what stands; `--base` tells it of every update that touches the story (by its id);
    - of what two files share (a name, an id) since an earlier step, an audit tells at the other file too, once that
      changes; `--base` reads what the update asks for;
    - where a merge turned the line, entries of the merger's own that gave way are no error of an audit;
    - where judges were changed by somebody who may not, an audit goes on with those before: `--base` is given them;
    - where the configuration cannot be read `--base` does not run, and the audit says why, then or before.
    """
    desk = made("histories", begin)
    history = draw(desk, seed)
    assert differences(desk) == {}, "\n".join(history.acts)


def differences(desk: Desk) -> dict[str, list[str]]:
    """What the two say differently, by commit."""
    steps = answers(open_newsroom(desk.root).git, "main", now=desk.now)
    return {step.commit: step.differences for step in steps if step.differences}
