"""What phones have of a list, and the marks by which they know that it is another one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select, true

from server.db import fetch
from server.models import Entity, EntityMark, EntityVersion, Submission
from server.queries.scopes import Scope, placed_within

LiveRow = Row[int, str, str, int, Mapping[str, str]]
"""(id, uuid, label, version, data)"""


def list_marks(dataset_id: int, scope: Scope) -> Sequence[tuple[str, str]]:
    """(place, mark) of what is in a scope."""
    query = (
        select(EntityMark.place, EntityMark.mark)
        .where(EntityMark.dataset_id == dataset_id, placed_within(scope, EntityMark))
        .order_by(EntityMark.place)
    )
    return [(row.place, row.mark) for row in fetch(query)]


def list_live(dataset_id: int, scope: Scope, *, owner_id: int | None = None) -> Sequence[LiveRow]:
    """(id, uuid, label, version, data) of what phones may have, oldest first."""
    query = select(Entity.id, Entity.uuid, Entity.label, Entity.version, Entity.data).where(
        Entity.dataset_id == dataset_id,
        Entity.deleted_at.is_(None),
        _owned(owner_id),
        placed_within(scope, Entity),
        ~is_being_erased(),
    )
    # Sorted here: in the order of ids the database would rather read all of the list.
    return sorted(fetch(query), key=lambda row: row.id)


def is_being_erased() -> ColumnElement[bool]:
    """A slip that had part in it is hidden already, and what it said is about to be erased."""
    of_entity = EntityVersion.entity_id == Entity.id
    hidden = (Submission.hidden_at.is_not(None), Submission.erased_at.is_(None))
    return (
        exists()
        .where(of_entity, Submission.id == EntityVersion.submission_id, *hidden)
        .correlate(Entity)
    )


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
