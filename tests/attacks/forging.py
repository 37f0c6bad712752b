"""What attacks are made of, and the points where every one of them has to be caught."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from typing import Any

from conftest import BODY, PEOPLE, PICTURE, Desk, Said, roster, story_text
from receiving import at_the_hook, bare_beside

ROSTER = f"""
{roster(Reporter="reporter", Editor="editor", Chief="chief-editor")}
[trust]
override = ["chief-editor"]
"""

HOST = {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_BASE_REF": "main"}
"""What a host's runner says of the merge checkout it made."""

_FIELDS = ["v", "seq", "prev", "story", "action", "from", "to", "by", "role", "at", "content", "assets", "writers"]
_FIELDS += ["terms", "set", "override", "note", "sig"]


# Where every attack has to be caught


def on_the_commits(desk: Desk, *args: str, form: str = "json") -> Said:
    """`story check --base` on the branch as it stands."""
    return desk.story("check", "--base", "main", "--format", form, *args, exit=None)


def on_the_merge_checkout(desk: Desk, *args: str, form: str = "json") -> Said:
    """The same where a host has merged base and branch, detached, in a clone of its own."""
    host = Desk(desk.root.parent / "host", now=desk.now)
    shutil.rmtree(host.root, ignore_errors=True)
    desk.git("clone", "--quiet", "--no-checkout", str(desk.root), str(host.root), who="Chief")
    host.git("checkout", "--quiet", "--detach", "origin/main")
    branch = desk.git("rev-parse", "HEAD")
    host.git("merge", "--quiet", "--no-ff", "-m", "Merge the change into main", branch, who="Chief")
    return host.story("check", "--base", "refs/remotes/origin/main", "--format", form, *args, exit=None, env=HOST)


def at_the_server(desk: Desk) -> Said:
    """The hook of a bare repository, on a push of that merge to `main`; the checkout is there already."""
    host = Desk(desk.root.parent / "host", now=desk.now)
    old, new = host.git("rev-parse", "refs/remotes/origin/main", "HEAD").split("\n")
    return at_the_hook(host, bare_beside(desk.root, desk.root.parent / "server.git", old), old=old, new=new)


POINTS: tuple[Callable[..., Said], ...] = (on_the_commits, on_the_merge_checkout, at_the_server)
"""In this order: the server is pushed what the host has merged."""


def findings_of(said: Said, *weights: str) -> set[str]:
    """The rules a point named, in JSON or on a pusher's terminal; of some weights where they are given."""
    if said.out.startswith("{"):
        rows = [(one["severity"], one["rule"]) for one in said.json["findings"]]
    else:
        rows = re.findall(r": (error|warning|info)\[([\w-]+)\]", said.err)
    return {rule for weight, rule in rows if weight in (weights or ("error", "warning", "info"))}


def caught(desk: Desk, *rules: str, args: tuple[str, ...] = ()) -> None:
    """Every point refuses the change, for exactly these rules; with options, every point that has any."""
    for point in POINTS if not args else POINTS[:-1]:
        said = point(desk, *args)
        assert (said.exit, findings_of(said, "error")) == (1, set(rules)), f"{point.__name__}\n{said.all}"


def caught_among_others(desk: Desk, *rules: str) -> None:
    """Every point refuses the change, for these rules whatever else it finds."""
    for point in POINTS:
        said = point(desk)
        assert said.exit == 1, f"{point.__name__}\n{said.all}"
        assert findings_of(said, "error") >= set(rules), f"{point.__name__}\n{said.all}"


def passes(desk: Desk, *, with_a_word: str = "") -> None:
    """The other side of an attack: no point finds an error, and nothing but the one weaker finding named."""
    for point in POINTS:
        said = point(desk)
        assert (said.exit, findings_of(said)) == (0, {with_a_word} - {""}), f"{point.__name__}\n{said.all}"


def not_judged(desk: Desk, words: str) -> None:
    """Every point fails closed: it could not run and says why; of a push that is a refusal."""
    for point in POINTS:
        said = point(desk)
        assert said.exit in ((1, 3) if point is at_the_server else (3,)), f"{point.__name__}\n{said.all}"
        assert words in said.err


# What there is to attack


def begin(desk: Desk) -> None:
    """`main` with a story in review and a published one; the working tree is on the branch `change`."""
    begin_line(desk)
    desk.git("switch", "--quiet", "-c", "change")


def begin_line(desk: Desk) -> None:
    """The protected branch, with a story in review and a published one."""
    desk.write("README.md", "# Harbour Gazette\n")
    desk.commit("begin")
    desk.at("review", "council-budget")
    desk.at("publish", "harbour-fire", title="Fire in the harbour")


def begin_with_a_picture(desk: Desk) -> None:
    """The same with a published story that has a picture."""
    begin(desk)
    desk.git("switch", "--quiet", "main")
    desk.write("stories/2025/11/hall.png", PICTURE)
    desk.at("publish", "hall", title="The hall", body=f"{BODY}\n![Hall](hall.png)\n")
    desk.git("switch", "--quiet", "-C", "change")


def settled(desk: Desk, configuration: str) -> Desk:
    """Give `main` a configuration and begin the branch `change` again from there."""
    desk.git("switch", "--quiet", "main")
    desk.write("newsroom.toml", configuration)
    desk.commit("configuration", who="Chief")
    desk.git("switch", "--quiet", "-C", "change")
    return desk


def on_main(desk: Desk, *args: str, who: str) -> None:
    """Take a move on `main` while the branch stands still."""
    desk.git("switch", "--quiet", "main")
    desk.story(*args, who=who)
    desk.git("switch", "--quiet", "change")


# What attacks are made of


def entry_of(desk: Desk, slug: str, *, by: str, **over: Any) -> dict[str, Any]:
    """A well-formed approval behind a ledger's last line, with other fields where `over` says so."""
    last_line = desk.read(desk.ledger_of(slug)).splitlines()[-1]
    last = json.loads(last_line)
    entry = {
        "v": 1,
        "seq": last["seq"] + 1,
        "prev": "sha256:" + hashlib.sha256(last_line.encode()).hexdigest(),
        "story": last["story"],
        "action": "approve",
        "from": last["to"],
        "to": "edit",
        "by": PEOPLE.get(by, by),
        "role": "editor",
        "at": desk.tick().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "content": last["content"],
        "assets": last.get("assets"),
        "set": {"editor": [PEOPLE.get(by, by)]},
        **over,
    }
    return {key: entry[key] for key in _FIELDS if entry.get(key) not in (None, {}, [])}


def line_of(entry: dict[str, Any]) -> str:
    """An entry as `story` would write it."""
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"


def forge(desk: Desk, slug: str, *, by: str, commit_as: str, **over: Any) -> None:
    """Append a well-formed entry without asking `story`, write its effect into the file, and commit both."""
    append(desk, slug, entry_of(desk, slug, by=by, **over))
    desk.commit("forged", who=commit_as)


def append(desk: Desk, slug: str, entry: dict[str, Any], line: str = "") -> None:
    """Put an entry (or what `line` makes of it) behind a ledger, and its effect into the file; not committed."""
    ledger = desk.ledger_of(slug)
    write_effect(desk, desk.path_of(slug), entry)
    desk.write(ledger, desk.read(ledger) + (line or line_of(entry)))


def write_effect(desk: Desk, path: str, entry: dict[str, Any]) -> None:
    """Write into a story's file what an entry says it sets."""
    text = re.sub(r"^state: .*$", f"state: {entry['to']}", desk.read(path), flags=re.MULTILINE)
    for key, value in entry.get("set", {}).items():
        if key in ("hold", "require"):
            continue  # ledgers alone have them
        shown = value[0] if isinstance(value, list) and len(value) == 1 else value
        shown = json.dumps(value) if key == "corrections" else shown
        shown = f"[{', '.join(value)}]" if isinstance(shown, list) else shown
        shown = str(shown).lower() if isinstance(shown, bool) else shown
        row = "" if value is None else f"{key}: {shown}\n"
        text, times = re.subn(rf"^{key}:.*\n(?:  .*\n|- .*\n)*", lambda _, row=row: row, text, flags=re.MULTILINE)
        if not times and row:
            text = text.replace("\nstate: ", f"\n{row}state: ", 1)
    desk.write(path, text)


def published_by(desk: Desk, slug: str = "council-budget", **over: Any) -> dict[str, Any]:
    """What a first `publish` by whoever approved sets, a second from now."""
    when = desk.now.replace(second=desk.now.second + 1).strftime("%Y-%m-%dT%H:%M:%SZ")
    year, month = over.get("date", when).split("-")[:2]
    address = f"/local/{year}/{month}/{slug}/"
    return {"draft": None, "date": when, "lastmod": when, "version": 1, "address": address, **over}


def content_after(desk: Desk, slug: str, action: str = "approve") -> str:
    """The hash of a story's content as `story` itself would sign it."""
    yes = ("--yes",) if action == "publish" else ()
    out = desk.story(action, slug, "--dry-run", *yes, who="Editor").out
    return re.search(r'^\+.*"content":"(sha256:[0-9a-f]+)"', out, re.MULTILINE)[1]


def evil_merge(desk: Desk, change: Callable[[], object], *, who: str = "Reporter") -> None:
    """Merge an honest side branch, and put something of one's own into the merge commit."""
    desk.git("switch", "--quiet", "-c", "side", "main")
    desk.write("side.txt", "an honest change\n")
    desk.commit("side")
    desk.git("switch", "--quiet", "change")
    desk.write("here.txt", "another\n")
    desk.commit("here")
    desk.git("merge", "--quiet", "--no-commit", "--no-ff", "side", who=who)
    change()
    desk.commit("Merge branch side", who=who)


def hide(desk: Desk) -> None:
    """Put a story with a state written by hand on the branch that is to be merged."""
    desk.write("stories/2025/11/evil.md", story_text(title="Evil", state="publish"))
    desk.commit("evil")
