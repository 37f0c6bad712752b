"""Attacks where entries are signed: each is refused by `check --base`, whoever the commit says made it.

Beside them the same attacks on a newsroom that does not sign, with the strength its entries are called.
"""

from __future__ import annotations

import base64
import subprocess

import pytest
from conftest import Desk
from signers import amended, configure, forged, public, sign, signing_newsroom, signing_roster

from newsroom_cli.record import ledger, signatures
from newsroom_cli.record.entries import serialise

SLUG = "council-budget"


@pytest.fixture
def signed(newsroom, tmp_path):
    """A newsroom that signs, with a story in review on main; a branch of the attacker's is checked out."""
    return attacked(signing_newsroom(newsroom, tmp_path))


@pytest.fixture
def unsigned(newsroom, tmp_path):
    """The same newsroom without signatures; whatever a squash brings is enough."""
    text = signing_roster(False, without=("Reporter", "Editor", "Chief", "Deputy"))
    return attacked(signing_newsroom(newsroom, tmp_path, text + '\n[trust]\nrequire = "recorded"\n'))


def attacked(desk: Desk) -> Desk:
    desk._at("review", SLUG, title="Council passes the budget")
    desk.git("switch", "--quiet", "-c", "attack")
    return desk


def found(desk: Desk, *arguments: str, exit: int = 1) -> list[tuple[str, str]]:
    """The errors `check --base main` has, as rule and message."""
    rows = desk.findings("--base", "main", *arguments, exit=exit)
    return [(one["rule"], one["message"]) for one in rows if one["severity"] == "error"]


def the_one(desk: Desk, *arguments: str) -> tuple[str, str]:
    (one,) = found(desk, *arguments)
    return one


def strengths(desk: Desk, slug: str = SLUG) -> list[str]:
    return [one["strength"] for one in desk.story("log", slug, "--json").json]


def approved(desk: Desk) -> None:
    """The editor's approval as it is made honestly, for the attacker to start from."""
    desk.story("approve", SLUG, who="Editor")


def without_signature(desk: Desk) -> None:
    """What the attacker can make of it without the editor's key, in a commit that says it is the editor's."""
    forged(desk, SLUG, sig=None)
    amended(desk, "Editor")


def bare(desk: Desk, slug: str = SLUG) -> bytes:
    """The bytes that are signed of a story's last entry."""
    last = ledger.parse(desk.ledger_of(slug), desk.read(desk.ledger_of(slug)).encode()).entries[-1]
    return serialise(last._replace(sig=None)).rstrip(b"\n")


def pasted(desk: Desk, sig: str, slug: str = SLUG) -> None:
    """Put a signature from elsewhere on a story's last entry."""
    forged(desk, slug, sig=sig)
    amended(desk, "Editor")


def test_the_honest_approval_they_all_begin_with_is_taken(signed):
    approved(signed)
    assert found(signed, exit=0) == []


# The commit says another made it


def test_forged_commit_author(signed):
    approved(signed)
    without_signature(signed)
    assert the_one(signed) == ("entry-not-signed", "approve by Editor <editor@gazette.example> is not signed.")


def test_forged_commit_author_with_the_forgers_own_signature(signed):
    approved(signed)
    forged(signed, SLUG, "Reporter")
    amended(signed, "Editor")
    rule, message = the_one(signed)
    assert (rule, message) == (
        "signature-wrong",
        "the signature is by a key of Reporter, not of Editor <editor@gazette.example>.",
    )


def test_forged_commit_author_in_an_unsigned_newsroom_is_called_no_more_than_attributed(unsigned):
    approved(unsigned)
    without_signature(unsigned)
    assert found(unsigned, "--require", "attributed", exit=0) == []
    assert strengths(unsigned) == ["attributed"] * 3
    assert [rule for rule, _ in found(unsigned, "--require", "signed")] == ["entry-not-signed"]


def squashed(desk: Desk) -> None:
    """Everything the branch brought in one commit of the chief's, as a host's squash would."""
    desk.story("publish", SLUG, who="Editor")
    forged(desk, SLUG, sig=None)
    desk.git("reset", "--quiet", "--soft", "main")
    desk.commit("Quick", who="Chief")


def test_squash_that_bypassed_the_check(signed):
    configure_base(signed, signing_roster() + '\n[trust]\nrequire = "recorded"\n')
    signed.git("merge", "--quiet", "main")
    approved(signed)
    squashed(signed)
    assert the_one(signed) == ("entry-not-signed", "publish by Editor <editor@gazette.example> is not signed.")
    assert strengths(signed) == ["signed", "signed", "signed", "recorded"]


def test_squash_that_bypassed_the_check_in_an_unsigned_newsroom_is_called_recorded(unsigned):
    approved(unsigned)
    squashed(unsigned)
    assert found(unsigned, exit=0) == []
    assert strengths(unsigned) == ["attributed", "attributed", "recorded", "recorded"]


# Keys that no longer count


def configure_base(desk: Desk, text: str) -> None:
    """Change the base's configuration; the attacker's branch was forked before."""
    desk.git("switch", "--quiet", "main")
    configure(desk, text)
    desk.git("switch", "--quiet", "attack")


def test_key_of_somebody_whose_key_was_taken_off_the_roster(signed):
    configure_base(signed, signing_roster(without=("Editor",)))
    approved(signed)
    rule, message = the_one(signed)
    assert rule == "signature-wrong"
    assert "that is none of Editor <editor@gazette.example> on the roster" in message


def test_key_of_a_person_who_was_removed(signed):
    configure_base(signed, signing_roster().replace("editor@gazette.example", "deputy-editor@gazette.example"))
    approved(signed)
    assert sorted(rule for rule, _ in found(signed)) == ["not-entitled", "signature-wrong"]


def test_expired_key_that_signs_an_entry_dated_back(signed):
    at = signed.entries(SLUG)[-1]["at"]
    ran_out = at.replace(":00:0", ":05:0")
    configure_base(signed, signing_roster(Editor=f', valid_until = "{ran_out}"'))
    signed.story("approve", SLUG, "--now", at.replace(":00:0", ":04:0"), who="Editor")
    assert found(signed, "--now", at.replace(":00:0", ":04:3"), exit=0) == []
    rule, message = the_one(signed, "--now", at.replace("T10", "T12"))
    assert rule == "signature-wrong"
    assert message.endswith(f"is not valid at {at.replace('T10', 'T12')}.")


def test_key_that_was_not_valid_yet(signed):
    approved(signed)
    configure_base(signed, signing_roster(Editor=', valid_from = "2025-12-01T00:00:00Z"'))
    rule, message = the_one(signed)
    assert rule == "signature-wrong"
    assert "is not valid at 2025-11-24T" in message


def test_own_key_written_beside_the_editors_name_in_the_same_change(signed):
    configure(signed, signing_roster().replace(public("Editor"), public("Stringer")))
    env = {"GIT_CONFIG_VALUE_0": str(signed.keyring / "Stringer")}
    signed.story("approve", SLUG, who="Editor", env=env)
    assert sorted(rule for rule, _ in found(signed)) == ["judges-with-stories", "signature-wrong"]


# Signatures from elsewhere


def test_signature_of_a_commit_pasted_as_an_entrys(signed):
    approved(signed)
    key = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={signed.keyring / 'Editor'}")
    signed.git(*key, "commit", "--quiet", "--allow-empty", "-S", "-m", "a commit of the editor's", who="Editor")
    header = signed.git("cat-file", "commit", "HEAD").partition("gpgsig ")[2].partition("-----END SSH SIGNATURE-----")
    sig = signatures.strip_armour(f"{header[0]}{header[1]}")
    signed.git("reset", "--quiet", "--hard", "HEAD~1")
    pasted(signed, sig)
    assert the_one(signed) == ("signature-wrong", "the signature is one for 'git', not for story-ledger@v1.")


@pytest.mark.parametrize("namespace", ["file", "git", "story-ledger@v2"])
def test_signature_of_a_file_that_holds_the_entry_pasted_as_the_entrys(signed, tmp_path, namespace):
    approved(signed)
    path = tmp_path / "file"
    path.write_bytes(bare(signed))
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", signed.keyring / "Editor", path]
    subprocess.run(command, check=True, capture_output=True)
    pasted(signed, signatures.strip_armour((tmp_path / "file.sig").read_text("utf-8")))
    rule, message = the_one(signed)
    assert (rule, message) == ("signature-wrong", f"the signature is one for {namespace!r}, not for story-ledger@v1.")


def test_signature_of_a_file_whose_namespace_was_rewritten(signed):
    approved(signed)
    other = base64.b64decode(sign(bare(signed), "Editor", namespace="story-ledger@v2"))
    pasted(signed, base64.b64encode(other.replace(b"ledger@v2", b"ledger@v1")).decode())
    assert the_one(signed) == ("signature-wrong", "the signature is not of this entry.")


def test_entry_signed_by_the_wrong_person(signed):
    """The chief may approve as well; but the entry says that the editor did."""
    approved(signed)
    forged(signed, SLUG, "Chief")
    amended(signed, "Editor")
    rule, message = the_one(signed)
    assert rule == "signature-wrong"
    assert message == "the signature is by a key of Chief, not of Editor <editor@gazette.example>."


def test_signature_replayed_onto_another_story(signed):
    signed.git("switch", "--quiet", "main")
    signed._at("edit", "other-story", title="Another story altogether")
    signed.git("switch", "--quiet", "attack")
    signed.git("merge", "--quiet", "main")
    sig = signed.entries("other-story")[-1]["sig"]
    approved(signed)
    pasted(signed, sig)
    assert the_one(signed) == ("signature-wrong", "the signature is not of this entry.")


def test_signature_replayed_after_a_send_back(signed):
    approved(signed)
    sig = signed.entries(SLUG)[-1]["sig"]
    signed.story("send-back", SLUG, "--note", "Not yet.", who="Editor")
    signed.story("submit", SLUG)
    approved(signed)
    pasted(signed, sig)
    assert the_one(signed) == ("signature-wrong", "the signature is not of this entry.")


@pytest.mark.parametrize(
    "over",
    [
        {"note": "Passed by the lawyers."},
        {"at": "2025-11-24T10:03:00Z"},
        {"writers": ["Editor <editor@gazette.example>"]},
    ],
    ids=lambda over: next(iter(over)),
)
def test_signed_entry_with_another_value(signed, over):
    approved(signed)
    forged(signed, SLUG, **over)
    amended(signed, "Editor")
    assert the_one(signed) == ("signature-wrong", "the signature is not of this entry.")


# Signatures taken away


def test_signature_removed_from_a_new_entry(signed):
    approved(signed)
    forged(signed, SLUG, sig=None)
    signed.commit("Tidy", who="Editor")
    assert the_one(signed)[0] == "entry-not-signed"


def test_signature_removed_from_an_entry_of_the_base_and_the_chain_made_anew(signed):
    approved(signed)
    path = signed.ledger_of(SLUG)
    entries = ledger.parse(path, signed.read(path).encode()).entries
    stripped = ledger.Ledger(path)
    for entry in entries:
        seq, prev = stripped.next_link()
        stripped = stripped.with_entry(entry._replace(seq=seq, prev=prev, sig=None))
    signed.write(path, stripped.content)
    signed.commit("Tidy", who="Editor")
    assert [rule for rule, _ in found(signed)] == ["ledger-rewritten"]


def test_signature_removed_from_an_entry_in_the_middle(signed):
    approved(signed)
    path = signed.ledger_of(SLUG)
    sig = signed.entries(SLUG)[1]["sig"]
    signed.change(path, f',"sig":"{sig}"', "")
    signed.commit("Tidy", who="Editor")
    assert "ledger-chain" in [rule for rule, _ in found(signed)]


def test_forged_entry_that_got_in_is_never_called_signed(signed):
    """A push that nobody checked: what lies on main afterwards is called what it is."""
    approved(signed)
    without_signature(signed)
    signed.git("switch", "--quiet", "main")
    signed.git("merge", "--quiet", "attack")
    assert strengths(signed) == ["signed", "signed", "attributed"]
    forged(signed, SLUG, sig=sign(b"{}", "Editor"))
    amended(signed, "Editor")
    assert "signature-wrong" in signed.rules()
    assert strengths(signed) == ["signed", "signed", "attributed"]
