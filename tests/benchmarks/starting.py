"""How long commands take to start: their help, which is printed before any work."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

from tests.benchmarks.figures import Figure, say

_RUNS = 5
_COMMANDS: tuple[tuple[str, ...], ...] = ((), ("forms", "list"), ("exports", "write"))


def measure_starts() -> Iterator[Figure]:
    """The best of several, after one that compiles the modules."""
    for command in _COMMANDS:
        label = " ".join(["phieu", *command, "--help"])
        _start(command)
        seconds = min(_start(command) for _ in range(_RUNS))
        say(f"{label}: {seconds:.2f} s")
        yield Figure(label, seconds, "s", 1.0)


def _start(command: tuple[str, ...]) -> float:
    program = [sys.executable, "-m", "server.app", *command, "--help"]
    started = time.perf_counter()
    subprocess.run(program, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started
