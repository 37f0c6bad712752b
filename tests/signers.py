"""People who sign: keys that are the same in every run, so that a case's configuration can hold their public halves."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from conftest import PEOPLE, Desk
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from making import entry_of

from newsroom_cli.record import signatures
from newsroom_cli.record.entries import serialise

ROLES = {"Reporter": ["reporter"], "Editor": ["editor"], "Chief": ["editor", "chief-editor"], "Deputy": ["editor"]}


def private(name: str) -> Ed25519PrivateKey:
    """Somebody's key; `Editor 2` is another of theirs."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"a key for tests: {name}".encode()).digest())


def public(name: str) -> str:
    """The line of somebody's .pub file, without a comment."""
    return private(name).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def write_key(folder: Path, name: str) -> Path:
    """Write somebody's private key, and the public one beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(private(name).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    path.chmod(0o600)
    (folder / f"{name}.pub").write_text(public(name) + "\n", "utf-8")
    return path


def keyring(folder: Path) -> Path:
    """A folder with everybody's key."""
    for name in PEOPLE:
        write_key(folder, name)
    return folder


def signing_roster(required: object = True, *, without: tuple[str, ...] = (), **times: str) -> str:
    """A configuration that lists everybody with their key; `times` are what a person's key says of its time."""
    text = f"[signing]\nrequired = {json.dumps(required)}\n"
    for name, roles in ROLES.items():
        email = f"{name.lower()}@gazette.example"
        text += f'\n[[people]]\nname = "{name}"\nemails = ["{email}"]\nroles = {json.dumps(roles)}\n'
        if name not in without:
            text += f'keys = [{{ key = "{public(name)}"{times.get(name, "")} }}]\n'
    return text


def signing_newsroom(desk: Desk, tmp_path: Path, configuration: str = "") -> Desk:
    """A newsroom whose people all sign, with its configuration committed."""
    desk.keyring = keyring(tmp_path / "keyring")
    configure(desk, configuration or signing_roster())
    return desk


def configure(desk: Desk, configuration: str) -> str:
    """Commit a configuration; the commit."""
    desk.write("newsroom.toml", configuration)
    return desk.commit("configure", "newsroom.toml", who="Chief")


def sign(line: bytes, name: str, *, namespace: str = signatures.NAMESPACE) -> str:
    """What `ssh-keygen -Y sign` makes of a line without its signature, as an entry's `sig` has it."""
    key, digest = private(name), hashlib.sha512(line).digest()
    blob = wire(b"ssh-ed25519", key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    message = b"SSHSIG" + wire(namespace.encode(), b"", b"sha512", digest)
    made = wire(b"ssh-ed25519", key.sign(message))
    return encoded(blob, namespace.encode(), b"", b"sha512", made)


def encoded(*fields: bytes) -> str:
    """A signature of these fields, in one line."""
    import base64

    return base64.b64encode(b"SSHSIG\0\0\0\1" + wire(*fields)).decode()


def wire(*fields: bytes) -> bytes:
    """Strings as SSH writes them (RFC 4251, section 5)."""
    return b"".join(len(one).to_bytes(4, "big") + one for one in fields)


def forged(desk: Desk, slug: str, signer: str = "", **over: object) -> None:
    """Write a story's last entry anew by hand, with other values, and another's signature where one is named."""
    path = desk.ledger_of(slug)
    *lines, last = desk.read(path).encode().splitlines(keepends=True)
    entry = entry_of(last, **over)
    if signer:
        bare = serialise(entry._replace(sig=None))
        entry = entry._replace(sig=sign(bare.rstrip(b"\n"), signer))
    done = serialise(entry)
    desk.write(path, b"".join(lines) + done)


def amended(desk: Desk, who: str, message: str = "by hand") -> str:
    """Put what is there into the last commit, as somebody's own."""
    desk.git("add", "--all", who=who)
    desk.git("commit", "--quiet", "--amend", "--reset-author", "-m", message, who=who)
    return desk.head
