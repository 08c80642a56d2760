"""What is due and not done: one row for each thing, read by place and by moment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.orm import aliased

from server.db import execute, fetch
from server.models import Dataset, DueItem, DueKind, Entity, Project
from server.queries.scopes import Scope, placed_within

SubjectRow = Row[*tuple[Any, ...]]
"""(id, uuid, dataset_id, name, data, created_at, is_live, village_code, edition, commune_code)"""
DueRow = Row[*tuple[Any, ...]]
"""(entity_id, kind, due_at, child_uuid, list_name, uuid, label, data,
village_code, edition, commune_code)"""
OverdueRow = Row[*tuple[Any, ...]]
"""(entity_id, kind, due_at, child_uuid, project_id, list_name, uuid, data,
village_code, edition, commune_code)"""
KnownRow = Row[*tuple[Any, ...]]
"""(entity_id, kind, due_at, told_at, heard_at)"""
DueKey = tuple[int, DueKind]
"""(entity_id, kind)"""

_OTHER = aliased(DueItem)
# Not `IS NULL`: no index of what was merged may lead SQLite through all that was not.
_IS_LIVE = and_(Entity.deleted_at.is_(None), func.coalesce(Entity.merged_into_id, 0) == 0)
_SUBJECTS = (
    select(
        Entity.id,
        Entity.uuid,
        Entity.dataset_id,
        Dataset.name,
        Entity.data,
        Entity.created_at,
        _IS_LIVE.label("is_live"),
        Entity.village_code,
        Entity.edition,
        Entity.commune_code,
    )
    .join(Dataset, Dataset.id == Entity.dataset_id)
    .order_by(Entity.id)
)
_OF_IDS = _SUBJECTS.where(
    Entity.id.in_(bindparam("ids", expanding=True)),
    Dataset.name.in_(bindparam("names", expanding=True)),
)
_KNOWN = select(
    DueItem.entity_id, DueItem.kind, DueItem.due_at, DueItem.told_at, DueItem.heard_at
).where(DueItem.entity_id.in_(bindparam("ids", expanding=True)))
_UNHEARD = (DueItem.told_at.is_not(None), DueItem.heard_at.is_(None))
_OVERDUE = (
    select(
        DueItem.entity_id,
        DueItem.kind,
        DueItem.due_at,
        DueItem.child_uuid,
        Dataset.project_id,
        Dataset.name.label("list_name"),
        Entity.uuid,
        Entity.data,
        DueItem.village_code,
        DueItem.edition,
        DueItem.commune_code,
    )
    .join(Entity, Entity.id == DueItem.entity_id)
    .join(Dataset, Dataset.id == DueItem.dataset_id)
    .join(Project, Project.id == Dataset.project_id)
    .where(_IS_LIVE, Project.deleted_at.is_(None))
)
_DROP = delete(DueItem).where(DueItem.entity_id.in_(bindparam("ids", expanding=True)))
_ADD = insert(DueItem)


@dataclass(frozen=True, slots=True)
class Within:
    """A list, and all of the scopes in which its rows must lie."""

    dataset_id: int
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """What lies in a scope, or in villages of these codes and in no commune that is known."""

    scope: Scope
    villages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: of any of the lists, in a unit's scope, visits up to a moment, of late ones.

    What stands under another's row of `first`, the visit of the same child on the same day, is
    left out.
    """

    lists: tuple[Within, ...]
    visits_until: datetime
    in_unit: Scope | None = None
    due_until: datetime | None = None
    first: Within | None = None
    of_person: Reach | None = None


def list_subjects(names: Collection[str], ids: Collection[int]) -> Sequence[SubjectRow]:
    """Those of the entities that are in lists of these names."""
    rows: Sequence[SubjectRow] = execute(
        _OF_IDS, {"ids": sorted(ids), "names": sorted(names)}
    ).all()
    return rows


def list_subjects_after(names: Collection[str], last_id: int, limit: int) -> Sequence[SubjectRow]:
    """Entities of the lists of these names, of every project, by id."""
    query = _SUBJECTS.where(Dataset.name.in_(sorted(names)), Entity.id > last_id).limit(limit)
    rows: Sequence[SubjectRow] = execute(query).all()
    return rows


def list_ids_of(kind: DueKind) -> list[int]:
    """The entities about which this is to be done."""
    query = select(DueItem.entity_id).where(DueItem.kind == kind).order_by(DueItem.entity_id)
    return list(execute(query).scalars())


def list_known(ids: Collection[int]) -> Sequence[KnownRow]:
    rows: Sequence[KnownRow] = execute(_KNOWN, {"ids": sorted(ids)}).all()
    return rows


def replace_items(ids: Collection[int], rows: Sequence[Mapping[str, Any]]) -> None:
    """What is due about these entities is now what the rows say, and nothing else."""
    execute(_DROP, {"ids": sorted(ids)})
    if rows:
        execute(_ADD, list(rows))


def iter_due(wanted: Wanted, size: int) -> Iterator[Sequence[DueRow]]:
    """Page by page, each after the last row of the one before."""
    last: DueRow | None = None
    while page := list_due(wanted, limit=size, after=last):
        yield page
        last = page[-1]


def list_due(
    wanted: Wanted, *, limit: int, offset: int = 0, after: DueRow | None = None
) -> Sequence[DueRow]:
    """What is due first comes first. One way down an index for each list; few rows are joined."""
    if not wanted.lists:
        return []
    rest = _comes_after(after) if after is not None else true()
    order = ("due_at", "entity_id", "kind")
    arms = [
        select(DueItem).where(*_conditions(place, wanted, DueItem), _is_listed(place, wanted), rest)
        for place in wanted.lists
    ]
    page = union_all(*arms).order_by(*order).limit(limit).offset(offset).subquery()
    query = (
        select(
            page.c.entity_id,
            page.c.kind,
            page.c.due_at,
            page.c.child_uuid,
            Dataset.name.label("list_name"),
            Entity.uuid,
            Entity.label,
            Entity.data,
            page.c.village_code,
            page.c.edition,
            page.c.commune_code,
        )
        .join(Entity, Entity.id == page.c.entity_id)
        .join(Dataset, Dataset.id == page.c.dataset_id)
        .order_by(*(page.c[name] for name in order))
    )
    return fetch(query)


def _conditions(place: Within, wanted: Wanted, model: type[DueItem]) -> list[ColumnElement[bool]]:
    late, unit = wanted.due_until, wanted.in_unit
    return [
        model.dataset_id == place.dataset_id,
        *(placed_within(scope, model) for scope in dict.fromkeys(place.scopes)),
        or_(model.kind != DueKind.VISIT, model.due_at <= wanted.visits_until),
        placed_within(unit, model) if unit is not None else true(),
        model.due_at <= late if late is not None else true(),
        _reached(wanted.of_person, model),
    ]


def _comes_after(row: DueRow) -> ColumnElement[bool]:
    by_kind = and_(DueItem.entity_id == row.entity_id, DueItem.kind > row.kind)
    later = or_(DueItem.entity_id > row.entity_id, by_kind)
    return or_(DueItem.due_at > row.due_at, and_(DueItem.due_at == row.due_at, later))


def _reached(reach: Reach | None, model: type[DueItem]) -> ColumnElement[bool]:
    if reach is None:
        return true()
    unplaced = or_(model.edition.is_(None), model.commune_code.is_(None))
    in_village = model.village_code.in_(sorted(reach.villages))
    return or_(placed_within(reach.scope, model), and_(in_village, unplaced))


def _is_listed(place: Within, wanted: Wanted) -> ColumnElement[bool]:
    """False where the same visit is a row of the other list, by the same conditions."""
    if wanted.first is None or wanted.first == place:
        return true()
    same = and_(_OTHER.child_uuid == DueItem.child_uuid, _OTHER.due_at == DueItem.due_at)
    return ~exists().where(same, *_conditions(wanted.first, wanted, _OTHER))


def lock_untold(now: datetime, limit: int) -> Sequence[OverdueRow]:
    """What became overdue and was not written down yet, the oldest first."""
    query = _OVERDUE.where(DueItem.told_at.is_(None), DueItem.due_at <= now)
    return _lock(query.order_by(DueItem.due_at, DueItem.entity_id).limit(limit))


def lock_unheard(after: DueKey | None, limit: int) -> Sequence[OverdueRow]:
    """What was written down and nobody was told of, by key."""
    query = _OVERDUE.where(*_UNHEARD)
    if after is not None:
        entity_id, kind = after
        rest = and_(DueItem.entity_id == entity_id, DueItem.kind > kind)
        query = query.where(DueItem.entity_id >= entity_id)
        query = query.where(or_(DueItem.entity_id > entity_id, rest))
    return _lock(query.order_by(DueItem.entity_id, DueItem.kind).limit(limit))


def count_unheard() -> int:
    query = _OVERDUE.where(*_UNHEARD).with_only_columns(func.count())
    return execute(query).scalar_one()


def mark_told(keys: Collection[DueKey], at: datetime) -> None:
    _mark(keys, told_at=at)


def mark_heard(keys: Collection[DueKey], at: datetime) -> None:
    _mark(keys, heard_at=at)


def _mark(keys: Collection[DueKey], **values: datetime) -> None:
    for kind in DueKind:
        ids = sorted(entity_id for entity_id, of in keys if of is kind)
        if ids:
            chosen = update(DueItem).where(DueItem.entity_id.in_(ids), DueItem.kind == kind)
            execute(chosen.values(**values))


def _lock(query: Select[*tuple[Any, ...]]) -> Sequence[OverdueRow]:
    rows: Sequence[OverdueRow] = execute(query.with_for_update(of=DueItem, skip_locked=True)).all()
    return rows
