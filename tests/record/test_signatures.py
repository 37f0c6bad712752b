"""Signatures: what `ssh-keygen` makes is judged as `ssh-keygen` judges it, and nothing that is broken raises."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from signers import encoded, private, public, sign, wire

from newsroom_cli import ssh_keys
from newsroom_cli.errors import CannotRun
from newsroom_cli.record.signatures import NAMESPACE, BadSignature, add_armour, find_signer, signed_bytes, strip_armour

BARE = b'{"v":1,"seq":1,"story":"20261123-k3v9w2q8","note":"\xe5\xbe\xa1"}'
KINDS = [("ed25519", "256"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048"), ("rsa", "3072")]


def line(sig: str, bare: bytes = BARE) -> bytes:
    return bare[:-1] + b',"sig":"' + sig.encode() + b'"}\n'


def judged(sig: str, bare: bytes = BARE) -> ssh_keys.PublicKey:
    return find_signer(line(sig, bare), sig)


def why(sig: str, bare: bytes = BARE) -> str:
    with pytest.raises(BadSignature) as found:
        judged(sig, bare)
    return str(found.value)


def by_ssh_keygen(folder: Path, key: Path, *, namespace: str = NAMESPACE, options: tuple[str, ...] = ()) -> str:
    message = folder / "message"
    message.write_bytes(BARE)
    (folder / "message.sig").unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key), *options, str(message)]
    subprocess.run(command, check=True, capture_output=True)
    return strip_armour((folder / "message.sig").read_text("utf-8"))


def accepted_by_ssh_keygen(folder: Path, sig: str, key: str) -> bool:
    (folder / "signers").write_text(f'editor@gazette.example namespaces="{NAMESPACE}" {key}\n', "utf-8")
    (folder / "sig").write_text(add_armour(sig), "utf-8")
    command = ["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", "editor@gazette.example", "-n", NAMESPACE]
    return subprocess.run([*command, "-s", "sig"], cwd=folder, input=BARE, capture_output=True).returncode == 0


@pytest.mark.parametrize("kind, bits", KINDS)
@pytest.mark.parametrize("hashed", ["sha256", "sha512"])
def test_what_ssh_keygen_signs_holds(tmp_path, kind, bits, hashed):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-b", bits, "-N", "", "-f", key], check=True)
    sig = by_ssh_keygen(tmp_path, key, options=("-O", f"hashalg={hashed}"))
    assert judged(sig) == ssh_keys.parse(key.with_suffix(".pub").read_text("utf-8"))
    assert why(sig, BARE.replace(b'"seq":1', b'"seq":2')) == "is not of this entry."


def hardware(
    private_key, kind: str, *, flags: int = 1, namespace: str = NAMESPACE, bare: bytes = BARE
) -> tuple[str, str]:
    """The public key and the signature of a security key (PROTOCOL.u2f)."""
    application, rest = b"ssh:", bytes([flags]) + (7).to_bytes(4, "big")
    signed = b"SSHSIG" + wire(namespace.encode(), b"", b"sha512", hashlib.sha512(bare).digest())
    message = hashlib.sha256(application).digest() + rest + hashlib.sha256(signed).digest()
    if isinstance(private_key, ed25519.Ed25519PrivateKey):
        blob = wire(kind.encode(), private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), application)
        made = private_key.sign(message)
    else:
        point = private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        blob = wire(kind.encode(), b"nistp256", point, application)
        r, s = utils.decode_dss_signature(private_key.sign(message, ec.ECDSA(hashes.SHA256())))
        made = wire(*(number.to_bytes(33, "big").lstrip(b"\0") for number in (r, s)))
        made = wire(*((b"\0" + part if part[0] & 0x80 else part) for part in ssh_keys.split_strings(made)))
    sig = encoded(blob, namespace.encode(), b"", b"sha512", wire(kind.encode(), made) + rest)
    return f"{kind} {base64.b64encode(blob).decode()}", sig


HARDWARE = [
    ("sk-ssh-ed25519@openssh.com", private("Editor")),
    ("sk-ecdsa-sha2-nistp256@openssh.com", ec.derive_private_key(4711, ec.SECP256R1())),
]


@pytest.mark.parametrize("kind, private_key", HARDWARE)
def test_what_a_security_key_signs_holds_here_as_it_does_for_ssh_keygen(tmp_path, kind, private_key):
    key, sig = hardware(private_key, kind)
    assert accepted_by_ssh_keygen(tmp_path, sig, key)
    assert judged(sig).text == key
    assert why(sig, BARE.replace(b'"seq":1', b'"seq":2')) == "is not of this entry."


@pytest.mark.parametrize("kind, private_key", HARDWARE)
def test_security_key_that_nobody_touched_proves_nothing(kind, private_key):
    assert why(hardware(private_key, kind, flags=0)[1]) == "was made by a security key that nobody touched."


def test_our_own_helper_signs_as_ssh_keygen_does(tmp_path):
    assert accepted_by_ssh_keygen(tmp_path, sign(BARE, "Editor"), public("Editor"))
    assert judged(sign(BARE, "Editor")).text == public("Editor")


@pytest.mark.parametrize("namespace", ["git", "file", "story-ledger@v2", ""])
def test_signature_for_something_else_proves_nothing(namespace):
    assert why(sign(BARE, "Editor", namespace=namespace)) == f"is one for {namespace!r}, not for {NAMESPACE}."


def test_namespace_that_was_only_rewritten_proves_nothing():
    sig = base64.b64decode(sign(BARE, "Editor", namespace="story-ledger@v2"))
    assert why(base64.b64encode(sig.replace(b"@v2", b"@v1")).decode()) == "is not of this entry."


def test_signed_bytes_are_the_line_without_its_signature():
    assert signed_bytes(line("AAAA")) == BARE
    note = b'{"v":1,"note":",\\"sig\\":\\"AAAA"}'
    assert signed_bytes(line("AAAA", note)) == note


def parts(sig: str) -> list[bytes]:
    return ssh_keys.split_strings(base64.b64decode(sig)[10:])


WHOLE = parts(sign(BARE, "Editor"))
RSA = wire(b"ssh-rsa", b"\1\0\1", b"\0\x80" + b"\1" * 255)


@pytest.mark.parametrize(
    "sig",
    [
        "",
        "!",
        sign(BARE, "Editor")[:-4],
        sign(BARE, "Editor") + "AAAA",
        sign(BARE, "Editor")[:-1] + "A",
        " " + sign(BARE, "Editor"),
        base64.b64encode(b"SSHSIG\0\0\0\2" + wire(*WHOLE)).decode(),
        encoded(*WHOLE[:4]),
        encoded(*WHOLE, b""),
        encoded(*WHOLE[:2], b"reserved", *WHOLE[3:]),
        encoded(*WHOLE[:3], b"md5", WHOLE[4]),
        encoded(*WHOLE[:4], wire(b"ssh-rsa", b"made")),
        encoded(*WHOLE[:4], WHOLE[4] + b"more"),
        encoded(b"", *WHOLE[1:]),
        encoded(RSA, *WHOLE[1:4], wire(b"ssh-rsa", b"SHA-1 is too weak")),
    ],
)
def test_broken_signature_is_wrong_and_no_fault(sig):
    assert re.fullmatch("(is|says) .+[.]", why(sig))


def test_signature_of_a_key_that_is_no_point_of_its_curve_is_wrong():
    blob = wire(b"ecdsa-sha2-nistp256", b"nistp256", b"\4" + b"\1" * 64)
    made = wire(b"ecdsa-sha2-nistp256", wire(b"\1", b"\1"))
    assert why(encoded(blob, *WHOLE[1:4], made)) == "is not of this entry."


FIELD = (
    st.sampled_from([*WHOLE, RSA, *(ssh_keys.parse(hardware(one, kind)[0]).blob for kind, one in HARDWARE)])
    | st.binary()
)


@given(st.text() | st.builds(lambda fields: encoded(*fields), st.lists(FIELD, min_size=4, max_size=6)))
def test_no_text_is_a_signature_of_something_else(sig):
    assert why(sig, BARE.replace(b'"seq":1', b'"seq":9'))


@given(st.integers(0, len(sign(BARE, "Editor")) - 1), st.sampled_from("AZaz09+/="))
def test_no_changed_character_leaves_a_signature_whole(place, other):
    whole = sign(BARE, "Editor")
    changed = whole[:place] + other + whole[place + 1 :]
    if changed != whole:
        assert why(changed)


@given(st.text())
def test_what_is_no_armour_is_wrong(text):
    with pytest.raises(BadSignature):
        strip_armour(text)


def test_armour_is_taken_off_and_put_on():
    sig = sign(BARE, "Editor")
    assert strip_armour(add_armour(sig)) == sig
    assert strip_armour(add_armour(sig).replace("\n", "\r\n")) == sig


def test_without_the_library_a_signature_is_not_judged(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    bare = BARE.replace(b'"seq":1', b'"seq":3')
    with pytest.raises(CannotRun) as error:
        judged(sign(bare, "Editor"), bare)
    assert "newsroom-cli[signing]" in error.value.hint
