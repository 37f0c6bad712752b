"""Any bytes as a story's file are findings or one Unreadable, and nothing else, in 2 s a megabyte.

Usage: python tests/fuzz/fuzz_check.py [-max_total_time=SECONDS] [FILE]
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import atheris
from fuzzing import ROOT, fuzz

with atheris.instrument_imports(include=["newsroom_cli"]):
    from newsroom_cli import rules
    from newsroom_cli.errors import Unreadable
    from newsroom_cli.model import ID, Finding, Severity, Story
    from newsroom_cli.people.policy import Policy
    from newsroom_cli.record import ledger
    from newsroom_cli.record.ledger import Held
    from newsroom_cli.rules.damage import DAMAGE
    from newsroom_cli.settings import settings
    from newsroom_cli.story import frontmatter, pictures
    from newsroom_cli.verify.standing import check_record

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PATH = "stories/2025/11/saturday-libraries.md"
ROSTER = """
language = "en"
timezone = "Asia/Shanghai"

[sections]
local = "Local news"

[[people]]
name = "Li Wei"
emails = ["li@gazette.example"]
roles = ["editor"]
sections = ["local"]
"""
WEIGHED = "\n[rules]\n" + "".join(f'{rule.id} = "warning"\n' for rule in DAMAGE)
JUDGES = (
    Policy(settings.parse(ROSTER + WEIGHED, path="newsroom.toml"), {"li@old.example": "li@gazette.example"}),
    Policy(settings.parse(WEIGHED, path="newsroom.toml")),
)
LEDGERS = {path.stem: path.read_bytes() for path in (ROOT / ledger.ROOT).rglob("*.jsonl")}
BROKEN = (
    b"",
    b"---",
    b"---\n---\n",
    b"---\n- a\n- b\n---\n",
    b"\xef\xbb\xbf---\ntitle: A\n---\n",
    b"---\r\ntitle: A\r\n---\r\nText\r\n",
    b"---\ntitle: A\n",
    b"+++\ntitle = 'A'\n+++\n",
    b"---\ntitle: A\ntitle: B\n---\n",
    b"---\ntitle: &a [*a]\ntags: !!set {a, b}\n---\n",
    b"---\ntitle: a: b\nlead: 'it's'\n---\n",
    b"---\ntitle: |\n  ---\n  text\nsource: {name: A, url: 'https://a.example'}\n---\n",
    b"---\n<<<<<<< HEAD\ntitle: A\n=======\ntitle: B\n>>>>>>> other\n---\n",
    b"---\n? [a, b]\n: c\n---\n",
    b'---\nt\xe2\x80\xa8itle: "\\u202e\\0"\ncheck-ignore: [no-such-rule]\n---\n',
    b"---\n{title: A, reporter: [A <a@b.example>, B], urgency: 12}\n---\n",
    b"---\nimages:\n  - {src: ../a.png, alt: , credit: A}\n  - src: 'b%00.png'\n---\n![a](<b c.png>)<img src='d.png'>\n",
    b"---\ndate: 2025-14-07\nlastmod: 2025-11-22T10:00:00+25:00\nexpires: soon\nversion: -1\nlang: zh_\n---\n",
    b"---\ntitle: A\ncheck-ignore: {duplicate-tag: both are meant, four-eyes: no, [a]: b}\ntags: [a, a]\n---\n",
    b"---\na: " + b"[" * 40 + b"]" * 40 + b"\n---\n",
    "---\ntitle：标题\nreporter: 陈晓\n---\n锟斤拷烫烫烫 Ã©tÃ© å›½ \ufffd\ue000 nǐ hǎo你好,世界\n".encode(),
)


def seeds() -> Iterator[bytes]:
    """This repository's stories, each as it is and cut off, and small broken ones."""
    for path in sorted((ROOT / "stories").rglob("*.md")):
        content = path.read_bytes()
        yield from (content, content[: len(content) // 2], content[:1000])
    yield from BROKEN


def findings(story: Story, judges: Policy) -> Iterator[Finding]:
    """Everything that judging one story says, with the ledger of its id where there is one."""
    pipeline = judges.settings.pipeline
    assets = dict.fromkeys(pictures.find_pictures(story), "0" * 40)
    for name in assets:
        pictures.locate_picture(story.path, name)
    for state in pipeline.names:
        yield from rules.check(story, rules.RuleContext(judges.settings, state, assets))
    story_id = story.metadata.id or ""
    record = LEDGERS.get(story_id) if ID.fullmatch(story_id) else None
    kept = None if record is None else ledger.parse(ledger.path_of(story_id), record)
    yield from check_record(Held(story, kept, assets), judges, now=NOW)


def judge(content: bytes) -> None:
    """Read and judge one story; fails on anything but well-placed findings."""
    try:
        story = frontmatter.read_story(PATH, content)
    except Unreadable as error:
        (found,) = error.findings
        _placed(found, content)
        return
    for judges in JUDGES:
        for found in findings(story, judges):
            _placed(found, content)


def _placed(found: Finding, content: bytes) -> None:
    """A finding names a rule, says a sentence, and stands at a place there is."""
    last = content.count(b"\n") + 1
    if found.path == PATH and not (1 <= found.line <= last and found.column >= 1):
        raise ValueError(f"{found} stands outside the {last} lines of its file.")
    if not (found.rule and found.message and found.severity is not Severity.OFF):
        raise ValueError(f"{found} says nothing.")


if __name__ == "__main__":
    fuzz(judge, seeds(), judgings=sum(len(one.settings.pipeline.names) for one in JUDGES))
