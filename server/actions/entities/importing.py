"""Bring entities from a CSV file into a list: checked whole, then written in batches.

Running it again brings nothing twice: a row is known by its `name` (a version 4 UUID), or else by
all that it says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path

from forms.entities import is_uuid4
from server.actions.due.keeping import keep_due
from server.actions.entities.access import require_access
from server.actions.entities.groups_2004 import Left
from server.actions.entities.import_files import AS_IT_IS, LABEL, Reading, Row, opened, refused
from server.actions.entities.places import TodaysPlaces
from server.actions.entities.registering import release_created
from server.auth.callers import Caller
from server.auth.roles import Verb
from server.db import transaction, utc_now
from server.errors import NotAllowed
from server.queries import audits, entities
from server.queries.datasets import DatasetFacts
from server.queries.entities import Key, NewVersion
from server.queries.scopes import Scope

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Warned:
    """A group that a line names and that was not taken over."""

    line: int
    left: Left


@dataclass(slots=True)
class Imported:
    """How many rows made an entity, and how many were there before."""

    new: int = 0
    known: int = 0
    warnings: list[Warned] = field(default_factory=list)


def import_entities(
    path: Path,
    facts: DatasetFacts,
    *,
    on: date,
    by: Caller,
    reading: Reading = AS_IT_IS,
    progress: Callable[[int], object] = lambda count: None,
) -> Imported:
    """Raise EntityFileRefused before anything is written; each batch is a transaction.

    `on`: the commune codes of the file are those in force that day. A person brings only the
    properties that are this person's to write.
    """
    access = require_access(facts, Verb.ENTITY_CREATE, by=by)
    if not by.is_operator:
        own = tuple(p for p in facts.properties if p.name in access.properties)
        facts = replace(facts, properties=own)
    places = TodaysPlaces(on)
    outcome = Imported(warnings=_check(path, facts, reading, places, access.scope))
    with opened(path, facts, reading) as rows:
        while batch := list(islice(rows, _BATCH)):
            with transaction():
                new = _write(batch, facts, path.name, places, by)
            outcome.new += new
            outcome.known += len(batch) - new
            progress(len(batch))
    return outcome


def _check(
    path: Path, facts: DatasetFacts, reading: Reading, places: TodaysPlaces, scope: Scope
) -> list[Warned]:
    seen: set[str] = set()
    warnings: list[Warned] = []
    with opened(path, facts, reading) as rows:
        for row in rows:
            if not is_uuid4(row.uuid):
                raise refused(path, "entity_name", line=row.line, value=row.uuid[:60])
            if not row.label:
                raise refused(path, "entity_label", line=row.line)
            if row.uuid in seen:
                raise refused(path, "entity_twice", line=row.line, value=row.uuid)
            seen.add(row.uuid)
            place = places.find(row.data, row.data)
            if place.village_code and not place.commune_code:
                raise refused(path, "entity_village", line=row.line, village=place.village_code)
            commune = row.data.get("commune_code", "")
            if commune and commune != place.commune_code:
                raise refused(path, "entity_commune", line=row.line, commune=commune[:60])
            if not scope.holds(place.village_code, place.edition or "", place.commune_code or ""):
                raise NotAllowed
            warnings += [Warned(row.line, left) for left in row.left]
    return warnings


def _write(
    batch: Sequence[Row], facts: DatasetFacts, filename: str, places: TodaysPlaces, by: Caller
) -> int:
    at = utc_now()
    keys: list[Key] = [(facts.id, row.uuid) for row in batch]
    known = entities.lock_entities(keys)
    made = []
    for row, key in zip(batch, keys, strict=True):
        if key not in known:
            place = places.find(row.data, row.data)
            made.append((key, _version(row, filename, by), place, at))
    ids = entities.add_entities(made)
    entities.add_versions(
        [(id_, version, at) for id_, (_, version, _, _) in zip(ids, made, strict=True)]
    )
    keep_due(ids, tz=by.occasion.tz)
    entities.touch_places(facts.id, [place for _, _, place, _ in made])
    if made:
        audits.log(by, "entity.bulk.create", "dataset", facts.id, count=len(made))
    release_created([key for key, _, _, _ in made], by)
    return len(made)


def _version(row: Row, filename: str, by: Caller) -> NewVersion:
    return NewVersion(
        number=1,
        label=row.label,
        data=row.data,
        received={**row.data, LABEL: row.label},
        source=f"import {filename}"[:255],
        creator_id=by.actor_id,
    )
