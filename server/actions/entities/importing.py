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

from server.actions.due.clocks import may_be_due
from server.actions.due.keeping import keep_due
from server.actions.entities.access import require_access
from server.actions.entities.import_checks import Warned, check_file
from server.actions.entities.import_files import AS_IT_IS, LABEL, Reading, Row, opened
from server.actions.entities.places import TodaysPlaces
from server.actions.entities.registering import release_created
from server.auth.callers import Caller
from server.auth.roles import Verb
from server.db import transaction, utc_now
from server.errors import ValueNotAllowed
from server.queries import audits, entities, units
from server.queries.datasets import DatasetFacts
from server.queries.entities import Key, NewVersion

_BATCH = 1000


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

    `on`: the commune codes of the file are those in force that day; it raises ValueNotAllowed where
    none are. A person brings only the properties that are this person's to write.
    """
    access = require_access(facts, Verb.ENTITY_CREATE, by=by)
    if not by.is_operator:
        own = tuple(p for p in facts.properties if p.name in access.properties)
        facts = replace(facts, properties=own)
    places = _places(on)
    outcome = Imported(warnings=check_file(path, facts, reading, places, access.scope))
    with opened(path, facts, reading) as rows:
        batches = 0
        while batch := list(islice(rows, _BATCH)):
            batches += 1
            with transaction():
                new = _write(batch, facts, path.name, places, by)
                if batches.bit_count() == 1:  # each time that it has doubled
                    entities.tell_planner()
            outcome.new += new
            outcome.known += len(batch) - new
            progress(len(batch))
    return outcome


def _places(on: date) -> TodaysPlaces:
    """Raise ValueNotAllowed for a day without communes, unless there are none at all."""
    places = TodaysPlaces(on)
    if places.edition is None and (editions := units.list_editions()):
        raise ValueNotAllowed(
            subject="edition_day",
            field="--as-of",
            value=on.isoformat(),
            reason=editions[0].valid_from.isoformat(),
        )
    return places


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
    keep_due(
        [
            id_
            for id_, (_, version, _, _) in zip(ids, made, strict=True)
            if may_be_due(facts.name, version.data)
        ],
        tz=by.occasion.tz,
    )
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
