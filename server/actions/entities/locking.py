"""Entities taken for a change: those that the caller may know of, and may change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from server.actions.entities.access import Access, require_access
from server.auth.callers import Caller
from server.auth.roles import Verb
from server.errors import AlreadyExists, EntitiesDeleted, NotAllowed, NotFound
from server.queries import entities, entity_merges
from server.queries.entities import EntityRow, Place
from server.queries.scopes import Scope

_PAGE = 500


def lock_one(access: Access, uuid: str, *, by: Caller, is_deleted: bool = False) -> EntityRow:
    rows = lock_seen(access, [uuid], by=by, is_deleted=is_deleted)
    if rows:
        return rows[0]
    into = entity_merges.find_merged(access.facts.id, uuid) if is_deleted else None
    if into is not None:
        raise NotFound(subject="part", name=uuid, into=into)
    raise NotFound(subject="entity", name=uuid)


def lock_seen(
    access: Access, wanted: Collection[str], *, by: Caller, is_deleted: bool
) -> list[EntityRow]:
    """Those that the caller may know of. What was erased is not among them, as there is nothing
    left of it; nor, among deleted ones, what is part of another: its merge has to be undone.

    Raises NotAllowed if any of them is not its to change.
    """
    readable = require_access(access.facts, Verb.ENTITY_READ, by=by).scope
    rows = [
        row
        for row in _lock_all(access.facts.id, set(wanted))
        if (row.deleted_at is not None) is is_deleted
        and (not is_deleted or (row.label and row.merged_into_id is None))
        and _is_within(place_in(row), readable)
    ]
    for row in rows:
        require_within(place_in(row), access.scope)
    return rows


def _lock_all(dataset_id: int, wanted: Collection[str]) -> Iterator[EntityRow]:
    for page in pages(sorted(set(wanted))):
        yield from entities.lock_entities([(dataset_id, uuid) for uuid in page]).values()


def require_free(dataset_id: int, wanted: Sequence[str]) -> None:
    twice = [uuid for uuid, count in Counter(wanted).items() if count > 1]
    known = list(_lock_all(dataset_id, wanted))
    live = twice or [row.uuid for row in known if row.deleted_at is None]
    if live:
        raise AlreadyExists(
            subject="entity", value=live[0], table="entities", fields=["uuid"], values=live[:100]
        )
    if known:
        raise EntitiesDeleted(entityUuids=[row.uuid for row in known][:100])


def require_within(place: Place, scope: Scope) -> None:
    if not _is_within(place, scope):
        raise NotAllowed


def _is_within(place: Place, scope: Scope) -> bool:
    return scope.holds(place.village_code, place.edition or "", place.commune_code or "")


def place_in(row: EntityRow) -> Place:
    return Place(row.village_code, row.edition, row.commune_code)


def pages(found: Sequence[str]) -> Iterator[Sequence[str]]:
    """Statements take only so many values."""
    for start in range(0, len(found), _PAGE):
        yield found[start : start + _PAGE]
