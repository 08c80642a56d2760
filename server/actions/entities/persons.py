"""A person in the register, be it of a slip, an import or a hand: found, handed over, erased.

The lists of cases are left out: they rest on the law, not on consent (domain.md §2.6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from forms.folding import Needle
from server.actions.entities.erasing import empty_entity
from server.actions.entities.known import find_lists
from server.actions.entities.lists import is_case, list_scope, visible_properties
from server.actions.entities.references import HOUSEHOLD
from server.auth.callers import Caller
from server.auth.gate import Rights
from server.auth.roles import Verb
from server.queries import audits, entity_pages, entity_searches
from server.queries.datasets import DatasetFacts
from server.queries.entities import EntityRow
from server.queries.scopes import NOTHING, Scope

_LABEL = "label"


@dataclass(frozen=True, slots=True)
class RegisterSighting:
    """A property in which the person occurs, in some version; `is_current`: in the newest too."""

    list_name: str
    uuid: str
    commune: str
    property: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Registered:
    """An entity that is of the household or child asked for."""

    facts: DatasetFacts
    row: EntityRow
    properties: tuple[str, ...]


def find_registered(
    needle: Needle, *, project_id: int, by: Caller, progress: Callable[[int], None]
) -> list[RegisterSighting]:
    """Every version of every entity within the rights is read, in pages."""
    found: list[RegisterSighting] = []
    for facts, scope, properties in _iter_lists(Verb.PERSON_READ, project_id, by):
        seen: dict[tuple[str, str, str], bool] = {}
        for page in entity_searches.iter_version_pages(facts.id, scope):
            for row in page:
                for name in _sighted(row, properties, needle):
                    key = (row.uuid, row.commune_code or "", name)
                    seen[key] = seen.get(key, False) or row.is_current
            progress(len(page))
        found += [
            RegisterSighting(facts.name, uuid, commune, name, is_current)
            for (uuid, commune, name), is_current in seen.items()
        ]
    return found


def list_registered(
    key: str, verb: Verb, *, project_id: int, by: Caller, is_locked: bool = False
) -> list[Registered]:
    """The child or household of that key, and of a household the children that no slip made: the
    others go with their slips. What was erased is not among them.
    """
    uuid = key.strip().lower().removeprefix("uuid:")
    return [
        Registered(facts, row, properties)
        for facts, scope, properties in _iter_lists(verb, project_id, by)
        for row in entity_searches.list_of_key(
            facts.id, scope, uuid, reference=HOUSEHOLD, is_locked=is_locked
        )
        if row.label or row.data
    ]


def erase_registered(found: Sequence[Registered], *, by: Caller) -> None:
    """Empty and delete them, with all of their versions; their UUIDs are never used again."""
    for entity in found:
        empty_entity(entity.row, tz=by.occasion.tz)
    audits.log_many(
        by,
        [("entity.erase", "entity", e.row.id, {"dataset": e.facts.name}) for e in found],
    )


def describe(entity: Registered) -> dict[str, Any]:
    """All that the register has of it, oldest version first, for whoever it is about."""
    versions = entity_pages.list_versions(entity.row.id)
    return {
        "list": entity.facts.name,
        "uuid": entity.row.uuid,
        "versions": [
            {
                "version": version.number,
                "createdAt": version.version_created_at,
                "label": version.label,
                "data": {n: version.data[n] for n in entity.properties if n in version.data},
            }
            for version in versions
        ],
    }


def _iter_lists(
    verb: Verb, project_id: int, by: Caller
) -> Iterator[tuple[DatasetFacts, Scope, tuple[str, ...]]]:
    rights = Rights(by)
    for _, facts in sorted(find_lists(by.catalogue, project_id).items()):
        scope = NOTHING if is_case(facts) else list_scope(facts, rights, verb)
        if scope != NOTHING:
            yield facts, scope, visible_properties(facts, rights, verb)


def _sighted(
    row: entity_searches.VersionRow, properties: Sequence[str], needle: Needle
) -> Iterator[str]:
    if needle.is_in(row.uuid) or needle.is_in(row.label):
        yield _LABEL
    for name in properties:
        if needle.is_in(row.data.get(name, "")):
            yield name
