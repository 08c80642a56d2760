"""Units: the whole country loaded into empty tables, and what is asked of it all day."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from statistics import median

from sqlalchemy import delete

from server.actions.unit_loading import load_units
from server.auth.territories import find_scope
from server.cli.common import operator
from server.db import db, transaction
from server.models import Edition, Succession, Unit
from server.queries import units
from tests.benchmarks.figures import Figure, say
from tests.helpers.installations import Installation

DAY = date(2026, 11, 25)
PROVINCE, COMMUNE = "33", "12472"
REPEATS = 50


def measure_units(installation: Installation, database: str) -> Iterator[Figure]:
    """In this process; the questions as of the edition in force, medians of many."""
    with installation.create_app().app_context():
        with transaction():
            for table in (Succession, Unit, Edition):
                db.session.execute(delete(table))
        started = time.perf_counter()
        with transaction():
            load_units(by=operator())
        loading = time.perf_counter() - started
        under = _median(_list_province)
        scope = _median(lambda: find_scope([("vn-2025-07", COMMUNE)], DAY))
        whole = _median(lambda: find_scope([("vn-2025-07", PROVINCE)], DAY), 5)
        db.session.remove()
        db.engine.dispose()
    say(f"{database} units: load {loading:.1f} s, under a province {under:.2f} ms")
    yield Figure(f"{database}: load the country's units", loading, "s", 10)
    yield Figure(f"{database}: what is under a province on a day", under, "ms", 5)
    yield Figure(f"{database}: rows of a commune's officer, not remembered", scope, "ms")
    yield Figure(f"{database}: rows of a province's officer, not remembered", whole, "ms")


def _list_province() -> None:
    edition = units.find_edition(DAY)
    assert edition is not None
    assert len(units.list_under(edition.id, PROVINCE)) >= 104


def _median(ask: Callable[[], object], repeats: int = REPEATS) -> float:
    """Milliseconds."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
        db.session.rollback()
    return median(times)
