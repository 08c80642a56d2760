"""Entities and their versions, read and written in bulk."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Row,
    Text,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from server.db import columns_of, db, execute, utc_now
from server.errors import AlreadyExists
from server.models import (
    ConflictState,
    Dataset,
    Entity,
    EntityMark,
    EntityVersion,
)

Key = tuple[int, str]
"""(dataset_id, uuid)"""
EntityRow = Row[*tuple[Any, ...]]
"""(id, dataset_id, uuid, version, label, data, conflict, deleted_at, village_code, edition,
commune_code, merged_into_id)"""
VersionRow = Row[*tuple[Any, ...]]
"""(entity_id, number, label, data, branch_id, trunk_version, base_version, branch_base_version,
is_forced_create)"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entity belongs; None where that cannot be told."""

    village_code: str | None = None
    edition: str | None = None
    commune_code: str | None = None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """The columns of a version to be added; `number` 1 makes the entity."""

    number: int
    label: str
    data: dict[str, str]
    received: dict[str, str]
    base_version: int | None = None
    branch_id: str = ""
    trunk_version: int | None = None
    branch_base_version: int | None = None
    is_forced_create: bool = False
    conflict: ConflictState | None = None
    conflicting: list[str] | None = None
    submission_id: int | None = None
    submission_version_id: int | None = None
    path: str = ""
    source: str = ""
    creator_id: int | None = None
    user_agent: str | None = None


COLUMNS = (
    Entity.id,
    Entity.dataset_id,
    Entity.uuid,
    Entity.version,
    Entity.label,
    Entity.data,
    Entity.conflict,
    Entity.deleted_at,
    Entity.village_code,
    Entity.edition,
    Entity.commune_code,
    Entity.merged_into_id,
)
"""Of an EntityRow."""
_LOCKED = (
    select(*COLUMNS)
    .where(
        Entity.dataset_id.in_(bindparam("lists", expanding=True)),
        Entity.uuid.in_(bindparam("uuids", expanding=True)),
    )
    .order_by(Entity.id)
    .with_for_update()
)
_TAKE_TURNS = select(
    func.pg_advisory_xact_lock(func.hashtextextended(column("name"), 0))
).select_from(func.unnest(cast(bindparam("names"), ARRAY(Text))).alias("name"))
_VERSIONS = (
    select(
        EntityVersion.entity_id,
        EntityVersion.number,
        EntityVersion.label,
        EntityVersion.data,
        EntityVersion.branch_id,
        EntityVersion.trunk_version,
        EntityVersion.base_version,
        EntityVersion.branch_base_version,
        EntityVersion.is_forced_create,
    )
    .where(EntityVersion.entity_id.in_(bindparam("ids", expanding=True)))
    .order_by(EntityVersion.entity_id, EntityVersion.number)
)
_ADD_ENTITIES = insert(Entity).returning(Entity.id, sort_by_parameter_order=True)
_ADD_MANY = insert(Entity)
_NEXT_IDS = select(func.nextval("entities_id_seq")).select_from(
    func.generate_series(1, bindparam("count"))
)
_MANY = 100
"""From here on PostgreSQL is quicker with ids that are taken first: one short statement, prepared
once, instead of a long one that is read anew.
"""
_ADD_VERSIONS = insert(EntityVersion)
_CHANGE = (
    update(Entity)
    .where(Entity.id == bindparam("entity"))
    .values(
        version=bindparam("number"),
        label=bindparam("new_label"),
        data=bindparam("new_data"),
        conflict=bindparam("new_conflict"),
        village_code=bindparam("village"),
        edition=bindparam("in_edition"),
        commune_code=bindparam("commune"),
        updated_at=bindparam("at"),
    )
)


def lock_entities(keys: Collection[Key]) -> dict[Key, EntityRow]:
    """Those that are there, and also the names of the others: two who want the same take turns."""
    if keys and db.session.connection().dialect.name == "postgresql":
        execute(_TAKE_TURNS, {"names": sorted(f"{id_}/{uuid}" for id_, uuid in keys)})
    names = {"lists": sorted({id_ for id_, _ in keys}), "uuids": sorted({u for _, u in keys})}
    found = {(row.dataset_id, row.uuid): row for row in execute(_LOCKED, names)}
    return {key: found[key] for key in keys if key in found}


def lock_entity(entity_id: int) -> EntityRow:
    query = select(*COLUMNS).where(Entity.id == entity_id).with_for_update()
    row: EntityRow = execute(query).one()
    return row


def list_versions(entity_ids: Collection[int]) -> dict[int, list[VersionRow]]:
    """Of each entity, oldest first."""
    found: dict[int, list[VersionRow]] = {}
    for row in execute(_VERSIONS, {"ids": sorted(entity_ids)}):
        found.setdefault(row.entity_id, []).append(row)
    return found


def add_entities(made: Sequence[tuple[Key, NewVersion, Place, datetime]]) -> list[int]:
    """Entities as their newest version has them; return their ids in that order.

    Raises AlreadyExists where somebody was faster.
    """
    if not made:
        return []
    rows = [
        {
            "dataset_id": dataset_id,
            "uuid": uuid,
            "version": new.number,
            "label": new.label,
            "data": new.data,
            "conflict": new.conflict,
            "creator_id": new.creator_id,
            "created_at": at,
            **columns_of(place),
        }
        for (dataset_id, uuid), new, place, at in made
    ]
    is_many = len(rows) >= _MANY and db.session.connection().dialect.name == "postgresql"
    try:
        if is_many:
            ids = list(execute(_NEXT_IDS, {"count": len(rows)}).scalars())
            execute(_ADD_MANY, [{**row, "id": id_} for row, id_ in zip(rows, ids, strict=True)])
            return ids
        return [int(row.id) for row in execute(_ADD_ENTITIES, rows)]
    except IntegrityError as error:
        raise AlreadyExists(subject="entity", value="", table="entities") from error


def change_entities(changed: Sequence[tuple[int, NewVersion, Place, datetime]]) -> None:
    """(id, newest version, where, when) of entities that are locked."""
    rows = [
        {
            "entity": entity_id,
            "number": new.number,
            "new_label": new.label,
            "new_data": new.data,
            "new_conflict": new.conflict,
            "village": place.village_code,
            "in_edition": place.edition,
            "commune": place.commune_code,
            "at": at,
        }
        for entity_id, new, place, at in changed
    ]
    if rows:
        execute(_CHANGE, rows)


def add_versions(added: Sequence[tuple[int, NewVersion, datetime]]) -> None:
    """(entity id, version, when)."""
    rows = [
        columns_of(new) | {"entity_id": entity_id, "created_at": at} for entity_id, new, at in added
    ]
    if rows:
        execute(_ADD_VERSIONS, rows)


def tell_planner() -> None:
    """PostgreSQL counts a table a minute after it has grown; until then it would read all of the
    list for each batch of an import.
    """
    if db.session.connection().dialect.name == "postgresql":
        execute(text("ANALYZE entities"))


def resolve_conflict(entity_id: int, at: datetime) -> None:
    """Of the entity, and in each version that brought one."""
    execute(
        update(EntityVersion)
        .where(
            EntityVersion.entity_id == entity_id,
            EntityVersion.conflict.is_not(None),
            EntityVersion.resolved_at.is_(None),
        )
        .values(resolved_at=at)
    )
    execute(update(Entity).where(Entity.id == entity_id).values(conflict=None, updated_at=at))


def has_made_any(submission_id: int) -> bool:
    """True if a version of an entity came from the submission."""
    query = select(EntityVersion.id).where(EntityVersion.submission_id == submission_id).limit(1)
    return execute(query).first() is not None


def touch_places(dataset_id: int, places: Iterable[Place]) -> None:
    """Say that the list is another one there."""
    by_name = {_place_name(place): place for place in places}
    statement = _TOUCH[db.session.connection().dialect.name]
    rows = [
        columns_of(by_name[name])
        | {"dataset_id": dataset_id, "place": name, "mark": secrets.token_hex(16)}
        for name in sorted(by_name)
    ]
    if rows:
        execute(statement, rows)


def count_live(project_id: int) -> dict[int, tuple[int, int]]:
    """(entities, conflicts among them) of each list."""
    query = (
        select(Entity.dataset_id, func.count(), func.count(Entity.conflict))
        .join(Dataset, Dataset.id == Entity.dataset_id)
        .where(Dataset.project_id == project_id, Entity.deleted_at.is_(None))
        .group_by(Entity.dataset_id)
    )
    return {dataset_id: (count, open_) for dataset_id, count, open_ in execute(query)}


def count_in_month(
    dataset_id: int, village_code: str, date: str, month: str, wanted: Mapping[str, str]
) -> int:
    """Entities of a village whose property `date` begins with the month, `2026-11`."""
    query = select(func.count()).where(
        Entity.dataset_id == dataset_id,
        Entity.village_code == village_code,
        Entity.deleted_at.is_(None),
        Entity.data[date].as_string().startswith(month, autoescape=True),
        *(Entity.data[name].as_string() == value for name, value in wanted.items()),
    )
    return int(execute(query).scalar_one())


def set_deleted(entity_id: int, at: datetime | None) -> None:
    values = {"deleted_at": at, "updated_at": utc_now(), "merged_into_id": None}
    execute(update(Entity).where(Entity.id == entity_id).values(values))


def _place_name(place: Place) -> str:
    parts = (place.edition, place.commune_code, place.village_code)
    return "|".join(part or "" for part in parts)


def _touch(dialect: Any) -> Any:
    add = dialect.insert(EntityMark)
    return add.on_conflict_do_update(
        index_elements=["dataset_id", "place"], set_={"mark": add.excluded.mark}
    )


_TOUCH = {"sqlite": _touch(sqlite), "postgresql": _touch(postgresql)}
