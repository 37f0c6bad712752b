"""SSH public keys as text: `TYPE BASE64 [COMMENT]`, as OpenSSH writes them (RFC 4253, section 6.6; PROTOCOL.u2f)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

_RSA_BITS = range(2048, 16385)
_EXPONENT_BITS = range(2, 65)
_CURVES = {"nistp256": 65, "nistp384": 97, "nistp521": 133}
"""Curves, with the size of an uncompressed point."""


class PublicKey(NamedTuple):
    """One public key: its type, the fields behind it, and all of it as one run of bytes, by which keys are compared."""

    kind: str
    fields: tuple[bytes, ...]
    blob: bytes

    @property
    def text(self) -> str:
        """The key as OpenSSH writes it, without a comment."""
        return f"{self.kind} {base64.b64encode(self.blob).decode()}"

    @property
    def is_hardware(self) -> bool:
        """Tell whether a security key keeps the private half."""
        return self.kind.startswith("sk-")

    @property
    def fingerprint(self) -> str:
        """`SHA256:…`, as `ssh-keygen -l` shows it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")


@lru_cache(1024)
def parse(text: str) -> PublicKey:
    """Read a public key; raises ValueError in words that follow the setting's name."""
    kind, _, rest = text.strip().partition(" ")
    if kind.startswith("-----BEGIN"):
        raise ValueError("is a private key; take it out, make a new one, and write the line of its .pub file")
    if kind not in _FIELDS:
        raise ValueError(f"is no public key we know; write one of {', '.join(_FIELDS)}, then its base64")
    key = parse_blob(decode_base64(rest.split(maxsplit=1)[0] if rest.split() else ""))
    if key.kind != kind:
        raise ValueError(f"says {kind} and is {key.kind}; copy the whole line of the .pub file")
    return key


@lru_cache(1024)
def parse_blob(blob: bytes) -> PublicKey:
    """Read a public key's bytes, by shape alone; raises ValueError."""
    kind, *fields = split_strings(blob)
    name = kind.decode("ascii", "replace")
    if name not in _FIELDS:
        raise ValueError("is of a kind that is not known")
    if not _FIELDS[name](fields):
        raise ValueError(f"is no whole {name} key; copy the whole line of the .pub file")
    return PublicKey(name, tuple(fields), blob)


def decode_base64(text: str) -> bytes:
    """Decode base64 that is written the one way it can be; raises ValueError."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not whole base64") from None
    if base64.b64encode(content).decode() != text or not content:
        raise ValueError("is not whole base64")
    return content


def split_strings(content: bytes) -> list[bytes]:
    """Split bytes into the strings they are made of (RFC 4251, section 5), at least one; raises ValueError."""
    texts: list[bytes] = []
    while content:
        text, content = take_string(content)
        texts.append(text)
    if not texts:
        raise ValueError("is empty")
    return texts


def take_string(content: bytes) -> tuple[bytes, bytes]:
    """Take the first string off some bytes: return it, and the bytes behind it; raises ValueError."""
    size = int.from_bytes(content[:4], "big")
    if len(content) < 4 + size or len(content) < 4:  # noqa: PLR2004  a string's length is four bytes
        raise ValueError("is cut off")
    return content[4 : 4 + size], content[4 + size :]


def _ed25519(fields: Sequence[bytes]) -> bool:
    return [len(field) for field in fields] == [32]


def _rsa(fields: Sequence[bytes]) -> bool:
    if len(fields) != 2:  # noqa: PLR2004  exponent and modulus
        return False
    exponent, modulus = (int.from_bytes(field, "big") for field in fields)
    shape = modulus.bit_length() in _RSA_BITS and exponent.bit_length() in _EXPONENT_BITS
    return shape and exponent % 2 == 1 and modulus % 2 == 1


def _ecdsa(curve: str) -> Callable[[Sequence[bytes]], bool]:
    def fits(fields: Sequence[bytes]) -> bool:
        return len(fields) == 2 and fields[0] == curve.encode() and _is_point(fields[1], curve)  # noqa: PLR2004

    return fits


def _is_point(point: bytes, curve: str) -> bool:
    return len(point) == _CURVES[curve] and point[0] == 4  # noqa: PLR2004  an uncompressed point begins so


def _sk_ed25519(fields: Sequence[bytes]) -> bool:
    return len(fields) == 2 and _ed25519(fields[:1]) and fields[1].startswith(b"ssh:")  # noqa: PLR2004


def _sk_ecdsa(fields: Sequence[bytes]) -> bool:
    return len(fields) == 3 and _ecdsa("nistp256")(fields[:2]) and fields[2].startswith(b"ssh:")  # noqa: PLR2004


_FIELDS: dict[str, Callable[[Sequence[bytes]], bool]] = {
    "ssh-ed25519": _ed25519,
    "sk-ssh-ed25519@openssh.com": _sk_ed25519,
    "ecdsa-sha2-nistp256": _ecdsa("nistp256"),
    "ecdsa-sha2-nistp384": _ecdsa("nistp384"),
    "ecdsa-sha2-nistp521": _ecdsa("nistp521"),
    "sk-ecdsa-sha2-nistp256@openssh.com": _sk_ecdsa,
    "ssh-rsa": _rsa,
}
"""For each kind of key, the test that the fields behind the kind are a key of it."""
