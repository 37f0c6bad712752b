"""Public keys as text: what is one, what is not, and why."""

from __future__ import annotations

import base64
import subprocess
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signers import public, wire

from newsroom_cli import ssh_keys

KINDS = [("ed25519", "256"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048")]


@pytest.mark.parametrize("kind, bits", KINDS)
def test_every_key_that_ssh_keygen_makes_is_read_and_written_back(tmp_path, kind, bits):
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-b", bits, "-N", "", "-C", "desk of", "-f", path], check=True)
    line = path.with_suffix(".pub").read_text("utf-8")
    key = ssh_keys.parse(line)
    assert line.startswith(key.text + " ")
    listed = subprocess.run(["ssh-keygen", "-l", "-f", path], check=True, capture_output=True, text=True)
    assert key.fingerprint in listed.stdout


def hardware(kind: str, *fields: bytes) -> str:
    return f"{kind} {base64.b64encode(wire(kind.encode(), *fields)).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        hardware("sk-ssh-ed25519@openssh.com", b"k" * 32, b"ssh:"),
        hardware("sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", b"\4" + b"k" * 64, b"ssh:desk"),
    ],
)
def test_keys_of_security_keys_are_read(text):
    assert ssh_keys.parse(text).is_hardware
    assert not ssh_keys.parse(public("Editor")).is_hardware


WHOLE = public("Editor").split()[1]
RSA_1024 = hardware("ssh-rsa", b"\1\0\1", b"\x80" + b"\1" * 127)


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "no public key we know"),
        ("Editor", "no public key we know"),
        ("ssh-ed25519", "not whole base64"),
        (f"ssh-ed25519 {WHOLE[:-4]}", "cut off"),
        (f"ssh-ed25519 {WHOLE[:-1]}", "not whole base64"),
        (f"ssh-ed25519 {WHOLE[:20]} {WHOLE[20:]}", "no whole ssh-ed25519 key"),
        (f"ssh-rsa {WHOLE}", "says ssh-rsa and is ssh-ed25519"),
        (f"ssh-dss {WHOLE}", "no public key we know"),
        (f"ssh-ed25519-cert-v01@openssh.com {WHOLE}", "no public key we know"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "private key"),
        (hardware("ssh-ed25519", b"k" * 31), "no whole ssh-ed25519 key"),
        (hardware("ssh-ed25519", b"k" * 32, b""), "no whole ssh-ed25519 key"),
        (hardware("ecdsa-sha2-nistp256", b"nistp384", b"\4" + b"k" * 64), "no whole ecdsa"),
        (hardware("ecdsa-sha2-nistp256", b"nistp256", b"\2" + b"k" * 32), "no whole ecdsa"),
        (hardware("sk-ssh-ed25519@openssh.com", b"k" * 32, b"web:"), "no whole sk-"),
        (RSA_1024, "no whole ssh-rsa key"),
    ],
)
def test_what_is_no_key_says_why(text, why):
    with pytest.raises(ValueError, match=why):
        ssh_keys.parse(text)


@given(
    st.binary() | st.builds(wire, st.sampled_from([b"ssh-ed25519", b"ssh-rsa", b"ecdsa-sha2-nistp256"]), st.binary())
)
def test_any_bytes_are_a_key_or_a_reason(blob):
    with suppress(ValueError):
        assert ssh_keys.parse_blob(blob).blob == blob


@given(st.text())
def test_any_text_is_a_key_or_a_reason(text):
    with suppress(ValueError):
        assert ssh_keys.parse(text).blob


def test_the_same_key_with_another_comment_is_the_same_key():
    assert ssh_keys.parse(public("Editor") + " desk").blob == ssh_keys.parse(f"  {public('Editor')}\n").blob
