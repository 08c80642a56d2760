"""Bring entities from a CSV file into a list: checked whole, then written in batches.

Running it again brings nothing twice: a row is known by its `name` (a version 4 UUID), or else by
all that it says.
"""

from __future__ import annotations

import csv
import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import TextIO

from forms.entities import is_uuid4
from server.actions.due.keeping import keep_due
from server.actions.entities.lists import list_scope
from server.actions.entities.places import place_of
from server.auth.callers import Caller
from server.auth.gate import Rights
from server.auth.roles import Verb
from server.db import transaction, utc_now
from server.errors import EntityFileRefused, NotAllowed
from server.queries import audits, entities, units
from server.queries.datasets import DatasetFacts
from server.queries.entities import Key, NewVersion, Place
from server.queries.scopes import NOTHING, Scope

_BATCH = 1000
_NAME, _LABEL = "name", "label"
_OURS = ("__id", "__version", "__createdAt", "__creatorId", "__creatorName", "__updates")
"""Columns of our own exports that say nothing new."""


@dataclass(slots=True)
class Imported:
    """How many rows made an entity, and how many were there before."""

    new: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    uuid: str
    label: str
    data: dict[str, str]


def import_entities(
    path: Path,
    facts: DatasetFacts,
    *,
    on: date,
    by: Caller,
    progress: Callable[[int], object] = lambda count: None,
) -> Imported:
    """Raise EntityFileRefused before anything is written; each batch is a transaction."""
    scope = list_scope(facts, Rights(by), Verb.ENTITY_CREATE)
    if scope == NOTHING:
        raise NotAllowed
    edition = units.find_edition(on)
    sent_from = Place(edition=edition.id if edition else None)
    _check(path, facts, sent_from, scope)
    outcome = Imported()
    with _opened(path, facts) as rows:
        while batch := list(islice(rows, _BATCH)):
            with transaction():
                new = _write(batch, facts, path.name, sent_from, by)
            outcome.new += new
            outcome.known += len(batch) - new
            progress(len(batch))
    return outcome


def _check(path: Path, facts: DatasetFacts, sent_from: Place, scope: Scope) -> None:
    seen: set[str] = set()
    with _opened(path, facts) as rows:
        for row in rows:
            if not is_uuid4(row.uuid):
                raise _refused(path, "entity_name", line=row.line, value=row.uuid[:60])
            if not row.label:
                raise _refused(path, "entity_label", line=row.line)
            if row.uuid in seen:
                raise _refused(path, "entity_twice", line=row.line, value=row.uuid)
            seen.add(row.uuid)
            place = place_of(row.data, row.data, before=None, sent_from=sent_from)
            if not scope.holds(place.village_code, place.edition or "", place.commune_code or ""):
                raise NotAllowed


def _write(
    batch: Sequence[_Row], facts: DatasetFacts, filename: str, sent_from: Place, by: Caller
) -> int:
    at = utc_now()
    keys: list[Key] = [(facts.id, row.uuid) for row in batch]
    known = entities.lock_entities(keys)
    made = []
    for row, key in zip(batch, keys, strict=True):
        if key not in known:
            place = place_of(row.data, row.data, before=None, sent_from=sent_from)
            made.append((key, _version(row, filename, by), place, at))
    ids = entities.add_entities(made)
    entities.add_versions(
        [(id_, version, at) for id_, (_, version, _, _) in zip(ids, made, strict=True)]
    )
    keep_due(ids, tz=by.occasion.tz)
    entities.touch_places(facts.id, [place for _, _, place, _ in made])
    if made:
        audits.log(by, "entity.bulk.create", "dataset", facts.id, count=len(made))
    return len(made)


def _version(row: _Row, filename: str, by: Caller) -> NewVersion:
    return NewVersion(
        number=1,
        label=row.label,
        data=row.data,
        received={**row.data, _LABEL: row.label},
        source=f"import {filename}"[:255],
        creator_id=by.actor_id,
    )


@contextmanager
def _opened(path: Path, facts: DatasetFacts) -> Iterator[Iterator[_Row]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield _rows(file, path, facts)
    except UnicodeDecodeError as error:
        raise _refused(path, "entity_encoding") from error


def _rows(file: TextIO, path: Path, facts: DatasetFacts) -> Iterator[_Row]:
    reader = csv.reader(file)
    header = [cell.strip() for cell in next(reader, [])]
    columns = _check_header(header, path, facts)
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise _refused(path, "entity_cells", line=reader.line_num, count=len(header))
        values = {name: cells[at].strip() for name, at in columns.items()}
        label, name = values.pop(_LABEL), values.pop(_NAME, "")
        data = {property_: text for property_, text in values.items() if text}
        own = name.lower().removeprefix("uuid:") or _uuid_of(facts, label, data)
        yield _Row(reader.line_num, own, label, data)


def _check_header(header: Sequence[str], path: Path, facts: DatasetFacts) -> dict[str, int]:
    known = [_NAME, _LABEL, *(p.name for p in facts.properties)]
    for at, name in enumerate(header):
        if name in header[:at]:
            raise _refused(path, "entity_column_twice", column=name)
        if name not in known and name not in _OURS:
            near = ", ".join(get_close_matches(name, known, 1)) or ", ".join(known)
            raise _refused(path, "entity_column", column=name, list=facts.name, expected=near)
    if _LABEL not in header:
        raise _refused(path, "entity_no_label")
    return {name: at for at, name in enumerate(header) if name in known}


def _uuid_of(facts: DatasetFacts, label: str, data: Mapping[str, str]) -> str:
    """The same for the same row, so that a file may be imported again."""
    text = repr((facts.project_id, facts.name, label, sorted(data.items())))
    return str(uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


def _refused(path: Path, subject: str, **details: object) -> EntityFileRefused:
    return EntityFileRefused(subject=subject, file=path.name, **details)
