"""Exports of many submissions, each with three children."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from server.actions.receiving import receive_submission
from server.actions.slips import read_slip
from server.auth.callers import Caller, Occasion
from server.db import db, transaction
from server.queries.actors import list_app_users
from server.queries.projects import get_project
from tests.benchmarks.figures import Figure, say
from tests.benchmarks.slips import three_children
from tests.helpers.installations import Installation

BUDGETS = {("csv", 50_000): 1.5, ("xlsx", 50_000): 25.0}


def measure_exports(
    installation: Installation, folder: Path, counts: tuple[int, ...]
) -> Iterator[Figure]:
    loaded = 0
    for count in counts:
        started = time.perf_counter()
        load(installation, count - loaded)
        yield Figure(f"load to {count} submissions", time.perf_counter() - started, "s")
        loaded = count
        for name, suffix in (("csv", "zip"), ("xlsx", "xlsx")):
            seconds, peak = _export(installation, name, folder / f"{count}.{suffix}")
            say(f"export {name} of {count}: {seconds:.1f} s, {peak:.0f} MB")
            label = f"export {name}, {count} submissions + {3 * count} children"
            yield Figure(label, seconds, "s", BUDGETS.get((name, count)))
            yield Figure(f"{label}, peak memory", peak, "MB", 600)


def load(installation: Installation, count: int) -> None:
    """Through the receiving code, many slips in one transaction."""
    app = installation.create_app()
    with app.app_context():
        project = get_project()
        phone = list_app_users(project)[0]
        caller = Caller(
            phone.actor_id, "bench", Occasion(date(2026, 11, 25), "bench"), project_id=project.id
        )
        tz = app.config["PHIEU"].tz
        slips = iter(three_children(count))
        while part := list(islice(slips, 500)):
            with transaction():
                for xml in part:
                    receive_submission(read_slip(xml), by=caller, project_id=1, tz=tz)
        db.session.remove()
        db.engine.dispose()


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
