"""Administrative units, by edition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, bindparam, or_, select

from server.db import db, execute
from server.errors import NotFound
from server.models import Edition, Unit, UnitLevel

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


def list_communes() -> Sequence[Unit]:
    """Communes of every edition, newest edition first."""
    query = select(Unit).join(Edition, Edition.id == Unit.edition)
    query = query.where(Unit.level == UnitLevel.COMMUNE)
    return db.session.scalars(query.order_by(Edition.valid_from.desc(), Unit.code)).all()


def get_current_unit(code: str, on: date) -> Unit:
    edition = find_edition(on)
    unit = db.session.get(Unit, (edition.id, code)) if edition else None
    if unit is None:
        raise NotFound(subject="unit", name=code)
    return unit


def get_unit(code: str, on: date) -> Unit:
    """The unit in the edition in force on a day, else in the newest edition that has the code."""
    query = select(Unit).join(Edition, Edition.id == Unit.edition).where(Unit.code == code)
    found = db.session.scalars(query.order_by(Edition.valid_from.desc())).all()
    current = find_edition(on)
    unit = next((u for u in found if current and u.edition == current.id), None)
    if unit is None and not found:
        raise NotFound(what=f"unit {code}")
    return unit or found[0]


def list_communes_of(unit: Unit) -> list[Unit]:
    """The communes of a unit in its edition, whatever stands between; a commune is its own."""
    if unit.level is UnitLevel.COMMUNE:
        return [unit]
    below = select(Unit).where(Unit.edition == unit.edition, Unit.parent_code == unit.code)
    parts = db.session.scalars(below.order_by(Unit.code)).all()
    return [commune for part in parts for commune in list_communes_of(part)]
