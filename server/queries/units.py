"""Administrative units, by edition."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Row, and_, bindparam, or_, select

from server.db import db, execute
from server.errors import NotFound
from server.models import Edition, Unit, UnitLevel

UnitRow = Row[str, str, UnitLevel, str, str | None]
"""(edition, code, level, name, parent_code)"""

_COLUMNS = (Unit.edition, Unit.code, Unit.level, Unit.name, Unit.parent_code)
_COMMUNES = (
    select(*_COLUMNS)
    .join(Edition, Edition.id == Unit.edition)
    .where(Unit.level == UnitLevel.COMMUNE)
    .order_by(Edition.valid_from.desc(), Unit.code)
)
_below = (
    select(*_COLUMNS)
    .where(Unit.edition == bindparam("edition"), Unit.parent_code == bindparam("code"))
    .cte("below", recursive=True)
)
_below = _below.union_all(
    select(*_COLUMNS).join(
        _below, and_(Unit.edition == _below.c.edition, Unit.parent_code == _below.c.code)
    )
)
_UNDER = select(_below).order_by(_below.c.code)
_LOCATE = (
    select(Edition.id, Unit.code)
    .outerjoin(
        Unit,
        and_(
            Unit.edition == Edition.id,
            Unit.code == bindparam("code"),
            Unit.level == UnitLevel.COMMUNE,
        ),
    )
    .where(
        Edition.valid_from <= bindparam("on"),
        or_(Edition.valid_to.is_(None), Edition.valid_to >= bindparam("on")),
    )
    .order_by(Edition.valid_from.desc())
    .limit(1)
)


def find_edition(on: date) -> Edition | None:
    """The edition in force on a day."""
    query = select(Edition).where(
        Edition.valid_from <= on, or_(Edition.valid_to.is_(None), Edition.valid_to >= on)
    )
    return db.session.scalar(query.order_by(Edition.valid_from.desc()).limit(1))


def locate_commune(on: date, code: str) -> tuple[str | None, bool]:
    """The edition in force on a day, and whether the code is a commune's in it; one query."""
    found = execute(_LOCATE, {"on": on, "code": code}).first()
    return (found.id, found.code is not None) if found else (None, False)


def find_commune(edition: str, code: str) -> Unit | None:
    unit = db.session.get(Unit, (edition, code))
    return unit if unit is not None and unit.level is UnitLevel.COMMUNE else None


def list_communes() -> Sequence[UnitRow]:
    """Communes of every edition, newest edition first."""
    rows: Sequence[UnitRow] = execute(_COMMUNES).all()
    return rows


def name_communes(places: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The names of communes, each by edition and code."""
    by_edition: dict[str, set[str]] = {}
    for edition, code in places:
        by_edition.setdefault(edition, set()).add(code)
    found: dict[tuple[str, str], str] = {}
    for edition, codes in by_edition.items():
        query = select(Unit.code, Unit.name).where(
            Unit.edition == edition, Unit.code.in_(sorted(codes)), Unit.level == UnitLevel.COMMUNE
        )
        found |= {(edition, code): name for code, name in execute(query)}
    return found


def list_editions() -> Sequence[Edition]:
    """Every edition, oldest first."""
    return db.session.scalars(select(Edition).order_by(Edition.valid_from)).all()


def get_current_unit(code: str, on: date) -> Unit:
    edition = find_edition(on)
    unit = db.session.get(Unit, (edition.id, code)) if edition else None
    if unit is None:
        raise NotFound(subject="unit", name=code)
    return unit


def find_unit(edition: str, code: str) -> Unit | None:
    return db.session.get(Unit, (edition, code))


def get_unit(code: str, on: date) -> Unit:
    """The unit in the edition in force on a day, else in the newest edition that has the code."""
    query = select(Unit).join(Edition, Edition.id == Unit.edition).where(Unit.code == code)
    found = db.session.scalars(query.order_by(Edition.valid_from.desc())).all()
    current = find_edition(on)
    unit = next((u for u in found if current and u.edition == current.id), None)
    if unit is None and not found:
        raise NotFound(subject="unit", name=code)
    return unit or found[0]


def list_under(edition: str, code: str) -> Sequence[UnitRow]:
    """All units below one in its edition, through districts where they exist; by code."""
    rows: Sequence[UnitRow] = execute(_UNDER, {"edition": edition, "code": code}).all()
    return rows


def list_above(edition: str, code: str) -> list[Unit]:
    """The parents of a unit in its edition, the nearest first."""
    above: list[Unit] = []
    unit = find_unit(edition, code)
    while unit is not None and unit.parent_code:
        unit = find_unit(edition, unit.parent_code)
        if unit is not None:
            above.append(unit)
    return above


def list_communes_of(unit: Unit) -> Sequence[Unit | UnitRow]:
    """The communes of a unit in its edition, whatever stands between; a commune is its own."""
    if unit.level is UnitLevel.COMMUNE:
        return [unit]
    below = [] if unit.level is UnitLevel.VILLAGE else list_under(unit.edition, unit.code)
    return [row for row in below if row.level is UnitLevel.COMMUNE]


def list_in_edition(edition: str) -> dict[str, UnitRow]:
    """Every unit of an edition, by code."""
    rows = execute(select(*_COLUMNS).where(Unit.edition == edition)).all()
    return {row.code: row for row in rows}
