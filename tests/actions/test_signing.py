"""Signing as entries are written: real keys, a real agent, and every way in which there is no signature."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import set_up
from signers import configure, keyring, public, signing_newsroom, signing_roster, write_key

from newsroom_cli.actions.signing import sign_entries
from newsroom_cli.errors import CannotRun
from newsroom_cli.record import ledger, signatures
from newsroom_cli.record.entries import serialise
from newsroom_cli.repository.commit import Write
from newsroom_cli.repository.newsroom import open_newsroom
from newsroom_cli.settings.settings import parse

FORMATS = Path(__file__).resolve().parents[2] / "docs" / "formats.md"
SLUG = "council-budget"


@pytest.fixture
def signed(newsroom, tmp_path):
    """A newsroom in which every entry is signed."""
    return signing_newsroom(newsroom, tmp_path)


def strengths(desk) -> list[str]:
    return [one["strength"] for one in desk.story("log", SLUG, "--json").json]


def begun(desk, **options):
    return desk.story("new", "Council passes the budget", "--slug", SLUG, **options)


# Every verb


def test_every_verb_signs_its_entry(signed):
    signed._at("publish", SLUG, title="Council passes the budget")
    assert strengths(signed) == ["signed"] * 4
    assert signed.rules("--base", "HEAD~4", exit=0) == []
    assert signed.rules(exit=0) == []


def test_entries_behind_it_stand_on_the_signed_line(signed):
    signed.at("draft")
    signed.story("submit", SLUG)
    assert [entry["seq"] for entry in signed.entries(SLUG)] == [1, 2]
    assert signed.rules(exit=0) == []


def test_story_that_is_taken_in_is_signed(signed, make_story):
    signed.write(f"stories/{SLUG}.md", make_story())
    signed.story("adopt", f"stories/{SLUG}.md")
    assert strengths(signed) == ["signed"]


def test_story_that_is_taken_in_by_submit_is_signed_twice_over(signed, make_story):
    signed.write(f"stories/{SLUG}.md", make_story())
    signed.story("submit", SLUG)
    assert strengths(signed) == ["signed", "signed"]
    assert signed.rules("--base", "HEAD~2", exit=0) == []


def test_send_back_withdraw_and_ack_are_signed(signed):
    configure(signed, signing_roster() + '\n[trust]\noverride = ["chief-editor"]\n')
    signed._at("review", SLUG, title="Council passes the budget")
    signed.story("withdraw", SLUG)
    signed.story("submit", SLUG)
    signed.story("send-back", SLUG, "--note", "Shorter.", who="Editor")
    assert strengths(signed) == ["signed"] * 5


def test_dry_run_shows_the_entry_and_asks_no_key(signed):
    env = set_up(signed.root / "nowhere")
    said = signed.story("new", "Council passes the budget", "--dry-run", env=env)
    assert '"action":"new"' in said.out
    assert '"sig"' not in said.out


def test_several_stories_are_signed_one_by_one(signed):
    for slug in ("one", "two"):
        signed._at("review", slug, title=f"The story {slug}")
    signed.story("approve", "one", "two", who="Editor")
    assert [len(signed.entries(slug)[-1]["sig"]) > 200 for slug in ("one", "two")] == [True, True]


def test_ledger_made_anew_behind_a_conflict_keeps_what_is_signed_and_signs_the_rest(signed, monkeypatch):
    signed._at("edit", SLUG, title="Council passes the budget")
    for name, value in signed.environment("Reporter").items():
        monkeypatch.setenv(name, value)
    path = signed.ledger_of(SLUG)
    whole = signed.read(path).encode()
    record = ledger.parse(path, whole)
    seq, prev = record.next_link()
    bare = record.entries[1]._replace(seq=seq, prev=prev, sig=None)
    conflict = whole.split(b"\n")[0] + b"\n<<<<<<< HEAD\n"
    write = Write({path: record.with_entry(bare).content}, "redo", expects={path: conflict})
    (done,) = sign_entries(open_newsroom(signed.root), (write,))
    assert done.expects[path] == conflict
    assert done.files[path].startswith(whole)
    entry = ledger.parse(path, done.files[path]).entries[-1]
    assert signatures.find_signer(serialise(entry), entry.sig).text == public("Reporter")


# Keys


@pytest.mark.parametrize("name", ["Reporter", "Reporter.pub"])
def test_key_is_a_file_private_or_public(signed, name):
    begun(signed, env=set_up(signed.keyring / name))
    assert strengths(signed) == ["signed"]


def test_key_is_found_from_a_home_and_from_the_top_of_the_tree(signed):
    write_key(Path(os.environ["HOME"]) / ".ssh", "id_ed25519")
    for named, slug in (("~/keyring/Reporter", "one"), ("../keyring/Reporter", "two")):
        (Path(os.environ["HOME"]) / "keyring").exists() or (Path(os.environ["HOME"]) / "keyring").symlink_to(
            signed.keyring
        )
        signed.story("new", f"The story {slug}", "--slug", slug, env=set_up(named), cwd=signed.root)
        assert signed.entries(slug)[0]["sig"]


@pytest.fixture
def agent(tmp_path):
    """An agent that holds the reporter's key and nothing else; its environment."""
    socket = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while not socket.exists() and time.monotonic() < until:
        time.sleep(0.02)
    env = {"SSH_AUTH_SOCK": str(socket)}
    key = write_key(tmp_path / "for-the-agent", "Reporter")
    subprocess.run(["ssh-add", "-q", str(key)], check=True, env={**os.environ, **env}, capture_output=True)
    yield env
    process.terminate()
    process.wait(10)


def test_agent_signs_for_a_public_key_file(signed, agent):
    (signed.keyring / "Reporter").unlink()
    begun(signed, env=agent | set_up(signed.keyring / "Reporter.pub"))
    assert strengths(signed) == ["signed"]


@pytest.mark.parametrize("prefix", ["key::", ""])
def test_agent_signs_for_a_key_that_is_written_out(signed, agent, prefix):
    begun(signed, env=agent | set_up(prefix + public("Reporter") + " laptop"))
    assert strengths(signed) == ["signed"]


def test_agent_that_does_not_hold_the_key_is_refused(signed, agent):
    (signed.keyring / "Editor").unlink()
    options = {"who": "Editor", "env": agent | set_up(signed.keyring / "Editor.pub")}
    said = signed.refused("new", "Council passes the budget", exit=3, **options)
    assert "The entry was not signed: " in said
    assert "ssh-add -L" in said


@pytest.mark.parametrize("answer, status", [("a long passphrase", 0), ("another", 3)])
def test_passphrase_is_asked_and_a_wrong_one_is_refused(signed, tmp_path, answer, status):
    key = signed.keyring / "Reporter"
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-P", "", "-N", "a long passphrase", "-f", key], check=True, capture_output=True
    )
    asking = tmp_path / "asking"
    asking.write_text(f"#!/bin/sh\necho '{answer}'\n", "utf-8")
    asking.chmod(0o755)
    env = {"SSH_ASKPASS": str(asking), "SSH_ASKPASS_REQUIRE": "force"} | set_up(key)
    if status:
        assert "incorrect passphrase" in signed.refused("new", "Council passes the budget", exit=3, env=env)
    else:
        begun(signed, env=env)
        assert strengths(signed) == ["signed"]


@pytest.mark.parametrize("kind, bits", [("rsa", "2048"), ("ecdsa", "384")])
def test_older_kinds_of_keys_sign_too(signed, kind, bits):
    key = signed.keyring / "Old"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-b", bits, "-N", "", "-f", key], check=True)
    configure(signed, signing_roster().replace(public("Reporter"), key.with_suffix(".pub").read_text("utf-8").strip()))
    begun(signed, env=set_up(key))
    assert strengths(signed) == ["signed"]


# No signature, nothing written


def refusal(desk, *, exit: int, who: str = "Reporter", env: dict[str, str] | None = None) -> str:
    return desk.refused("new", "Council passes the budget", exit=exit, who=who, env=env)


def test_no_key_set_up_is_refused_with_the_line_that_sets_one_up(signed):
    signed.keyring = None
    said = refusal(signed, exit=3)
    assert "No key is set up to sign with." in said
    assert "git config user.signingkey ~/.ssh/id_ed25519.pub" in said


def test_key_that_is_not_there_is_refused(signed):
    assert "no key is there" in refusal(signed, exit=3, env=set_up(signed.keyring / "Nobody"))


def test_key_of_another_program_is_refused(signed):
    assert "no key is there" in refusal(signed, exit=3, env=set_up("0xDEADBEEF"))


def test_private_key_without_its_public_half_is_refused_with_how_to_write_it(signed):
    (signed.keyring / "Reporter.pub").unlink()
    assert "ssh-keygen -y -f" in refusal(signed, exit=3)


def test_key_that_is_not_on_the_roster_is_refused_before_it_is_asked(signed):
    said = refusal(signed, exit=1, env=set_up(signed.keyring / "Stringer"))
    assert "is none of Reporter on the roster" in said
    assert "SHA256:" in said


def test_key_of_somebody_else_is_refused(signed):
    assert "is none of Reporter on the roster" in refusal(signed, exit=1, env=set_up(signed.keyring / "Editor"))


def test_person_without_a_key_is_refused(signed):
    configure(signed, signing_roster(without=("Reporter",)))
    said = refusal(signed, exit=1)
    assert "new has to be signed, and Reporter <reporter@gazette.example> has no key on the roster." in said
    assert "[[people]]" in said


def test_person_who_is_not_on_the_roster_is_refused(signed):
    assert "is not on the roster" in refusal(signed, exit=1, who="Stringer")


def test_newsroom_that_signs_and_lists_nobody_is_refused(signed):
    configure(signed, "[signing]\nrequired = true\n")
    assert "lists no people" in refusal(signed, exit=1)


@pytest.mark.parametrize(
    "times, said",
    [
        (', valid_until = "2025-11-01T00:00:00Z"', "until 2025-11-01T00:00:00Z"),
        (', valid_from = "2026-01-01T08:00:00+08:00"', "from 2026-01-01T00:00:00Z"),
    ],
)
def test_key_that_is_not_valid_now_is_refused(signed, times, said):
    configure(signed, signing_roster(Reporter=times))
    assert said in refusal(signed, exit=1)


def with_program(program: Path | str, key: Path) -> dict[str, str]:
    more = {"GIT_CONFIG_KEY_1": "gpg.ssh.program", "GIT_CONFIG_VALUE_1": str(program)}
    return {**set_up(key), **more, "GIT_CONFIG_COUNT": "2"}


def script(folder: Path, text: str) -> Path:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return path


def test_program_that_git_signs_with_is_the_one_that_runs(signed, tmp_path):
    program = script(tmp_path, f'echo ran > "{tmp_path}/ran"; exec ssh-keygen "$@"')
    begun(signed, env=with_program(program, signed.keyring / "Reporter"))
    assert (tmp_path / "ran").is_file()
    assert strengths(signed) == ["signed"]


@pytest.mark.parametrize(
    "text, said",
    [
        ("echo 'device not found' >&2; exit 1", "The entry was not signed: device not found"),
        ("exit 7", "The entry was not signed: status 7"),
        ("exit 0", "made no signature"),
        ('for f; do :; done; echo nonsense > "$f.sig"', "is not one of SSH."),
    ],
)
def test_program_that_fails_is_refused_with_its_words(signed, tmp_path, text, said):
    assert said in refusal(signed, exit=3, env=with_program(script(tmp_path, text), signed.keyring / "Reporter"))


def test_program_that_signs_with_another_key_is_refused(signed, tmp_path):
    other = signed.keyring / "Editor"
    program = script(tmp_path, f'for f; do :; done; exec ssh-keygen -Y sign -n story-ledger@v1 -f "{other}" "$f"')
    said = refusal(signed, exit=1, env=with_program(program, signed.keyring / "Reporter"))
    assert "is by a key of Editor" in said


def test_program_that_is_not_there_is_refused_with_what_to_install(signed, tmp_path):
    said = refusal(signed, exit=3, env=with_program(tmp_path / "nowhere", signed.keyring / "Reporter"))
    assert "could not be run" in said
    assert "Install OpenSSH" in said


# The library


def test_without_the_library_nothing_is_signed_and_it_says_what_to_install(signed, monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert "pip install 'newsroom-cli[signing]'" in refusal(signed, exit=3)


def test_without_the_library_no_check_of_signed_entries_passes(signed, monkeypatch):
    signed.at("draft")
    monkeypatch.setitem(sys.modules, "cryptography", None)
    clear_judged()
    for arguments in (("check",), ("check", "--base", "HEAD~1"), ("submit", SLUG)):
        assert "newsroom-cli[signing]" in signed.story(*arguments, exit=3).err


def test_without_the_library_the_log_calls_nothing_signed(signed, monkeypatch):
    signed.at("draft")
    monkeypatch.setitem(sys.modules, "cryptography", None)
    clear_judged()
    assert strengths(signed) == ["attributed"]
    assert "the signature was not judged" in signed.story("log", SLUG).out


def clear_judged() -> None:
    signatures._find_signer.cache_clear()


# Where nothing is asked


def test_whoever_set_up_a_key_of_theirs_signs_without_being_asked(newsroom, tmp_path):
    signing_newsroom(newsroom, tmp_path, signing_roster(False, without=("Editor",)))
    newsroom._at("edit", SLUG, title="Council passes the budget")
    assert strengths(newsroom) == ["signed", "signed", "attributed"]
    assert newsroom.rules("--base", "HEAD~3", exit=0) == []


@pytest.mark.parametrize("key", ["Stringer", "Nobody"])
def test_whoever_signs_commits_with_another_key_is_not_stopped(newsroom, tmp_path, key):
    signing_newsroom(newsroom, tmp_path, signing_roster(False))
    begun(newsroom, env=set_up(newsroom.keyring / key))
    assert strengths(newsroom) == ["attributed"]


def test_without_the_library_nobody_is_stopped_who_need_not_sign(newsroom, tmp_path, monkeypatch):
    signing_newsroom(newsroom, tmp_path, signing_roster(False))
    monkeypatch.setitem(sys.modules, "cryptography", None)
    begun(newsroom)
    assert strengths(newsroom) == ["attributed"]


def test_roles_that_are_named_have_to_sign_and_others_need_not(newsroom, tmp_path):
    signing_newsroom(newsroom, tmp_path, signing_roster(["editor"], without=("Reporter",)))
    newsroom._at("edit", SLUG, title="Council passes the budget")
    assert strengths(newsroom) == ["attributed", "attributed", "signed"]
    newsroom.keyring = None
    assert "No key is set up" in newsroom.refused("publish", SLUG, "--yes", who="Editor", exit=3)


def test_trust_that_asks_for_signed_entries_makes_everybody_sign(newsroom, tmp_path):
    signing_newsroom(newsroom, tmp_path, signing_roster(False) + '\n[trust]\nrequire = "signed"\n')
    newsroom._at("review", SLUG, title="Council passes the budget")
    assert strengths(newsroom) == ["signed", "signed"]
    newsroom.keyring = None
    assert "No key is set up" in newsroom.refused("approve", SLUG, who="Editor", exit=3)


def test_option_asks_for_signed_entries_too(newsroom, tmp_path):
    signing_newsroom(newsroom, tmp_path, signing_roster(False, without=("Editor",)))
    newsroom._at("edit", SLUG, title="Council passes the budget")
    assert newsroom.rules("--base", "HEAD~1", "--require", "signed") == ["entry-not-signed"]
    assert newsroom.rules("--base", "HEAD~1", "--require", "attributed", exit=0) == []


def test_newsroom_without_signing_loads_nothing_of_it(newsroom):
    newsroom.at("review")
    code = (
        "import sys; from newsroom_cli.cli import app\n"
        "try: app()\nexcept SystemExit: pass\n"
        "loaded = [one for one in sys.modules if one.split('.')[0] == 'cryptography']\n"
        "ours = ('newsroom_cli.ssh_keys', 'newsroom_cli.record.signatures', 'newsroom_cli.actions.signing')\n"
        "print([*loaded, *sys.modules.keys() & ours])"
    )
    env = newsroom.whole_environment("Editor")
    done = subprocess.run(
        [sys.executable, "-c", code, "approve", SLUG], cwd=newsroom.root, env=env, capture_output=True
    )
    assert b"Approved" in done.stderr, done.stderr
    assert done.stdout == b"[]\n"


# What is shown


def test_log_says_signed_and_why_it_is_not(signed):
    signed._at("edit", SLUG, title="Council passes the budget")
    assert signed.story("log", SLUG).out.count(", signed]") == 3
    configure(signed, signing_roster(without=("Editor",)))
    said = signed.story("log", SLUG)
    assert said.out.count(", signed]") == 2
    assert "the signature is by a key (SHA256:" in said.out
    last = signed.story("log", SLUG, "--json").json[-1]
    assert (last["strength"], last["flaw"].startswith("is by a key")) == ("attributed", True)


def test_key_that_ran_out_leaves_what_it_signed_signed(signed):
    signed.at("draft")
    configure(signed, signing_roster(Reporter=', valid_until = "2025-12-01T00:00:00Z"'))
    assert strengths(signed) == ["signed"]
    assert signed.rules("--now", "2027-01-01T00:00:00Z", exit=0) == []


def by_hand(desk, slug: str, number: int, folder: Path) -> subprocess.CompletedProcess:
    """What docs/formats.md says to do without `story`, done for one entry."""
    entry = desk.entries(slug)[number - 1]
    block = re.search(r"```sh\nstory keys > signers\n(.*?)```", FORMATS.read_text("utf-8"), re.DOTALL)[1]
    stamp = re.sub(r"\D", "", entry["at"]) + "Z"
    told = {
        "sed -n 3p .newsroom/ledger/2026/11/23/20261123-k3v9w2q8.jsonl": f"sed -n {number}p {desk.root / desk.ledger_of(slug)}",
        "li@gazette.example": entry["by"].partition("<")[2].rstrip(">"),
        "20261123100211Z": stamp,
    }
    for old, new in told.items():
        assert old in block
        block = block.replace(old, new)
    folder.mkdir(exist_ok=True)
    (folder / "signers").write_text(desk.story("keys").out, "utf-8")
    return subprocess.run(["sh", "-ec", block], cwd=folder, capture_output=True, text=True)


def test_ssh_keygen_alone_verifies_every_entry_as_the_page_says(signed, tmp_path):
    times = ', valid_from = "2025-01-01T00:00:00+08:00", valid_until = "2025-12-31T00:00:00+08:00"'
    configure(signed, signing_roster(Editor=times))
    signed._at("edit", SLUG, title="Council passes the “budget”, \\ twice")
    signed.story("send-back", SLUG, "--note", 'It says ,"sig":"AAAA" in “御”.', who="Editor")
    for number in (1, 2, 3, 4):
        done = by_hand(signed, SLUG, number, tmp_path / "by-hand")
        assert done.stdout.startswith('Good "story-ledger@v1" signature for '), done.stderr


def test_ssh_keygen_refuses_what_we_refuse(signed, tmp_path):
    signed.at("draft")
    configure(signed, signing_roster(Reporter=', valid_until = "2025-11-01T00:00:00Z"'))
    assert by_hand(signed, SLUG, 1, tmp_path / "by-hand").returncode != 0
    configure(signed, signing_roster())
    signed.change(signed.ledger_of(SLUG), '"action":"new"', '"action":"now"')
    assert by_hand(signed, SLUG, 1, tmp_path / "by-hand").returncode != 0


def test_keys_are_listed_with_every_address_and_their_times(newsroom):
    text = signing_roster(Editor=', valid_from = "2025-01-01T00:00:00+08:00"', without=("Chief", "Deputy"))
    newsroom.write("newsroom.toml", text.replace('["editor@', '["li*@gazette.example", "e@old.example", "editor@'))
    options = 'namespaces="story-ledger@v1",valid-after="20241231160000Z"'
    said = newsroom.story("keys")
    assert said.out.splitlines() == [
        f'reporter@gazette.example namespaces="story-ledger@v1" {public("Reporter")} Reporter',
        f"e@old.example,editor@gazette.example {options} {public('Editor')} Editor",
    ]
    assert "Left out: li*@gazette.example" in said.err
    listed = newsroom.story("keys", "--json").json
    assert [sorted(one) for one in listed] == [
        ["emails", "fingerprint", "key", "name", "valid_from", "valid_until"]
    ] * 2
    assert listed[1]["valid_from"] == "2024-12-31T16:00:00Z"


def test_newsroom_without_keys_says_where_they_would_stand(newsroom):
    said = newsroom.story("keys")
    assert (said.out, "[[people]]" in said.err) == ("", True)


# Settings


def person(name: str, keys: str) -> str:
    return f'[[people]]\nname = "{name}"\nemails = ["{name.lower()}@gazette.example"]\nroles = ["editor"]\nkeys = [{keys}]\n'


def refused(toml: str) -> CannotRun:
    with pytest.raises(CannotRun) as error:
        parse(toml, path="newsroom.toml")
    assert error.value.hint
    return error.value


@pytest.mark.parametrize(
    "keys, said",
    [
        ('{ key = "ssh-ed25519 AAAA" }', "people.0.keys.0.key: is "),
        ('{ key = "" }', "people.0.keys.0.key: is no public key"),
        ('{ valid_from = "2026-01-01T00:00:00Z" }', "people.0.keys.0.key"),
        (f'{{ key = "{public("Editor")}", from = "2026-01-01T00:00:00Z" }}', "people.0.keys.0.from"),
        (
            f'{{ key = "{public("Editor")}", valid_from = "2026-01-01T00:00:00" }}',
            "people.0.keys.0.valid_from: needs a",
        ),
        (f'{{ key = "{public("Editor")}", valid_from = 2026-01-01T00:00:00 }}', "people.0.keys.0.valid_from: needs a"),
        (f'{{ key = "{public("Editor")}", valid_until = 2026-01-01 }}', "people.0.keys.0.valid_until: needs a date"),
        (f'{{ key = "{public("Editor")}", valid_until = 2026 }}', "people.0.keys.0.valid_until: needs a date"),
        (
            f'{{ key = "{public("Editor")}", valid_from = 2026-02-01T00:00:00Z, valid_until = 2026-01-01T00:00:00Z }}',
            "of Editor ends before it begins",
        ),
    ],
)
def test_key_that_cannot_be_one_is_named(keys, said):
    assert said in refused(person("Editor", keys)).message


def test_key_of_two_people_is_named():
    both = f'{{ key = "{public("Editor")}" }}'
    error = refused(person("Editor", both) + person("Chief", both.replace('" }', ' laptop" }')))
    assert re.search(r"the key SHA256:\S+ belongs to both Editor and Chief", error.message)


@pytest.mark.parametrize("text", ["2026-01-01T00:00:00+08:00", '"2026-01-01T00:00:00+08:00"'])
def test_times_of_a_key_are_written_as_toml_or_as_text(text):
    (key,) = parse(person("Editor", f'{{ key = "{public("Editor")}", valid_from = {text} }}'), path="x").people[0].keys
    assert key.valid_from.isoformat() == "2026-01-01T00:00:00+08:00"


def test_role_that_nobody_can_give_is_named():
    error = refused('[signing]\nrequired = ["editors"]\n')
    assert (error.message, error.hint) == (
        "newsroom.toml: signing.required: there is no role editors.",
        "Did you mean editor?",
    )


def test_signing_of_nobody_is_no_signing():
    assert not parse("[signing]\nrequired = []\n", path="x").signs
    assert parse("[signing]\nrequired = ['editor']\n", path="x").signs


def test_keyring_of_tests_is_the_same_in_every_run(tmp_path):
    assert (keyring(tmp_path) / "Editor.pub").read_text("utf-8").split()[1].startswith("AAAAC3NzaC1lZDI1NTE5AAAAI")
