"""SSH public keys as text: read, told apart, and named by fingerprint. No private key gets past `parse`."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

KINDS = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)
"""The kinds of keys OpenSSH signs with."""


class NoPublicKey(ValueError):
    """Text that is no SSH public key; the message says why and never repeats the text."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One SSH public key without its comment: two with equal text are one key."""

    text: str

    @property
    def fingerprint(self) -> str:
        """What `ssh-keygen -l` calls it: `SHA256:` and 43 characters."""
        blob = base64.b64decode(self.text.partition(" ")[2])
        return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def parse(text: str) -> PublicKey:
    """Read one public key as a `.pub` file has it (sshd(8), AUTHORIZED_KEYS, without options); raises NoPublicKey."""
    if "PRIVATE KEY" in text:
        raise NoPublicKey("is a private key")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) != 1:
        raise NoPublicKey("holds no key" if not lines else f"holds {len(lines)} lines, not one key")
    kind, encoded = (*lines[0].split(maxsplit=2), "", "")[:2]
    if not encoded:
        raise NoPublicKey("is neither a file that is there nor a public key")
    if kind not in KINDS:
        raise NoPublicKey(f"is not a public key of a kind that signs ({', '.join(KINDS)})")
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise NoPublicKey("is cut off or mistyped") from None
    name = kind.encode()
    if not blob.startswith(len(name).to_bytes(4, "big") + name) or len(blob) <= len(name) + 8:
        raise NoPublicKey("is cut off or mistyped")
    return PublicKey(f"{kind} {base64.b64encode(blob).decode()}")


def is_same(one: str, other: str) -> bool:
    """Whether two texts are one public key, whatever comments they have; what is no key is never the same."""
    try:
        return parse(one) == parse(other)
    except NoPublicKey:
        return False
