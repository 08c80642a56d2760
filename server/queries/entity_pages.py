"""Entities as people and programs read them: pages, one with its versions, who made them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
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
from server.queries.entity_lists import is_being_erased
from server.queries.scopes import Scope, placed_within

PageRow = Row[*tuple[Any, ...]]
"""(id, uuid, creator_id, conflict, created_at, updated_at, deleted_at, village_code, edition,
commune_code, data, merged_into), then as VersionRow without data and received"""
VersionRow = Row[*tuple[Any, ...]]
"""(number, label, data, received, base_version, branch_id, trunk_version, branch_base_version,
conflict, conflicting, resolved_at, source, version_creator_id, user_agent, version_created_at,
instance_id, xml_form_id, form_id, data_class)"""
ActorRow = Row[*tuple[Any, ...]]
"""(id, type, display_name, created_at, updated_at, deleted_at)"""
_PAGE = 1000

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
_OTHER = aliased(Entity)
_MERGED_INTO = select(_OTHER.uuid).where(_OTHER.id == Entity.merged_into_id).scalar_subquery()
_ENTITIES = select(
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
).join(
    EntityVersion,
    (EntityVersion.entity_id == Entity.id) & (EntityVersion.number == Entity.version),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entities of a list: deleted ones or live ones, and of these perhaps only conflicts."""

    is_deleted: bool = False
    conflicts: frozenset[ConflictState] = frozenset()


@dataclass(frozen=True, slots=True)
class Summary:
    """How many live entities there are, how many with a conflict; when the last came or changed."""

    entities: int
    conflicts: int
    last_entity: datetime | None
    last_update: datetime | None


def iter_pages(
    dataset_id: int, scope: Scope, wanted: Wanted, *, size: int = _PAGE
) -> Iterator[Sequence[PageRow]]:
    """Newest first; each page is a query of its own, as cheap as the first."""
    query = _ENTITIES.where(*_limits(dataset_id, scope, wanted))
    query = query.order_by(Entity.id.desc()).limit(size)
    page: Sequence[PageRow] = fetch(query)
    while page:
        yield page
        page = fetch(query.where(Entity.id < page[-1].id)) if len(page) == size else ()


def list_page(
    dataset_id: int, scope: Scope, wanted: Wanted, *, before: int | None, limit: int
) -> Sequence[PageRow]:
    """The newest ones, or those older than one of this id."""
    query = _ENTITIES.where(*_limits(dataset_id, scope, wanted))
    if before is not None:
        query = query.where(Entity.id < before)
    rows: Sequence[PageRow] = fetch(query.order_by(Entity.id.desc()).limit(limit))
    return rows


def find_entity(
    dataset_id: int, uuid: str, scope: Scope, *, is_deleted: bool = False
) -> PageRow | None:
    limits = _limits(dataset_id, scope, Wanted(is_deleted))
    rows: Sequence[PageRow] = execute(_ENTITIES.where(*limits, Entity.uuid == uuid)).all()
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
            Form.id.label("form_id"),
            Form.xml_form_id,
            Form.data_class,
        )
        .outerjoin(Submission, Submission.id == EntityVersion.submission_id)
        .outerjoin(Form, Form.id == Submission.form_id)
        .where(EntityVersion.entity_id == entity_id)
        .order_by(EntityVersion.number)
    )
    rows: Sequence[VersionRow] = execute(query).all()
    return rows


def list_audits(entity_id: int, *, limit: int | None, offset: int) -> Sequence[Audit]:
    """What was done with an entity, newest first; not who read it."""
    query = (
        select(Audit)
        .where(
            Audit.actee_type == "entity",
            Audit.actee_id == entity_id,
            Audit.action.not_in(("entity.read",)),
        )
        .order_by(Audit.logged_at.desc(), Audit.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return db.session.scalars(query).all()


def list_creators(dataset_id: int, scope: Scope) -> Sequence[Actor]:
    """Whoever made a live entity, by name."""
    made = select(Entity.creator_id).where(*_limits(dataset_id, scope, Wanted()))
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
    ).where(*_limits(dataset_id, scope, Wanted()))
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


def _limits(dataset_id: int, scope: Scope, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield Entity.dataset_id == dataset_id
    yield Entity.deleted_at.is_not(None) if wanted.is_deleted else Entity.deleted_at.is_(None)
    if wanted.conflicts:
        yield Entity.conflict.in_(sorted(wanted.conflicts))
    yield placed_within(scope, Entity)
    yield ~is_being_erased()
