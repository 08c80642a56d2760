"""Load the units that are shipped: the whole country, or one province with its history."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import server
from server.actions.unit_files import Kind
from server.auth.callers import Caller
from server.auth.gate import require
from server.auth.roles import Verb
from server.errors import NotFound
from server.models import Edition, Extent, Succession, Unit, UnitLevel
from server.queries import audits, projects
from server.queries.lineages import Place
from server.queries.unit_tables import Changed, bring

SHIPPED = Path(server.__file__).parent / "data" / "units"


def load_units(
    *, by: Caller, province: str | None = None, folder: Path = SHIPPED
) -> Mapping[str, Changed]:
    """Add what is missing and change what differs; doing it again changes nothing.

    With a province only its units are loaded, those that it was made of included.
    """
    require_units(by)
    units = list(_units(folder))
    successions = list(_successions(folder))
    if province is not None:
        wanted = _of_province(province, units, successions)
        units = [row for row in units if (row["edition"], row["code"]) in wanted]
        successions = [row for row in successions if _from(row) in wanted and _to(row) in wanted]
    changed = {
        Kind.EDITIONS.value: bring(Edition, _editions(folder)),
        Kind.UNITS.value: bring(Unit, units),
        Kind.SUCCESSIONS.value: bring(Succession, successions),
    }
    projects.touch_catalogue(None)
    audits.log(by, "unit.load", "unit", None, province=province)
    return changed


def require_units(by: Caller) -> None:
    """Units are the whole installation's: who may administer people may change them."""
    require(by, Verb.UNIT_UPDATE, project_id=projects.get_project().id)


def _editions(folder: Path) -> Iterator[dict[str, Any]]:
    for row in _rows(folder, Kind.EDITIONS):
        yield {
            "id": row["edition"],
            "valid_from": date.fromisoformat(row["valid_from"]),
            "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            "legal_basis": row["legal_basis"],
        }


def _units(folder: Path) -> Iterator[dict[str, Any]]:
    levels = {level.value: level for level in UnitLevel}
    for row in _rows(folder, Kind.UNITS):
        parent = row["parent_code"] or None
        yield {**row, "level": levels[row["level"]], "parent_code": parent}


def _successions(folder: Path) -> Iterator[dict[str, Any]]:
    extents = {extent.value: extent for extent in Extent}
    days: dict[str, date] = {}
    for row in _rows(folder, Kind.SUCCESSIONS):
        day = days.setdefault(row["date"], date.fromisoformat(row["date"]))
        yield {**row, "date": day, "extent": extents[row["extent"]]}


def _rows(folder: Path, kind: Kind) -> Iterator[dict[str, str]]:
    with (folder / f"{kind.value}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _of_province(
    code: str, units: list[dict[str, Any]], successions: list[dict[str, Any]]
) -> set[Place]:
    """The province in every edition, the provinces it came from or went into, and all below."""
    provinces = {
        (row["edition"], row["code"]) for row in units if row["level"] is UnitLevel.PROVINCE
    }
    wanted = {place for place in provinces if place[1] == code}
    if not wanted:
        raise NotFound(subject="unit", name=code)
    links = [(_from(row), _to(row)) for row in successions if _from(row) in provinces]
    while more := {p for link in links if wanted & set(link) for p in link} - wanted:
        wanted |= more
    for level in (UnitLevel.DISTRICT, UnitLevel.COMMUNE):
        below = (row for row in units if row["level"] is level)
        wanted |= {
            (row["edition"], row["code"])
            for row in below
            if (row["edition"], row["parent_code"]) in wanted
        }
    return wanted


def _from(row: Mapping[str, Any]) -> Place:
    return row["from_edition"], row["from_code"]


def _to(row: Mapping[str, Any]) -> Place:
    return row["to_edition"], row["to_code"]
