"""Runs `ssh-keygen -Y sign` with the key git's `user.signingkey` names; agents and security keys work as with git."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from newsroom_cli import ssh_keys
from newsroom_cli.errors import CannotRun
from newsroom_cli.record import signatures
from newsroom_cli.repository.git import Git
from newsroom_cli.ssh_keys import PublicKey

SET_UP = "git config user.signingkey ~/.ssh/id_ed25519.pub"
_PROGRAM = "ssh-keygen"
_INSTALL = "Install OpenSSH (8.2 or newer), or see git config gpg.ssh.program."


@dataclass(frozen=True)
class SigningKey:
    """A key to sign with: its public half, the file that names it ("" where git has the key itself), the program."""

    public: PublicKey
    path: str
    program: str

    @classmethod
    def of(cls, git: Git, root: Path) -> SigningKey:
        """Read the key `user.signingkey` names: a file, its .pub file, or the public key itself; raises CannotRun."""
        wanted = "^(user.signingkey|gpg.ssh.program)$"
        rows = git.names("config", "--null", "--type=path", "--get-regexp", wanted, ok=(0, 1))
        configured = {name: value for name, _, value in (row.partition("\n") for row in rows)}
        named = configured.get("user.signingkey", "")
        if not named:
            raise CannotRun("No key is set up to sign with.", SET_UP)
        program = configured.get("gpg.ssh.program", "") or _PROGRAM
        if named.startswith(("key::", "ssh-", "ecdsa-", "sk-")):
            return cls(_parse_key(named.removeprefix("key::"), named), "", program)
        path = root / named
        return cls(_public_of(path), str(path), program)

    def runnable(self) -> SigningKey:
        """Return the key itself where its program is there; raises CannotRun."""
        if shutil.which(self.program) is None:
            raise CannotRun(f"{self.program} is not there.", _INSTALL)
        return self

    def sign(self, message: bytes) -> str:
        """Return the signature of some bytes, as an entry's `sig` has it; raises CannotRun when there is none."""
        with tempfile.TemporaryDirectory(prefix="story-") as folder:
            signed = Path(folder) / "entry"
            signed.write_bytes(message)
            key = self.path or str(Path(folder) / "key.pub")
            if not self.path:
                Path(key).write_text(f"{self.public.text}\n", "ascii")
                Path(key).chmod(0o600)
            self._run("-Y", "sign", "-n", signatures.NAMESPACE, "-f", key, str(signed))
            try:
                return signatures.strip_armour(signed.with_suffix(".sig").read_text("ascii", "replace"))
            except OSError:
                raise CannotRun(f"{self.program} made no signature.", "Nothing was written.") from None
            except signatures.BadSignature as wrong:
                raise CannotRun(f"What {self.program} made {wrong}", "Nothing was written.") from None

    def _run(self, *arguments: str) -> None:
        """Run the program; it asks for a passphrase or a touch on the terminal itself."""
        touched = self.public.is_hardware and sys.stderr.isatty()
        try:
            done = subprocess.run(
                [self.program, *arguments],
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=None if touched else subprocess.PIPE,
            )
        except OSError as error:
            raise CannotRun(f"{self.program} could not be run: {error.strerror}.", _INSTALL) from None
        if done.returncode:
            words = [line.strip() for line in (done.stderr or b"").decode("utf-8", "replace").splitlines()]
            said = " / ".join(line for line in words if line and set(line) != {"@"}) or f"status {done.returncode}"
            hint = "Nothing was written. If an agent keeps the key: ssh-add -L lists what it has."
            raise CannotRun(f"The entry was not signed: {said}", hint)


def _public_of(path: Path) -> PublicKey:
    """Return the public key of a file that holds it, or of the private key beside it; raises CannotRun."""
    for candidate in (path, path.with_name(f"{path.name}.pub")):
        try:
            text = candidate.read_text("ascii", "replace")
        except OSError:
            continue
        if not text.startswith("-----BEGIN"):
            return _parse_key(text, str(candidate))
    if path.is_file():
        raise CannotRun(f"{path} has no public key beside it.", f"ssh-keygen -y -f {path} > {path}.pub")
    raise CannotRun(f"git config user.signingkey names {path}, and no key is there.", SET_UP)


def _parse_key(text: str, where: str) -> PublicKey:
    try:
        return ssh_keys.parse(text)
    except ValueError as error:
        raise CannotRun(f"{where} {error}.", SET_UP) from None
