"""Signatures on entries: SSHSIG (OpenSSH's PROTOCOL.sshsig) over a line of the ledger, in a namespace of our own.

A `sig` is the base64 of the armoured form, in one line, without its armour. What is signed is the line cut at its last
`,"sig":`, closed with `}`. Pure: keys are given, and `cryptography` is loaded when a signature is judged.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from newsroom_cli import ssh_keys
from newsroom_cli.errors import CannotRun
from newsroom_cli.ssh_keys import PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

NAMESPACE = "story-ledger@v1"
_MAGIC = b"SSHSIG"
_HASHES = {b"sha512": hashlib.sha512, b"sha256": hashlib.sha256}
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_TOUCHED = 1
"""The flag a security key sets when somebody touched it (PROTOCOL.u2f)."""


class BadSignature(Exception):
    """A signature that proves nothing; the message says why, in words that follow `the signature`."""


class Signature(NamedTuple):
    """One signature taken apart: whose key it says it is, for what, and what that key made.

    `rest` is what a security key adds: one byte of flags and its counter.
    """

    key: PublicKey
    namespace: str
    digest: bytes
    algorithm: str
    made: bytes
    rest: bytes


def strip_armour(armoured: str) -> str:
    """Return the `sig` of an entry, from what `ssh-keygen -Y sign` writes; raises BadSignature."""
    lines = [line.strip() for line in armoured.strip().splitlines()]
    if len(lines) < len((_BEGIN, _END)) or (lines[0], lines[-1]) != (_BEGIN, _END):
        raise BadSignature("is not one of SSH.")
    return "".join(lines[1:-1])


def add_armour(sig: str) -> str:
    """Return a `sig` as `ssh-keygen -Y verify` reads it, in its armour."""
    rows = [sig[at : at + 70] for at in range(0, len(sig), 70)]
    return "\n".join([_BEGIN, *rows, _END, ""])


def signed_bytes(line: bytes) -> bytes:
    """Return the bytes that were signed of a ledger's line with a signature: the line without it."""
    return line[: line.rindex(b',"sig":')] + b"}"


def parse_signature(sig: str) -> Signature:
    """Take a signature apart; raises BadSignature."""
    try:
        return _take_apart(ssh_keys.decode_base64(sig))
    except ValueError as error:
        raise BadSignature(f"{error}.") from None


def _take_apart(content: bytes) -> Signature:
    if not content.startswith(_MAGIC + b"\0\0\0\1"):
        raise ValueError("is not one of SSH")
    fields = ssh_keys.split_strings(content[len(_MAGIC) + 4 :])
    if len(fields) != len(("key", "namespace", "reserved", "digest", "blob")):
        raise ValueError("is of a form that is not known")
    key, namespace, reserved, digest, blob = fields
    if reserved or digest not in _HASHES:
        raise ValueError("is of a form that is not known")
    algorithm, rest = ssh_keys.take_string(blob)
    made, rest = ssh_keys.take_string(rest)
    try:
        public = ssh_keys.parse_blob(key)
    except ValueError:
        raise ValueError("is by no key that is known") from None
    kind = algorithm.decode("ascii", "replace")
    if kind not in _ALGORITHMS.get(public.kind, (public.kind,)):
        raise ValueError(f"is made with {kind!r}, which is not for a key of {public.kind}")
    if len(rest) != (5 if public.is_hardware else 0):
        raise ValueError("is of a form that is not known")
    return Signature(public, namespace.decode("ascii", "replace"), digest, kind, made, rest)


_ALGORITHMS: Mapping[str, tuple[str, ...]] = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}
"""The algorithms a kind of key signs with, where they are not named like the kind; SHA-1 is not among them."""


def find_signer(line: bytes, sig: str) -> PublicKey:
    """Return the key that signed a ledger's line; raises BadSignature, and CannotRun without the library."""
    return _find_signer(signed_bytes(line), sig)


@lru_cache(8192)
def _find_signer(message: bytes, sig: str) -> PublicKey:
    signature = parse_signature(sig)
    if signature.namespace != NAMESPACE:
        raise BadSignature(f"is one for {signature.namespace!r}, not for {NAMESPACE}.")
    digest = _HASHES[signature.digest](message).digest()
    whole = _MAGIC + b"".join(_pack_string(field) for field in (NAMESPACE.encode(), b"", signature.digest, digest))
    if signature.key.is_hardware:
        if not signature.rest[0] & _TOUCHED:
            raise BadSignature("was made by a security key that nobody touched.")
        application = hashlib.sha256(signature.key.fields[-1]).digest()
        whole = application + signature.rest + hashlib.sha256(whole).digest()
    if not _holds(signature, whole):
        raise BadSignature("is not of this entry.")
    return signature.key


def _pack_string(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def need_library() -> None:
    """Raise CannotRun where the library that judges signatures is not installed."""
    try:
        import cryptography
    except ImportError:
        raise CannotRun(
            "Entries here are signed, and this `story` cannot judge signatures: the library cryptography is missing.",
            "pip install 'newsroom-cli[signing]', or: pipx inject newsroom-cli cryptography",
        ) from None
    del cryptography


def _holds(signature: Signature, message: bytes) -> bool:
    need_library()
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        _CHECKS[signature.key.kind](signature, message)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _ed25519(signature: Signature, message: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    Ed25519PublicKey.from_public_bytes(signature.key.fields[0]).verify(signature.made, message)


def _rsa(signature: Signature, message: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    exponent, modulus = (int.from_bytes(field, "big") for field in signature.key.fields)
    hashed = hashes.SHA512() if signature.algorithm == "rsa-sha2-512" else hashes.SHA256()
    rsa.RSAPublicNumbers(exponent, modulus).public_key().verify(signature.made, message, padding.PKCS1v15(), hashed)


def _ecdsa(signature: Signature, message: bytes) -> None:
    """Judge by the hash that goes with a curve (RFC 5656, section 6.2.1)."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    curves: Mapping[bytes, tuple[ec.EllipticCurve, HashAlgorithm]] = {
        b"nistp256": (ec.SECP256R1(), hashes.SHA256()),
        b"nistp384": (ec.SECP384R1(), hashes.SHA384()),
        b"nistp521": (ec.SECP521R1(), hashes.SHA512()),
    }
    curve, hashed = curves[signature.key.fields[0]]
    r, s = ssh_keys.split_strings(signature.made)
    made = utils.encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    ec.EllipticCurvePublicKey.from_encoded_point(curve, signature.key.fields[1]).verify(made, message, ec.ECDSA(hashed))


_CHECKS: Mapping[str, Callable[[Signature, bytes], None]] = {
    "ssh-ed25519": _ed25519,
    "sk-ssh-ed25519@openssh.com": _ed25519,
    "ecdsa-sha2-nistp256": _ecdsa,
    "ecdsa-sha2-nistp384": _ecdsa,
    "ecdsa-sha2-nistp521": _ecdsa,
    "sk-ecdsa-sha2-nistp256@openssh.com": _ecdsa,
    "ssh-rsa": _rsa,
}
"""How a signature of each kind of key is judged; each raises where it does not hold."""
