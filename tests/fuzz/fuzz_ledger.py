"""Any bytes as a ledger are entries and findings, or one refusal to run, and nothing else, in 2 s a megabyte.

Usage: python tests/fuzz/fuzz_ledger.py [-max_total_time=SECONDS] [FILE]
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import atheris
from fuzzing import ROOT, fuzz

with atheris.instrument_imports(include=["newsroom_cli"]):
    from newsroom_cli.errors import CannotRun
    from newsroom_cli.people.policy import Policy
    from newsroom_cli.record import ledger
    from newsroom_cli.record.entries import hash_line, serialise
    from newsroom_cli.record.ledger import Held, Ledger
    from newsroom_cli.story import frontmatter
    from newsroom_cli.verify.standing import check_record

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LEDGERS = sorted((ROOT / ledger.ROOT).rglob("*.jsonl"))
STORIES = {
    str(story.metadata.id): story
    for path in sorted((ROOT / "stories").rglob("*.md"))
    for story in [frontmatter.read_story(path.relative_to(ROOT).as_posix(), path.read_bytes())]
}
STORY = STORIES[LEDGERS[0].stem]
PATH = ledger.path_of(LEDGERS[0].stem)
BROKEN = (
    b"",
    b"\n",
    b"{}\n",
    b"[]\n",
    b"null\n\n",
    b'{"v":2,"seq":1}\n',
    b'{"v":1,"seq":1e9,"prev":null}\n',
    b'{"v":1,"seq":1,"set":{"corrections":[{"at":"x"}],"editor":[]},"assets":{"":""},"writers":["<>"]}\n',
    b'{"v":1,"seq":1,"note":"\\ud800"}\n',
    b"\xff\xfe\n",
)


def seeds() -> Iterator[bytes]:
    """This repository's ledgers as of one story, whole and cut off, and small broken ones."""
    for path in LEDGERS:
        content = path.read_bytes().replace(path.stem.encode(), LEDGERS[0].stem.encode())
        yield from (content, content[:-1], content[: len(content) // 2])
    yield from BROKEN


def chained(content: bytes) -> bytes:
    """The lines that are JSON objects, written as `story` would and chained again: a change gets past the hashes."""
    lines: list[bytes] = []
    for line in content.split(b"\n"):
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(fields, dict):
            fields = {**fields, "seq": len(lines) + 1, "prev": hash_line(lines[-1]) if lines else ""}
            fields = {name: fields[name] for name in ("v", "seq", "prev", *fields) if fields.get(name)}
            text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
            lines.append(text.encode("utf-8", "surrogatepass"))
    return b"".join(line + b"\n" for line in lines)


def judge(content: bytes) -> None:
    """Read one ledger and judge what it says; fails on anything but findings and CannotRun."""
    for written in (content, chained(content)):
        try:
            record = ledger.parse(PATH, written)
        except CannotRun:
            continue
        _whole(record, written)
        for story in (STORY, None):
            list(check_record(Held(story, record), Policy(), now=NOW))


def _whole(record: Ledger, content: bytes) -> None:
    """Without findings the entries are the bytes; with them there is a line to look at."""
    if not record.findings and b"".join(map(serialise, record.entries)) != content:
        raise ValueError("The entries are not what was read.")
    last = content.count(b"\n") + 1
    if any(not 1 <= found.line <= last for found in record.findings):
        raise ValueError("A finding stands outside the ledger.")


if __name__ == "__main__":
    fuzz(judge, seeds(), judgings=4)
