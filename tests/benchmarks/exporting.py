"""Exports of many submissions, each with three children."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure, say
from tests.benchmarks.generated import REAL, generate
from tests.helpers.installations import Installation

_PROVINCE = 104  # communes of Hưng Yên
_RUNS = (
    ("csv", "zip", 50_000, 1.5),
    ("xlsx", "xlsx", 50_000, None),
    ("csv", "zip", 1_000_000, 30.0),
)


def measure_exports(folder: Path, *, scale: float) -> Iterator[Figure]:
    """Of submissions made with their rows; one of each hundred is compared with its slip."""
    installations: dict[int, Installation] = {}
    for format_, suffix, full, budget in _RUNS:
        count = int(full * scale)
        if count not in installations:
            installations[count] = _generated(folder / f"exports-{count}", count)
            yield _verified(installations[count], count)
        label = f"export {format_}, {count} submissions + {3 * count} children"
        seconds, peak = _export(installations[count], format_, folder / f"{count}.{suffix}")
        say(f"{label}: {seconds:.1f} s, {peak:.0f} MB")
        yield Figure(f"{label}, the whole command", seconds, "s", budget)
        yield Figure(f"{label}, peak memory", peak, "MB", 600)


def _generated(data: Path, count: int) -> Installation:
    installation = Installation(data)
    installation.run("units", "load", "--province", "33")
    started = time.perf_counter()
    generate(installation, count, _PROVINCE)
    say(f"{count} submissions made in {time.perf_counter() - started:.0f} s")
    return installation


def _verified(installation: Installation, count: int) -> Figure:
    said = installation.run_json("exports", "verify", "child_situation", "--one-in", REAL)
    assert (said["compared"], said["different"]) == (count // REAL, 0)
    return Figure(f"verified of {count} submissions", said["compared"], "submissions")


def _export(installation: Installation, format_: str, out: Path) -> tuple[float, float]:
    """Seconds and peak memory (MB) of the command as a whole process."""
    command = [sys.executable, "-m", "server.app", "exports", "write", "child_situation"]
    started = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--format", format_, "--out", out],
        env=os.environ | installation.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak_so_far(process.pid))
        time.sleep(0.02)
    assert process.returncode == 0
    return time.perf_counter() - started, peak


def _peak_so_far(pid: int) -> float:
    """MB, of the program alone: what wait() reports counts the process that started it too."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return next((int(line.split()[1]) / 1000 for line in lines), 0.0)
