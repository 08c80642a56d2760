"""Which entities became part of others, and what came for them since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import aliased

from server.db import execute, utc_now
from server.models import Entity, EntityVersion

GivenRow = Row[*tuple[Any, ...]]
"""(number, received, source, branch_id, trunk_version, branch_base_version, submission_id,
submission_version_id, path, creator_id, user_agent)"""


def set_merged(entity_id: int, into_id: int | None, at: datetime | None) -> None:
    """Delete it as part of another; or (None) bring it back."""
    values = {"merged_into_id": into_id, "deleted_at": at, "updated_at": utc_now()}
    execute(update(Entity).where(Entity.id == entity_id).values(values))


def find_merged(dataset_id: int, uuid: str) -> str | None:
    """The uuid of what it was merged into."""
    other = aliased(Entity)
    query = (
        select(other.uuid)
        .join(Entity, Entity.merged_into_id == other.id)
        .where(Entity.dataset_id == dataset_id, Entity.uuid == uuid)
    )
    found: str | None = execute(query).scalar_one_or_none()
    return found


def list_names(entity_id: int) -> set[str]:
    """The uuids of an entity and of all that became part of it, however often."""
    names: set[str] = set()
    wanted = Entity.id == entity_id
    while rows := execute(select(Entity.id, Entity.uuid).where(wanted)).all():
        names |= {row.uuid for row in rows}
        wanted = Entity.merged_into_id.in_([row.id for row in rows])
    return names


def list_given(entity_id: int, sources: Collection[str]) -> Sequence[GivenRow]:
    """The versions of these sources, oldest first."""
    query = (
        select(
            EntityVersion.number,
            EntityVersion.received,
            EntityVersion.source,
            EntityVersion.branch_id,
            EntityVersion.trunk_version,
            EntityVersion.branch_base_version,
            EntityVersion.submission_id,
            EntityVersion.submission_version_id,
            EntityVersion.path,
            EntityVersion.creator_id,
            EntityVersion.user_agent,
        )
        .where(EntityVersion.entity_id == entity_id, EntityVersion.source.in_(sorted(sources)))
        .order_by(EntityVersion.number)
    )
    rows: Sequence[GivenRow] = execute(query).all()
    return rows
