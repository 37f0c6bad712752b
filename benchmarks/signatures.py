"""Two ways to judge signed entries, side by side: `cryptography` in process, and `ssh-keygen -Y verify`.

    python benchmarks/signatures.py [--entries N] [--rounds N]

Signs N entries of a ledger with a key of each kind and judges them all, in turns. `ssh-keygen` judges one message a
process, so it runs N times: one after the other, and on every core.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from newsroom_cli import ssh_keys
from newsroom_cli.record import signatures
from newsroom_cli.record.entries import Entry, serialise
from newsroom_cli.record.ledger import Ledger

KINDS = (("ed25519", "256"), ("ecdsa", "256"), ("rsa", "3072"))
WHO = "li@gazette.example"
STORY = "20261123-k3v9w2q8"


def signed(key: Path, number: int, folder: Path) -> list[bytes]:
    """The lines of a ledger, each signed with a key."""
    ledger = Ledger(f"{STORY}.jsonl")
    for _ in range(number):
        seq, prev = ledger.next_link()
        bare = Entry(
            seq=seq,
            prev=prev,
            story=STORY,
            action="approve",
            from_="review",
            to="edit",
            by=f"Li Wei <{WHO}>",
            role="editor",
            at="2026-11-23T10:02:11Z",
            content="sha256:" + "0" * 64,
        )
        message = folder / "message"
        message.write_bytes(serialise(bare).rstrip(b"\n"))
        message.with_suffix(".sig").unlink(missing_ok=True)
        run("-q", "-Y", "sign", "-n", signatures.NAMESPACE, "-f", str(key), str(message))
        sig = signatures.strip_armour(message.with_suffix(".sig").read_text("ascii"))
        ledger = ledger.with_entry(bare._replace(sig=sig))
    return ledger.content.splitlines()


def run(*arguments: str, stdin: bytes = b"") -> None:
    subprocess.run(["ssh-keygen", *arguments], input=stdin, check=True, capture_output=True)


def in_process(lines: Sequence[bytes], key: ssh_keys.PublicKey) -> None:
    """Judge every line as `story` does, nothing remembered."""
    signatures._find_signer.cache_clear()  # noqa: SLF001  each round judges anew
    for line in lines:
        if signatures.find_signer(line, sig_of(line)).blob != key.blob:
            raise SystemExit("a signature of another key")


def sig_of(line: bytes) -> str:
    return line[line.rindex(b',"sig":"') + 8 : -2].decode()


def outside(lines: Sequence[bytes], folder: Path, workers: int) -> None:
    """Judge every line with a process of its own."""
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda number: verify(folder, number, lines[number]), range(len(lines))))


def verify(folder: Path, number: int, line: bytes) -> None:
    sig = folder / f"{number}.sig"
    sig.write_text(signatures.add_armour(sig_of(line)), "ascii")
    options = ("-f", str(folder / "signers"), "-I", WHO, "-n", signatures.NAMESPACE, "-s", str(sig))
    run("-Y", "verify", *options, stdin=signatures.signed_bytes(line))


def median(rounds: int, work: Callable[[], None]) -> float:
    """Milliseconds, the middle of some rounds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1000


def loading(rounds: int) -> float:
    """Milliseconds for what a process loads before its first signature is judged."""
    what = "from cryptography.hazmat.primitives.asymmetric import ed25519"

    def start(code: str) -> None:
        subprocess.run([sys.executable, "-c", code], check=True)

    return median(rounds, lambda: start(what)) - median(rounds, lambda: start(""))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    cores = os.cpu_count() or 1
    print(f"| {asked.entries} entries | cryptography ms | ssh-keygen ms | ssh-keygen, {cores} at once ms |")
    print("|---|---:|---:|---:|")
    for kind, bits in KINDS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            key = folder / "key"
            run("-q", "-t", kind, "-b", bits, "-N", "", "-f", str(key))
            public = ssh_keys.parse(key.with_suffix(".pub").read_text("ascii"))
            (folder / "signers").write_text(f'{WHO} namespaces="{signatures.NAMESPACE}" {public.text}\n', "ascii")
            lines = signed(key, asked.entries, folder)
            ours = median(asked.rounds, lambda: in_process(lines, public))  # noqa: B023  called at once
            theirs = [median(asked.rounds, lambda: outside(lines, folder, n)) for n in (1, cores)]  # noqa: B023
            what = f"{public.kind} {bits}" if kind == "rsa" else public.kind
            print(f"| {what} | {ours:.0f} | {theirs[0]:.0f} | {theirs[1]:.0f} |")
    print(f"\nLoading cryptography: {loading(asked.rounds * 3):.0f} ms, once a process.")


if __name__ == "__main__":
    main()
