"""One entity as its own address answers it, and whoever made what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.actions.entities.access import Access, may_see_source, require_access
from server.actions.entities.references import follow
from server.auth.callers import Caller
from server.auth.roles import Verb
from server.errors import NotFound
from server.queries import entity_pages
from server.queries.datasets import DatasetFacts
from server.queries.entity_pages import PageRow
from server.queries.scopes import EVERYTHING

from .bodies import is_extended
from .entity_schemas import Actors, dump_entity, dump_values


def dump_changed(facts: DatasetFacts, uuid: str, by: Caller) -> dict[str, Any]:
    """What the caller has just written, wherever it belongs now."""
    access = require_access(facts, Verb.ENTITY_READ, by=by)
    row = entity_pages.find_entity(facts.id, uuid, EVERYTHING)
    if row is None:
        raise NotFound(subject="entity", name=uuid)
    return dump_one(row, access, by)


def dump_one(row: PageRow, access: Access, by: Caller) -> dict[str, Any]:
    newest = entity_pages.list_versions(row.id)[-1]
    makers = list_makers([row.creator_id, row.version_creator_id])
    (data,) = follow(access.facts, [newest.data])
    values = dump_values(newest, access.properties, data=data)
    shows = may_see_source(access.facts, by=by)
    return dump_entity(row, access.properties, makers, shows, values=values)


def list_makers(ids: Sequence[int | None]) -> Actors:
    """None where nobody asked for extended metadata."""
    return entity_pages.list_actors(ids) if is_extended() else None
