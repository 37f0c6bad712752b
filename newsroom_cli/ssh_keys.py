"""SSH public keys as text: `TYPE BASE64 [COMMENT]`, as OpenSSH writes them (RFC 4253, section 6.6; PROTOCOL.u2f)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_RSA_BITS = range(2048, 16385)
_EXPONENT_BITS = range(2, 65)
_CURVES = {b"nistp256": 65, b"nistp384": 97, b"nistp521": 133}
"""Curves, with the size of an uncompressed point."""
_KINDS = (
    *("ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384"),
    *("ecdsa-sha2-nistp521", "sk-ecdsa-sha2-nistp256@openssh.com", "ssh-rsa"),
)


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
    if kind not in _KINDS:
        raise ValueError(f"is no public key we know; write one of {', '.join(_KINDS)}, then its base64")
    key = parse_blob(decode_base64(rest.split(maxsplit=1)[0] if rest.split() else ""))
    if key.kind != kind:
        raise ValueError(f"says {kind} and is {key.kind}; copy the whole line of the .pub file")
    return key


@lru_cache(1024)
def parse_blob(blob: bytes) -> PublicKey:
    """Read a public key's bytes, by shape alone; raises ValueError."""
    kind, *fields = split_strings(blob)
    name = kind.decode("ascii", "replace")
    if name not in _KINDS:
        raise ValueError("is of a kind that is not known")
    if not _is_key(name, fields):
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


def _is_key(kind: str, fields: Sequence[bytes]) -> bool:
    """Tell whether the fields behind a kind are a key of it; a security key's end with the application it is for."""
    if kind.startswith("sk-"):
        plain = kind.removeprefix("sk-").removesuffix("@openssh.com")
        return bool(fields) and fields[-1].startswith(b"ssh:") and _is_key(plain, fields[:-1])
    match fields:
        case [point]:
            return kind == "ssh-ed25519" and len(point) == 32  # noqa: PLR2004  bytes
        case [exponent, modulus] if kind == "ssh-rsa":
            return _is_rsa(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big"))
        case [curve, point]:
            size = _CURVES.get(curve) if kind == f"ecdsa-sha2-{curve.decode('ascii', 'replace')}" else None
            return len(point) == size and point[0] == 4  # noqa: PLR2004  an uncompressed point begins so
    return False


def _is_rsa(exponent: int, modulus: int) -> bool:
    fits = modulus.bit_length() in _RSA_BITS and exponent.bit_length() in _EXPONENT_BITS
    return fits and exponent % 2 == 1 and modulus % 2 == 1
