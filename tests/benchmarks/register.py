"""The register: bringing many children in, and what one phone gets of a million."""

from __future__ import annotations

import csv
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import text

from server.actions.entities.known import get_list
from server.actions.people import add_app_user
from server.actions.unit_importing import import_units
from server.actions.unit_lists import VILLAGES
from server.cli.common import operator, prepare
from server.db import db, transaction
from server.queries.projects import get_project
from tests.benchmarks.figures import Figure, say
from tests.helpers.installations import Installation
from tests.helpers.phones import Phone
from tests.helpers.servers import serve
from tests.helpers.slips import ROOT

SAMPLE = ROOT / "xlsforms/child_situation/media/villages.csv"
VILLAGE, COMMUNE, EDITION = "V000019", "12472", "vn-2025-07"
CHILDREN, IN_VILLAGE, IN_EACH = 1_000_000, 200, 200
LIST = "/forms/child_situation/attachments/child.csv"
REPEATS = 60

_SERIES = {
    "sqlite": "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < {n})",
    "postgresql": "WITH g AS (SELECT n FROM generate_series(1, {n}) AS n)",
}
_UUID = {
    "sqlite": "printf('00000000-0000-4000-8000-%012x', n)",
    "postgresql": "'00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0')",
}
_PLACE = f"CASE WHEN n <= {IN_VILLAGE} THEN '{VILLAGE}' ELSE 'W' || (n / {IN_EACH}) END"
_DATA = (
    '{"full_name": "Nguyễn Thị Lan", "sex": "2", "dob": "2016-03-04", "status": "1", '
    '"sc_open": "00", "risk_groups": "00", "last_survey": "2026-09-20", "household_id": '
    '"9a1c7a5e-0000-4000-8000-000000000000", "village_code": "V000019", "commune_code": "12472"}'
)


def measure_register(
    installation: Installation, database: str, folder: Path, *, scale: float
) -> Iterator[Figure]:
    with installation.create_app().app_context():
        prepare()
        token = _add_phone(installation)
        db.session.remove()
        db.engine.dispose()
    yield from _bring(installation, database, folder, scale)
    with installation.create_app().app_context():
        _fill(int(CHILDREN * scale))
        db.session.remove()
        db.engine.dispose()
    with serve(installation, cold=True) as server:
        door = f"{server.url}/v1/key/{token}/projects/1"
        with Phone(door) as phone:
            first = phone.get(LIST)
            rows = first.body.count(b"\n") - 1
            whole = _median(lambda: phone.get(LIST))
            tag = first.headers["ETag"]
            same = _median(lambda: phone.get(LIST, **{"If-None-Match": tag}))
    say(f"{database} register: {rows} of {CHILDREN * scale:.0f}: {whole:.1f}, {same:.1f} ms")
    name = f"{database}: one village ({rows} rows) of {CHILDREN * scale:.0f} children"
    yield Figure(name, whole, "ms", 20)
    yield Figure(f"{name}, unchanged", same, "ms", 5)


def _add_phone(installation: Installation) -> str:
    day = date(2026, 11, 25)
    with transaction():
        import_units([(VILLAGES, SAMPLE.read_bytes())], on=day, by=operator())
    with transaction():
        _, token = add_app_user(
            "bench",
            project=get_project(),
            form_ids=(),
            unit_codes=(VILLAGE,),
            on=day,
            secret_key=_secret(installation),
            by=operator(),
            role="collaborator",
        )
    return token


def _secret(installation: Installation) -> str:
    return (installation.data / "secret_key").read_text().strip()


def _bring(
    installation: Installation, database: str, folder: Path, scale: float
) -> Iterator[Figure]:
    """100,000 households with 150,000 children, from CSV files."""
    random = Random(7)
    households = [_uuid(random) for _ in range(int(100_000 * scale))]
    columns = ["name", "label", "head_name", "village_code", "commune_code", "poverty_status"]
    rows = (
        [id_, "Hộ", "Nguyễn Văn An", f"W{n % 5000}", COMMUNE, "0"]
        for n, id_ in enumerate(households)
    )
    _write(folder / "household.csv", columns, rows)
    columns = [
        "name",
        "label",
        "full_name",
        "sex",
        "dob",
        "village_code",
        "commune_code",
        "household_id",
    ]
    children = (
        [
            _uuid(random),
            "Lan",
            "Nguyễn Thị Lan",
            "2",
            "2016-03-04",
            f"W{n % 5000}",
            COMMUNE,
            households[n % len(households)],
        ]
        for n in range(int(150_000 * scale))
    )
    _write(folder / "child.csv", columns, children)
    started = time.perf_counter()
    for name in ("household", "child"):
        installation.run("entities", "import", name, folder / f"{name}.csv")
    seconds = time.perf_counter() - started
    say(f"{database} register: {250_000 * scale:.0f} entities in {seconds:.1f} s")
    yield Figure(f"{database}: bring in {250_000 * scale:.0f} entities", seconds, "s", 120 * scale)


def _write(path: Path, columns: list[str], rows: Iterator[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def _fill(count: int) -> None:
    """By the database itself: what is measured is the reading."""
    dialect = db.engine.dialect.name
    series, own = _SERIES[dialect].format(n=count), _UUID[dialect]
    with transaction():
        dataset = get_list(None, 1, "child").id
        names = {"dataset": dataset, "data": _DATA, "edition": EDITION, "commune": COMMUNE}
        insert = (
            "INSERT INTO entities (dataset_id, uuid, version, label, data, village_code, edition,"
            f" commune_code, created_at) {series} SELECT :dataset, {own}, 1, 'Nguyễn Thị Lan',"
            f" {'CAST(:data AS JSON)' if dialect == 'postgresql' else ':data'}, {_PLACE}, :edition,"
            " CASE WHEN n <= 200 THEN :commune ELSE 'other' END, '2026-11-25 00:00:00' FROM g"
        )
        db.session.execute(text(insert), names)
        db.session.execute(
            text(
                "INSERT INTO entity_marks (dataset_id, place, village_code, edition, commune_code,"
                " mark) SELECT DISTINCT dataset_id, edition || '|' || commune_code || '|' ||"
                " village_code, village_code, edition, commune_code, 'filled' FROM entities"
                " WHERE true ON CONFLICT DO NOTHING"
            )
        )
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def _median(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return median(times)
