"""Exports of many submissions, each with three children; of one commune, of a province."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.figures import Figure, say
from tests.benchmarks.generated import REAL, generate
from tests.benchmarks.wide import COLUMNS, FORM_ID, wide_form, wide_slips
from tests.benchmarks.work import PROVINCE, READER, add_work
from tests.helpers.duties import PASSWORD
from tests.helpers.installations import Installation
from tests.helpers.slips import write_workbook

_PROVINCE = 104  # communes of Hưng Yên
_MOST_MEMORY = 600
_RUNS = (
    ("csv", "zip", 50_000, 1.5),
    ("xlsx", "xlsx", 50_000, None),
    ("csv", "zip", 1_000_000, 30.0),
)


@dataclass(frozen=True, slots=True)
class _Measured:
    """What a command does, and how long it may take. `stdin` is what it is told."""

    label: str
    arguments: Sequence[object]
    budget: float | None
    stdin: str = ""


def measure_exports(folder: Path, *, scale: float) -> Iterator[Figure]:
    yield from _measure_tables(folder, scale)
    yield from _measure_wide(folder, int(50_000 * scale))
    yield from _measure_books(folder, int(2_000 * scale), 1, budget=3.0)
    yield from _measure_books(folder, int(60_000 * scale), _PROVINCE, budget=60.0)


def _measure_tables(folder: Path, scale: float) -> Iterator[Figure]:
    """Of submissions made with their rows; one of each hundred is compared with its slip."""
    installations: dict[int, Installation] = {}
    for format_, suffix, full, budget in _RUNS:
        count = int(full * scale)
        if count not in installations:
            installations[count], _ = _generated(folder / f"exports-{count}", count, _PROVINCE)
            yield _verified(installations[count], count)
        label = f"export {format_}, {count} submissions + {3 * count} children"
        out = folder / f"{count}.{suffix}"
        command = ("write", "child_situation", "--format", format_, "--out", out)
        yield from _measure(installations[count], _Measured(label, command, budget))


def _measure_wide(folder: Path, count: int) -> Iterator[Figure]:
    installation = _with_units(folder / "wide")
    installation.run("forms", "publish", write_workbook(folder, wide_form(), "wide.xlsx"))
    generate(installation, count, 1, FORM_ID, wide_slips)
    out = folder / "wide-out.xlsx"
    command = ("write", FORM_ID, "--format", "xlsx", "--out", out)
    label = f"export xlsx, {count} submissions of {COLUMNS} columns"
    yield from _measure(installation, _Measured(label, command, 25.0))


def _measure_books(folder: Path, count: int, communes: int, *, budget: float) -> Iterator[Figure]:
    """With findings, and children to be visited."""
    name = "workbook" if communes == 1 else f"{communes} workbooks"
    installation, codes = _generated(folder / name, count, communes)
    add_work(installation)
    out = folder / (f"{name}.xlsx" if communes == 1 else f"{name}.zip")
    unit = codes[0] if communes == 1 else PROVINCE
    asked = ("--unit", unit, "--as", READER, "--reason", "bench", "--out", out)
    label = f"{name}, {count} submissions + {3 * count} children"
    command = ("workbook", "child_situation", *asked)
    yield from _measure(installation, _Measured(label, command, budget, PASSWORD))


def _with_units(data: Path) -> Installation:
    installation = Installation(data)
    installation.run("units", "load", "--province", PROVINCE)
    return installation


def _generated(data: Path, count: int, communes: int) -> tuple[Installation, list[str]]:
    """And the codes of the communes."""
    installation = _with_units(data)
    started = time.perf_counter()
    codes = generate(installation, count, communes)
    say(f"{count} submissions made in {time.perf_counter() - started:.0f} s")
    return installation, codes


def _verified(installation: Installation, count: int) -> Figure:
    said = installation.run_json("exports", "verify", "child_situation", "--one-in", REAL)
    assert (said["compared"], said["different"]) == (count // REAL, 0)
    return Figure(f"verified of {count} submissions", said["compared"], "submissions")


def _measure(installation: Installation, measured: _Measured) -> Iterator[Figure]:
    seconds, peak = _export(installation, measured)
    say(f"{measured.label}: {seconds:.1f} s, {peak:.0f} MB")
    yield Figure(f"{measured.label}, the whole command", seconds, "s", measured.budget)
    yield Figure(f"{measured.label}, peak memory", peak, "MB", _MOST_MEMORY)


def _export(installation: Installation, measured: _Measured) -> tuple[float, float]:
    """Seconds and peak memory (MB) of the command as a whole process."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "server.app", "exports", *map(str, measured.arguments)],
        env=os.environ | installation.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    with process.stdin as stdin:
        stdin.write(measured.stdin)
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
