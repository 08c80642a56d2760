"""What became of units, and what they were before: the successions between editions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, false, or_, select
from sqlalchemy.orm.attributes import InstrumentedAttribute as Attribute

from server.db import execute
from server.models import Edition, Extent, Succession, Unit, UnitLevel

Place = tuple[str, str]
"""(edition, code)"""
SuccessionRow = Row[str, str, str, str, object, Extent]
"""(from_edition, from_code, to_edition, to_code, date, extent)"""

_COLUMNS = (
    Succession.from_edition,
    Succession.from_code,
    Succession.to_edition,
    Succession.to_code,
    Succession.date,
    Succession.extent,
)
_FROM = (Succession.from_edition, Succession.from_code)
_TO = (Succession.to_edition, Succession.to_code)
_PLACE = (Unit.edition, Unit.code)
_ABOVE = (Unit.edition, Unit.parent_code)
_BATCH = 400  # SQLite takes 32,766 parameters; a short statement is planned sooner


def rank_editions() -> dict[str, int]:
    """The editions by their place in time."""
    ids = execute(select(Edition.id).order_by(Edition.valid_from)).scalars()
    return {id_: rank for rank, id_ in enumerate(ids)}


def list_successions(place: Place) -> Sequence[SuccessionRow]:
    """From this unit, in order of time and code."""
    query = select(*_COLUMNS).where(_is_one_of(_FROM, [place]))
    rows: Sequence[SuccessionRow] = execute(
        query.order_by(Succession.date, Succession.to_code)
    ).all()
    return rows


def list_origins(place: Place) -> Sequence[SuccessionRow]:
    """To this unit, in order of time and code."""
    query = select(*_COLUMNS).where(_is_one_of(_TO, [place]))
    rows: Sequence[SuccessionRow] = execute(
        query.order_by(Succession.date, Succession.from_code)
    ).all()
    return rows


def find_successors(places: Collection[Place]) -> dict[Place, set[Place]]:
    found: dict[Place, set[Place]] = defaultdict(set)
    for batch in _batches(places):
        for row in execute(select(*_COLUMNS).where(_is_one_of(_FROM, batch))):
            found[row.from_edition, row.from_code].add((row.to_edition, row.to_code))
    return found


def find_predecessors(places: Collection[Place]) -> dict[Place, set[Place]]:
    """Communes of which something may be in these: their origins, and the communes that are known
    to have gone no more exactly than into the same district.
    """
    found: dict[Place, set[Place]] = defaultdict(set)
    for batch in _batches(places):
        for row in execute(select(*_COLUMNS).where(_is_one_of(_TO, batch))):
            found[row.to_edition, row.to_code].add((row.from_edition, row.from_code))
        inside = defaultdict(list)
        above = select(Unit.edition, Unit.code, Unit.parent_code).where(_is_one_of(_PLACE, batch))
        for edition, code, parent in execute(above):
            inside[edition, parent or ""].append((edition, code))
        for origin, district in _communes_gone_to(inside):
            for place in inside[district]:
                found[place].add(origin)
    return found


def _communes_gone_to(districts: Collection[Place]) -> Iterator[tuple[Place, Place]]:
    """(commune, district) of the communes of which no more is known than the district."""
    from_commune = and_(
        Unit.edition == Succession.from_edition,
        Unit.code == Succession.from_code,
        Unit.level == UnitLevel.COMMUNE,
    )
    query = select(*_COLUMNS).join(Unit, from_commune)
    for batch in _batches(districts):
        for row in execute(query.where(_is_one_of(_TO, batch))):
            yield (row.from_edition, row.from_code), (row.to_edition, row.to_code)


def find_communes(places: Collection[Place]) -> Mapping[Place, set[Place]]:
    """The communes in each place: a commune is its own, a district has those under it."""
    found: dict[Place, set[Place]] = defaultdict(set)
    for batch in _batches(places):
        levels = execute(
            select(Unit.edition, Unit.code, Unit.level).where(_is_one_of(_PLACE, batch))
        )
        wide = []
        for edition, code, level in levels:
            if level is UnitLevel.COMMUNE:
                found[edition, code] = {(edition, code)}
            else:
                wide.append((edition, code))
        if wide:
            query = select(Unit.edition, Unit.code, Unit.parent_code).where(
                _is_one_of(_ABOVE, wide)
            )
            for edition, code, parent in execute(query.where(Unit.level == UnitLevel.COMMUNE)):
                found[edition, parent].add((edition, code))
    return found


def _is_one_of(
    columns: tuple[Attribute[str], Attribute[Any]], places: Collection[Place]
) -> ColumnElement[bool]:
    """Edition by edition: for a list of pairs SQLite would read the whole table."""
    by_edition = defaultdict(list)
    for edition, code in places:
        by_edition[edition].append(code)
    at, known = columns
    return or_(
        false(), *(and_(at == edition, known.in_(codes)) for edition, codes in by_edition.items())
    )


def _batches(places: Collection[Place]) -> list[list[Place]]:
    ordered = sorted(places)
    return [ordered[i : i + _BATCH] for i in range(0, len(ordered), _BATCH)]
