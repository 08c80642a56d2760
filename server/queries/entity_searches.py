"""Every version of a list's entities, in pages: where a person is looked for in the register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Row, and_, exists, func, or_, select

from server.db import execute
from server.models import Entity, EntityVersion
from server.queries.entities import COLUMNS, EntityRow
from server.queries.scopes import Scope, placed_within

VersionRow = Row[int, str, str | None, bool, str, dict[str, str]]
"""(id, uuid, commune_code, is_current, label, data)"""
_PAGE = 1000


def iter_version_pages(dataset_id: int, scope: Scope) -> Iterator[Sequence[VersionRow]]:
    """Deleted and merged entities too; each page as cheap as the first."""
    query = (
        select(
            EntityVersion.id,
            Entity.uuid,
            Entity.commune_code,
            (EntityVersion.number == Entity.version).label("is_current"),
            EntityVersion.label,
            EntityVersion.data,
        )
        .join(Entity, Entity.id == EntityVersion.entity_id)
        .where(Entity.dataset_id == dataset_id, placed_within(scope, Entity))
        .order_by(EntityVersion.id)
        .limit(_PAGE)
    )
    last = 0
    while rows := execute(query.where(EntityVersion.id > last)).all():
        yield rows
        last = rows[-1].id


def list_of_key(
    dataset_id: int, scope: Scope, uuid: str, *, reference: str, is_locked: bool = False
) -> Sequence[EntityRow]:
    """The entity itself, and those whose property `reference` names it; of these only what no slip
    made: who sends slips can write any key into them. Reads all of the list.
    """
    told = func.lower(Entity.data[reference].as_string())
    by_hand = exists().where(
        EntityVersion.entity_id == Entity.id,
        EntityVersion.number == 1,
        EntityVersion.submission_id.is_(None),
    )
    query = (
        select(*COLUMNS)
        .where(
            Entity.dataset_id == dataset_id,
            placed_within(scope, Entity),
            or_(Entity.uuid == uuid, and_(told.in_((uuid, f"uuid:{uuid}")), by_hand)),
        )
        .order_by(Entity.id)
    )
    rows: Sequence[EntityRow] = execute(query.with_for_update() if is_locked else query).all()
    return rows
