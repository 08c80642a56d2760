"""Entities as people and programs read them: pages, one with its versions, who made them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, String, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from server.db import db, execute, fetch
from server.models import (
    Actor,
    Audit,
    ConflictState,
    Entity,
    EntityVersion,
    Form,
    Submission,
)
from server.odata.conditions import Condition, Kind
from server.queries import filtering, searching
from server.queries.entity_lists import is_being_erased
from server.queries.filtering import Column
from server.queries.scopes import Scope, placed_within
from server.queries.searching import Search

PageRow = Row[*tuple[Any, ...]]
"""(id, uuid, creator_id, conflict, created_at, updated_at, deleted_at, village_code, edition,
commune_code, data, merged_into), then of its newest version what VersionRow has"""
VersionRow = Row[*tuple[Any, ...]]
"""(number, label, data, received, base_version, branch_id, trunk_version, branch_base_version,
conflict, conflicting, resolved_at, source, version_creator_id, user_agent, version_created_at,
instance_id, xml_form_id, form_id, data_class)"""
ActorRow = Row[*tuple[Any, ...]]
"""(id, type, display_name, created_at, updated_at, deleted_at)"""
PAGE = 1000

_OF_VERSION = (
    EntityVersion.number,
    EntityVersion.label,
    EntityVersion.base_version,
    EntityVersion.branch_id,
    EntityVersion.trunk_version,
    EntityVersion.branch_base_version,
    EntityVersion.conflicting,
    EntityVersion.creator_id.label("version_creator_id"),
    EntityVersion.user_agent,
    EntityVersion.created_at.label("version_created_at"),
)
_OF_FORM = (Form.id.label("form_id"), Form.data_class)
_OTHER = aliased(Entity)
_MERGED_INTO = select(_OTHER.uuid).where(_OTHER.id == Entity.merged_into_id).scalar_subquery()
ENTITIES = (
    select(
        Entity.id,
        Entity.uuid,
        Entity.creator_id,
        Entity.conflict,
        Entity.created_at,
        Entity.updated_at,
        Entity.deleted_at,
        Entity.village_code,
        Entity.edition,
        Entity.commune_code,
        Entity.data,
        _MERGED_INTO.label("merged_into"),
        *_OF_VERSION,
        *_OF_FORM,
    )
    .join(
        EntityVersion,
        (EntityVersion.entity_id == Entity.id) & (EntityVersion.number == Entity.version),
    )
    .outerjoin(Submission, Submission.id == EntityVersion.submission_id)
    .outerjoin(Form, Form.id == Submission.form_id)
)
DELETED_AT = "__system/deletedAt"
FIELDS: filtering.Columns = {
    "__id": Column(Entity.uuid, Kind.TEXT),
    "__system/createdAt": Column(Entity.created_at, Kind.TIME),
    "__system/updatedAt": Column(Entity.updated_at, Kind.TIME),
    DELETED_AT: Column(Entity.deleted_at, Kind.TIME),
    "__system/creatorId": Column(Entity.creator_id, Kind.NUMBER),
    "__system/conflict": Column(type_coerce(Entity.conflict, String()), Kind.TEXT),
}
"""What lists are filtered and ordered by (central-api.md §15.4)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entities of a list: deleted or live ones (None: both), perhaps only conflicts, and
    what a filter and a search leave of these.
    """

    is_deleted: bool | None = False
    conflicts: frozenset[ConflictState] = frozenset()
    condition: Condition | None = None
    search: Search | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """How many live entities there are, how many with a conflict; when the last came or changed."""

    entities: int
    conflicts: int
    last_entity: datetime | None
    last_update: datetime | None


def iter_pages(
    dataset_id: int, scope: Scope, wanted: Wanted, *, size: int = PAGE
) -> Iterator[Sequence[PageRow]]:
    """Newest first; each page is a query of its own, as cheap as the first."""
    query = ENTITIES.where(*limits(dataset_id, scope, wanted))
    query = query.order_by(Entity.id.desc()).limit(size)
    page: Sequence[PageRow] = fetch(query)
    while page:
        yield page
        page = fetch(query.where(Entity.id < page[-1].id)) if len(page) == size else ()


def list_page(
    dataset_id: int, scope: Scope, wanted: Wanted, *, before: int | None, limit: int
) -> Sequence[PageRow]:
    """The newest ones, or those older than one of this id."""
    query = ENTITIES.where(*limits(dataset_id, scope, wanted))
    if before is not None:
        query = query.where(Entity.id < before)
    rows: Sequence[PageRow] = fetch(query.order_by(Entity.id.desc()).limit(limit))
    return rows


def find_entity(
    dataset_id: int, uuid: str, scope: Scope, *, is_deleted: bool = False
) -> PageRow | None:
    query = ENTITIES.where(*limits(dataset_id, scope, Wanted(is_deleted)), Entity.uuid == uuid)
    rows: Sequence[PageRow] = execute(query).all()
    return rows[0] if rows else None


def list_versions(entity_id: int) -> Sequence[VersionRow]:
    """Oldest first, each with the submission that it came from."""
    query = (
        select(
            *_OF_VERSION,
            EntityVersion.data,
            EntityVersion.received,
            EntityVersion.conflict,
            EntityVersion.resolved_at,
            EntityVersion.source,
            Submission.instance_id,
            Form.xml_form_id,
            *_OF_FORM,
        )
        .outerjoin(Submission, Submission.id == EntityVersion.submission_id)
        .outerjoin(Form, Form.id == Submission.form_id)
        .where(EntityVersion.entity_id == entity_id)
        .order_by(EntityVersion.number)
    )
    rows: Sequence[VersionRow] = execute(query).all()
    return rows


def list_audits(
    entity_id: int, *, limit: int | None, offset: int, without: Collection[int] = ()
) -> Sequence[Audit]:
    """What was done with an entity, newest first; not who read it, nor who made the versions of
    these numbers.
    """
    version = Audit.details["version"].as_integer()
    query = (
        select(Audit)
        .where(
            Audit.actee_type == "entity",
            Audit.actee_id == entity_id,
            Audit.action.not_in(("entity.read",)),
            or_(
                Audit.action.not_in(("entity.create", "entity.update.version")),
                version.is_(None),
                version.not_in(sorted(without)),
            ),
        )
        .order_by(Audit.logged_at.desc(), Audit.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return db.session.scalars(query).all()


def list_creators(dataset_id: int, scope: Scope) -> Sequence[Actor]:
    """Whoever made a live entity, by name."""
    made = select(Entity.creator_id).where(*limits(dataset_id, scope, Wanted()))
    query = select(Actor).where(Actor.id.in_(made)).order_by(Actor.display_name, Actor.id)
    return db.session.scalars(query).all()


def list_actors(ids: Collection[int | None]) -> Mapping[int, ActorRow]:
    """Whoever made these pages; a query of its own, like those of the pages."""
    known = sorted({id_ for id_ in ids if id_ is not None})
    columns = (Actor.id, Actor.type, Actor.display_name)
    times = (Actor.created_at, Actor.updated_at, Actor.deleted_at)
    return {row.id: row for row in fetch(select(*columns, *times).where(Actor.id.in_(known)))}


def summarize(dataset_id: int, scope: Scope) -> Summary:
    query = select(
        func.count(Entity.id),
        func.count(Entity.conflict),
        func.max(Entity.created_at),
        func.max(Entity.updated_at),
    ).where(*limits(dataset_id, scope, Wanted()))
    count, conflicts, created_at, updated_at = db.session.execute(query).one()
    known = [at for at in (created_at, updated_at) if at is not None]
    return Summary(count, conflicts, created_at, max(known, default=None))


def has_value(dataset_id: int, name: str) -> list[str]:
    """The uuids of some live entities in which the property is not blank."""
    value = Entity.data[name].as_string()
    query = select(Entity.uuid).where(
        Entity.dataset_id == dataset_id, Entity.deleted_at.is_(None), value != ""
    )
    return list(db.session.scalars(query.order_by(Entity.id).limit(10)))


def limits(dataset_id: int, scope: Scope, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield Entity.dataset_id == dataset_id
    if wanted.is_deleted is not None:
        at = Entity.deleted_at
        yield at.is_not(None) if wanted.is_deleted else at.is_(None)
    if wanted.conflicts:
        yield Entity.conflict.in_(sorted(wanted.conflicts))
    if wanted.condition is not None:
        yield filtering.to_sql(wanted.condition, FIELDS)
    if wanted.search is not None:
        yield searching.to_sql(wanted.search)
    yield placed_within(scope, Entity)
    yield ~is_being_erased()
