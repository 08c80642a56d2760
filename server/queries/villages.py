"""Villages: their codes are for ever, their communes change."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import aliased

from server.db import db, execute
from server.models import Unit, UnitLevel, Village

VillageRow = Row[str, str, str, str | None, str | None]
"""(code, name, commune_code, legacy_commune_code, legacy_name)"""

_legacy = aliased(Unit)
_LISTED = (
    select(
        Village.code,
        Village.name,
        Unit.parent_code.label("commune_code"),
        Village.legacy_commune_code,
        _legacy.name.label("legacy_name"),
    )
    .join(Unit, (Unit.code == Village.code) & (Unit.level == UnitLevel.VILLAGE))
    .outerjoin(
        _legacy,
        (_legacy.edition == Village.legacy_edition) & (_legacy.code == Village.legacy_commune_code),
    )
    .where(Unit.edition == bindparam("edition"))
)
_COMMUNES = select(Unit.edition, Unit.parent_code).where(
    Unit.code == bindparam("code"), Unit.level == UnitLevel.VILLAGE
)


def find_village(code: str) -> Village | None:
    return db.session.get(Village, code)


def list_communes_of_village(code: str) -> dict[str, str]:
    """The commune of a village in every edition in which it is known."""
    return {row.edition: row.parent_code for row in execute(_COMMUNES, {"code": code})}


def list_villages(edition: str, commune_codes: Collection[str]) -> Sequence[VillageRow]:
    """The villages of communes in an edition, by code."""
    query = _LISTED.where(Unit.parent_code.in_(sorted(commune_codes))).order_by(Village.code)
    rows: Sequence[VillageRow] = execute(query, {"edition": edition}).all()
    return rows


def has_villages(edition: str) -> bool:
    query = select(Unit.code).where(Unit.edition == edition, Unit.level == UnitLevel.VILLAGE)
    return execute(query.limit(1)).first() is not None


def list_codes_in(edition: str, commune_codes: Collection[str]) -> set[str]:
    """The codes of the villages of communes in an edition."""
    wanted = set(commune_codes)
    query = select(Unit.code, Unit.parent_code).where(
        Unit.edition == edition, Unit.level == UnitLevel.VILLAGE
    )
    return {row.code for row in execute(query) if row.parent_code in wanted}


def list_all_villages() -> dict[str, Village]:
    return {village.code: village for village in db.session.scalars(select(Village))}
