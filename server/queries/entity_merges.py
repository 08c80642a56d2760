"""Which entities became part of others, and what came for them since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import aliased

from server.db import execute, utc_now
from server.models import Dataset, Entity, EntityVersion
from server.queries.entities import Place

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


def find_survivors(project_id: int, list_name: str, uuids: Collection[str]) -> dict[str, str]:
    """What those of them that were merged are part of now, however often that was merged."""
    other = aliased(Entity)
    query = (
        select(Entity.uuid, other.uuid.label("into"))
        .join(Dataset, Dataset.id == Entity.dataset_id)
        .join(other, other.id == Entity.merged_into_id)
        .where(Dataset.project_id == project_id, Dataset.name == list_name)
    )
    steps: dict[str, str] = {}
    wanted = set(uuids)
    while wanted:
        found = execute(query.where(Entity.uuid.in_(sorted(wanted)))).all()
        steps |= {row.uuid: row.into for row in found}
        wanted = {row.into for row in found} - steps.keys()
    return {uuid: _last(uuid, steps) for uuid in uuids if uuid in steps}


def list_referring(
    entity_id: int, list_name: str, other_name: str, name: str, uuids: Collection[str]
) -> dict[int, list[Place]]:
    """Where entities of the project's other list are whose property names one of these uuids; by
    list. Nothing if the entity is not of the list `list_name`.
    """
    other, other_list = aliased(Entity), aliased(Dataset)
    query = (
        select(other.dataset_id, other.village_code, other.edition, other.commune_code)
        .join(other_list, other_list.id == other.dataset_id)
        .join(Dataset, Dataset.project_id == other_list.project_id)
        .join(Entity, Entity.dataset_id == Dataset.id)
        .where(
            Entity.id == entity_id,
            Dataset.name == list_name,
            other_list.name == other_name,
            other.data[name].as_string().in_(sorted(uuids)),
        )
    )
    places: dict[int, list[Place]] = {}
    for row in execute(query):
        place = Place(row.village_code, row.edition, row.commune_code)
        places.setdefault(row.dataset_id, []).append(place)
    return places


def _last(uuid: str, steps: dict[str, str]) -> str:
    while uuid in steps:
        uuid = steps[uuid]
    return uuid
