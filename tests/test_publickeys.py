"""SSH public keys as text: what is one, what is not, and that no private one is repeated."""

from __future__ import annotations

import base64
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom_cli.publickeys import KINDS, NoPublicKey, is_same, parse


def key(kind: str = "ssh-ed25519", payload: bytes = b"k" * 32) -> str:
    name = kind.encode()
    blob = len(name).to_bytes(4, "big") + name + len(payload).to_bytes(4, "big") + payload
    return f"{kind} {base64.b64encode(blob).decode()}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("around", ["{}", "{} ana@desk", "  {}\n", "# a comment\n{} with spaces in it\n\n"])
def test_key_is_read_without_its_comment(kind, around):
    assert parse(around.format(key(kind))).text == key(kind)


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_key_that_ssh_keygen_makes_is_read_and_has_its_fingerprint(tmp_path, kind):
    file = tmp_path / "k"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(file)], check=True)
    said = subprocess.run(["ssh-keygen", "-lf", f"{file}.pub"], check=True, capture_output=True, text=True).stdout
    assert parse((tmp_path / "k.pub").read_text("utf-8")).fingerprint == said.split()[1]
    with pytest.raises(NoPublicKey, match="is a private key"):
        parse(file.read_text("utf-8"))


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "holds no key"),
        ("# only a comment\n", "holds no key"),
        (f"{key()}\n{key()}\n", "holds 2 lines"),
        ("b3BlbnNzaC1rZXktdjEA", "neither a file"),
        ("ssh-dss AAAA", "of a kind that signs"),
        ("ssh-ed25519-cert-v01@openssh.com AAAA", "of a kind that signs"),
        (f'no-pty,command="x" {key()}', "of a kind that signs"),
        ("ssh-ed25519 AAAA", "cut off"),
        ("ssh-ed25519 not*base64", "cut off"),
        (key().replace("ssh-ed25519", "ssh-rsa"), "cut off"),
        (key()[:-21], "cut off"),
        ("-----BEGIN EC PRIVATE KEY-----", "is a private key"),
    ],
)
def test_what_is_no_public_key_is_refused_and_says_why(text, why):
    with pytest.raises(NoPublicKey, match=why):
        parse(text)


def test_two_texts_are_one_key_whatever_their_comments():
    assert is_same(f"{key()} ana@desk", key())
    assert not is_same(key(), key(payload=b"other" * 8))
    assert not is_same("", "")


@given(st.text())
def test_any_text_is_refused_in_words_that_do_not_repeat_it(text):
    with pytest.raises(NoPublicKey) as refused:
        parse(f"{text} {'x' * 20}")
    assert "x" * 20 not in str(refused.value)
