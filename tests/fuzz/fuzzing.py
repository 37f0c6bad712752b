"""What both harnesses share: seeds, a mutation that makes inputs long, and the time an input may take."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1_000_000
SECONDS_A_MEGABYTE = 4.0
SECONDS_TO_BEGIN = 0.5
STEPS, SECONDS_OF_STEPS = 500_000, 0.025
"""So many steps of Python, and how long they take where the limits above hold; a slower machine has more time."""
LONGEST = 1 << 16

sys.path.insert(0, str(ROOT))


class TooSlow(Exception):
    """An input took longer than its size allows."""


def timed(target: Callable[[bytes], None], *, judgings: int) -> Callable[[bytes], None]:
    """The target with its limit: 4 s of a processor for a megabyte judged once, and half a second of any size."""
    slowness = max(1.0, min(_steps() for _ in range(5)) / SECONDS_OF_STEPS)

    def run(content: bytes) -> None:
        started = time.process_time()
        target(content)
        taken = time.process_time() - started
        if taken > slowness * (SECONDS_TO_BEGIN + SECONDS_A_MEGABYTE * judgings * len(content) / MEGABYTE):
            raise TooSlow(f"{taken:.1f} s for {len(content)} bytes.")

    return run


def _steps() -> float:
    started = time.process_time()
    _ = sum(number * number for number in range(STEPS))
    return time.process_time() - started


def longer(content: bytes, size: int, seed: int) -> bytes:
    """Mutate as libFuzzer does, and now and then repeat a piece many times: what is not linear shows."""
    chance = random.Random(seed)
    if len(content) < 2 or chance.random() > 0.03:
        return atheris.Mutate(content, size)
    start = chance.randrange(len(content))
    piece = content[start : start + chance.randint(1, 8)]
    times = max(size - len(content), 0) // len(piece)
    return content[:start] + piece * (1 + times) + content[start + len(piece) :]


def fuzz(target: Callable[[bytes], None], seeds: Iterable[bytes], *, judgings: int) -> None:
    """Run a target until libFuzzer's options (`-max_total_time=N`) end it; an input that fails is kept beside it.

    `judgings` is how many times the target judges one input. An argument that is a file is run once; without one,
    the seeds are the beginning.
    """
    with tempfile.TemporaryDirectory(prefix="story-fuzz-") as corpus:
        for number, seed in enumerate(seeds):
            Path(corpus, f"seed-{number:03d}").write_bytes(seed)
        options = sys.argv[1:]
        begin = [] if any(not one.startswith("-") for one in options) else [corpus]
        defaults = [f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=2048"]
        atheris.Setup(
            [sys.argv[0], *defaults, *options, *begin], timed(target, judgings=judgings), custom_mutator=longer
        )
        atheris.Fuzz()
