"""What phones have of a list, and the marks by which they know that it is another one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, or_, select, true

from server.db import fetch
from server.models import Entity, EntityMark, EntityVersion, Submission
from server.queries.scopes import PlacedRows, Scope, placed_within

LiveRow = Row[*tuple[Any, ...]]
"""(id, uuid, label, version, data, village_code, edition, commune_code)"""


def is_being_erased() -> ColumnElement[bool]:
    """A slip that had part in it is hidden already, and what it said is about to be erased."""
    of_entity = EntityVersion.entity_id == Entity.id
    hidden = (Submission.hidden_at.is_not(None), Submission.erased_at.is_(None))
    return (
        exists()
        .where(of_entity, Submission.id == EntityVersion.submission_id, *hidden)
        .correlate(Entity)
    )


_MARKS = PlacedRows(
    select(
        EntityMark.place,
        EntityMark.mark,
        EntityMark.village_code,
        EntityMark.edition,
        EntityMark.commune_code,
    ).where(EntityMark.dataset_id == bindparam("dataset_id")),
    EntityMark,
)
_LIVE_QUERY = select(
    Entity.id,
    Entity.uuid,
    Entity.label,
    Entity.version,
    Entity.data,
    Entity.village_code,
    Entity.edition,
    Entity.commune_code,
).where(
    Entity.dataset_id == bindparam("dataset_id"), Entity.deleted_at.is_(None), ~is_being_erased()
)
_LABELS = PlacedRows(
    select(
        Entity.uuid,
        Entity.label,
        Entity.village_code,
        Entity.edition,
        Entity.commune_code,
    ).where(
        Entity.dataset_id == bindparam("dataset_id"),
        Entity.deleted_at.is_(None),
        ~is_being_erased(),
    ),
    Entity,
)
_LIVE = PlacedRows(_LIVE_QUERY, Entity)
_LIVE_OF_OWNER = PlacedRows(_LIVE_QUERY.where(Entity.creator_id == bindparam("owner_id")), Entity)


def list_marks(dataset_id: int, scope: Scope) -> Sequence[tuple[str, str]]:
    """(place, mark) of what is in a scope, by place."""
    return sorted((row.place, row.mark) for row in _MARKS.fetch(scope, dataset_id=dataset_id))


def list_live(dataset_id: int, scope: Scope, *, owner_id: int | None = None) -> Sequence[LiveRow]:
    """What phones may have, oldest first."""
    if owner_id is None:
        rows = _LIVE.fetch(scope, dataset_id=dataset_id)
    else:
        rows = _LIVE_OF_OWNER.fetch(scope, dataset_id=dataset_id, owner_id=owner_id)
    # Sorted here: in the order of ids the database would rather read all of the list.
    return sorted(rows, key=lambda row: row.id)


def list_labels(dataset_id: int, scope: Scope) -> Sequence[tuple[str, str]]:
    """(uuid, label) of what is in a scope, by uuid."""
    return sorted((row.uuid, row.label) for row in _LABELS.fetch(scope, dataset_id=dataset_id))


def _owned(owner_id: int | None) -> ColumnElement[bool]:
    return true() if owner_id is None else Entity.creator_id == owner_id


def list_gone(
    dataset_id: int, uuids: Collection[str], scope: Scope, *, owner_id: int | None = None
) -> dict[str, bool]:
    """Of entities that exist or existed: whether who may see the scope has them no more."""
    is_there = and_(placed_within(scope, Entity), _owned(owner_id), ~is_being_erased())
    query = select(
        Entity.uuid, or_(Entity.deleted_at.is_not(None), ~is_there).label("is_gone")
    ).where(Entity.dataset_id == dataset_id, Entity.uuid.in_(sorted(uuids)))
    return {row.uuid: bool(row.is_gone) for row in fetch(query)}
