"""How long commands take to start: their help, which is printed before any work."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure, say

_RUNS = 5
_COMMANDS: tuple[tuple[str, ...], ...] = ((), ("forms", "list"), ("exports", "write"))


def measure_starts(folder: Path) -> Iterator[Figure]:
    """The best of several, with modules compiled once, as they are where it is installed."""
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for command in _COMMANDS:
        label = " ".join(["phieu", *command, "--help"])
        _start(command, environ)
        seconds = min(_start(command, environ) for _ in range(_RUNS))
        say(f"{label}: {seconds:.2f} s")
        yield Figure(label, seconds, "s", 1.0)


def _start(command: tuple[str, ...], environ: dict[str, str]) -> float:
    program = [sys.executable, "-m", "server.app", *command, "--help"]
    started = time.perf_counter()
    subprocess.run(program, env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started
