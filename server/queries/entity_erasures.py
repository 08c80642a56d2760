"""Destroy what erasure takes of the register: the only statements that rewrite versions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Row, select, update

from server.db import columns_of, execute, utc_now
from server.models import Entity, EntityVersion
from server.models.entities import IS_GIVEN
from server.queries.entities import COLUMNS, EntityRow, Place

SourceRow = Row[int, int | None, dict[str, str], str]
"""(id, submission_id, received, source)"""


def lock_made_by(submission_id: int) -> Sequence[EntityRow]:
    """The entities of which a version came from the submission."""
    ids = select(EntityVersion.entity_id).where(EntityVersion.submission_id == submission_id)
    query = select(*COLUMNS).where(Entity.id.in_(ids)).order_by(Entity.id).with_for_update()
    rows: Sequence[EntityRow] = execute(query).all()
    return rows


def lock_takers(dataset_id: int, sources: Collection[str]) -> Sequence[EntityRow]:
    """What has versions of these sources: merges, and what came for what was merged."""
    ids = select(EntityVersion.entity_id).where(EntityVersion.source.in_(sorted(sources)), IS_GIVEN)
    query = select(*COLUMNS).where(Entity.dataset_id == dataset_id, Entity.id.in_(ids))
    rows: Sequence[EntityRow] = execute(query.order_by(Entity.id).with_for_update()).all()
    return rows


def lock_merged(entity_id: int) -> Sequence[EntityRow]:
    """What was merged into an entity."""
    query = select(*COLUMNS).where(Entity.merged_into_id == entity_id).with_for_update()
    rows: Sequence[EntityRow] = execute(query.order_by(Entity.id)).all()
    return rows


def list_sources(entity_id: int) -> list[SourceRow]:
    """Of all versions of one entity, oldest first: never none."""
    query = (
        select(
            EntityVersion.id,
            EntityVersion.submission_id,
            EntityVersion.received,
            EntityVersion.source,
        )
        .where(EntityVersion.entity_id == entity_id)
        .order_by(EntityVersion.number)
    )
    return list(execute(query))


def rewrite_version(
    version_id: int, *, label: str, data: dict[str, str], received: dict[str, str]
) -> None:
    values = {"label": label, "data": data, "received": received}
    execute(update(EntityVersion).where(EntityVersion.id == version_id).values(values))


def rewrite_current(entity_id: int, *, label: str, data: dict[str, str], place: Place) -> None:
    values = {"label": label, "data": data, "updated_at": utc_now(), **columns_of(place)}
    execute(update(Entity).where(Entity.id == entity_id).values(values))


def empty(entity_id: int, at: datetime) -> None:
    """Leave nothing but that there was one: its UUID is never used again."""
    nothing: dict[str, object] = {"label": "", "data": {}}
    of_entity = EntityVersion.entity_id == entity_id
    execute(update(EntityVersion).where(of_entity).values(nothing | {"received": {}}))
    gone = {"deleted_at": at, "updated_at": at, "conflict": None}
    execute(update(Entity).where(Entity.id == entity_id).values(nothing | gone))
