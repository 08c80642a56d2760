"""What there is to tell of one unit: its names, where it lies, what it was and what it became."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from server.errors import NotFound
from server.models import Edition, Unit, UnitLevel, Village
from server.queries import lineages, units, villages
from server.queries.atlas import open_atlas, reach
from server.queries.lineages import SuccessionRow


@dataclass(frozen=True, slots=True)
class Step:
    """One succession, seen from the unit: the other unit, the day, and how much went."""

    unit: Unit
    on: date
    extent: str


@dataclass(frozen=True, slots=True)
class Story:
    """A unit in one edition; `elsewhere` is its code in other editions, perhaps another unit."""

    unit: Unit
    edition: Edition
    above: list[Unit]
    under: dict[str, int]
    origins: list[Step]
    successors: list[Step]
    today: list[Unit]
    elsewhere: list[Unit]
    village: Village | None


def tell_unit(code: str, *, today: date, on: date | None = None) -> Story:
    """Of the edition in force on a day, else of the newest edition that has the code."""
    unit = units.get_unit(code, today) if on is None else units.get_current_unit(code, on)
    editions = {edition.id: edition for edition in units.list_editions()}
    if unit.edition not in editions:
        raise NotFound(subject="unit", name=code)
    place = (unit.edition, unit.code)
    under: dict[str, int] = {}
    for row in units.list_under(*place):
        under[row.level.value] = under.get(row.level.value, 0) + 1
    return Story(
        unit,
        editions[unit.edition],
        units.list_above(*place),
        under,
        _steps(lineages.list_origins(place), origins=True),
        _steps(lineages.list_successions(place), origins=False),
        _today(unit, today),
        [u for e in editions if e != unit.edition and (u := units.find_unit(e, code))],
        villages.find_village(code) if unit.level is UnitLevel.VILLAGE else None,
    )


def _today(unit: Unit, on: date) -> list[Unit]:
    """The communes in force in which a former commune may be; several where it was split."""
    current = units.find_edition(on)
    if current is None or unit.level is not UnitLevel.COMMUNE or unit.edition == current.id:
        return []
    codes = reach(open_atlas(), (unit.edition, unit.code), current.id).codes
    return [u for code in sorted(codes) if (u := units.find_unit(current.id, code))]


def _steps(rows: Iterable[SuccessionRow], *, origins: bool) -> list[Step]:
    steps = []
    for row in rows:
        place = (row.from_edition, row.from_code) if origins else (row.to_edition, row.to_code)
        unit = units.find_unit(*place)
        if unit is not None:
            steps.append(Step(unit, row.date, row.extent.value))
    return steps
