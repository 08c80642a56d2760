"""What staff and programs do with entities, as against what slips say (central-api.md §15.2).

Every change goes through the gate and is done whole or not at all; the caller's transaction holds
it. Versions rise by one, the marks of the places touched are others afterwards, and what slips
asked for in vain until now is done.
"""

from __future__ import annotations

import uuid as uuids
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NoReturn

from forms.entities import Version, is_uuid4, successors
from server.actions.due.keeping import keep_due
from server.actions.entities.access import Access, require_access
from server.actions.entities.applying import held_key
from server.actions.entities.input_checks import (
    check_commune,
    check_data,
    check_label,
    settle_place,
)
from server.actions.entities.locking import (
    lock_one,
    lock_seen,
    pages,
    place_in,
    require_free,
    require_within,
)
from server.actions.entities.places import TodaysPlaces
from server.actions.entities.references import touch_references
from server.actions.entities.registering import release_waiting
from server.auth.callers import Caller
from server.auth.roles import Verb
from server.db import utc_now
from server.errors import (
    EntityRefused,
    EntityVersionDiffers,
    NoConflict,
    WrongType,
)
from server.queries import audits, entities
from server.queries.datasets import DatasetFacts
from server.queries.entities import EntityRow, Key, NewVersion, Place


@dataclass(frozen=True, slots=True)
class NewEntity:
    """An entity to be made; without a uuid it gets one."""

    uuid: str | None
    label: str
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be another in an entity: None or left out stays.

    It is made on `base_version`, or with `force` on whatever is there. `resolve` says that
    somebody looked at the conflict.
    """

    label: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    base_version: int | None = None
    force: bool = False
    resolve: bool = False

    @property
    def is_empty(self) -> bool:
        return self.label is None and not self.data


@dataclass(frozen=True, slots=True)
class Origin:
    """How it came, as versions keep it: `api`, `import:NAME`, `web`; and by which program."""

    source: str
    user_agent: str | None = None


def create_entities(
    facts: DatasetFacts,
    new: Sequence[NewEntity],
    origin: Origin,
    *,
    by: Caller,
    in_bulk: bool = False,
) -> list[str]:
    """Make all of them or none; return their uuids in that order.

    Raises AlreadyExists for a uuid that is there or comes twice, EntitiesDeleted for such as were,
    ValueNotAllowed for a commune that is not there today, and NotAllowed where one belongs to a
    place in which the caller may make none.
    """
    access = require_access(facts, Verb.ENTITY_CREATE, by=by)
    checked = [_check_new(entity, access) for entity in new]
    wanted = [entity.uuid or "" for entity in checked]
    require_free(facts.id, wanted)
    places = TodaysPlaces(by.occasion.on)
    at = utc_now()
    made: list[tuple[Key, NewVersion, Place, datetime]] = []
    for entity in checked:
        check_commune(entity.data, places)
        place = places.find(entity.data, entity.data, before=None)
        require_within(place, access.scope)
        version = _first_version(entity, origin, by)
        made.append(((facts.id, entity.uuid or ""), version, place, at))
    ids = entities.add_entities(made)
    rows = [(id_, version, at) for id_, (_, version, _, _) in zip(ids, made, strict=True)]
    entities.add_versions(rows)
    keep_due(ids, tz=by.occasion.tz)
    entities.touch_places(facts.id, [place for _, _, place, _ in made])
    _log(by, "entity.bulk.create" if in_bulk else "entity.create", zip(ids, wanted, strict=True))
    _release([(key, version) for key, version, _, _ in made], by)
    return wanted


def update_entity(facts: DatasetFacts, uuid: str, edit: Edit, origin: Origin, *, by: Caller) -> int:
    """Change an entity, resolve its conflict, or both; return its version then.

    Raises EntityVersionDiffers unless the edit was made on the version that is there, and
    ValueNotAllowed for a commune that is not there today. Another village brings its commune along.
    """
    access = require_access(facts, Verb.ENTITY_UPDATE, by=by)
    row = lock_one(access, uuid, by=by)
    if not edit.force and edit.base_version != row.version:
        _refuse_base(row.version, edit.base_version)
    if edit.resolve and row.conflict is None:
        raise NoConflict
    if edit.is_empty and not edit.resolve:
        raise EntityRefused(subject="nothing", reason="neither label nor data")
    if edit.resolve:
        entities.resolve_conflict(row.id, utc_now())
        entities.touch_places(facts.id, [place_in(row)])
        _log(by, "entity.update.resolve", [(row.id, uuid)], version=row.version)
        row = entities.lock_entities([(facts.id, uuid)])[(facts.id, uuid)]
    return row.version if edit.is_empty else _write(row, edit, access, origin, by)


def _refuse_base(current: int, base: int | None) -> NoReturn:
    if base is None:
        raise EntityVersionDiffers(subject="unsaid", current=str(current), provided="")
    raise EntityVersionDiffers(current=str(current), provided=str(base))


def resolve_conflict(facts: DatasetFacts, uuid: str, *, by: Caller) -> None:
    """Say that somebody looked at it; whatever version is there stays."""
    update_entity(facts, uuid, Edit(force=True, resolve=True), Origin(""), by=by)


def delete_entity(facts: DatasetFacts, uuid: str, *, by: Caller) -> None:
    """Off the phones' lists; it can be restored."""
    row = lock_one(require_access(facts, Verb.ENTITY_DELETE, by=by), uuid, by=by)
    _set_deleted(facts, [row], utc_now(), "entity.delete", by)


def restore_entity(facts: DatasetFacts, uuid: str, *, by: Caller) -> None:
    access = require_access(facts, Verb.ENTITY_RESTORE, by=by)
    row = lock_one(access, uuid, by=by, is_deleted=True)
    _set_deleted(facts, [row], None, "entity.restore", by)


def delete_entities(facts: DatasetFacts, wanted: Collection[str], *, by: Caller) -> int:
    """Those of them that are there; return how many. Raises NotAllowed, and then deletes none."""
    access = require_access(facts, Verb.ENTITY_DELETE, by=by)
    rows = lock_seen(access, wanted, by=by, is_deleted=False)
    _set_deleted(facts, rows, utc_now(), "entity.bulk.delete", by)
    return len(rows)


def restore_entities(facts: DatasetFacts, wanted: Collection[str], *, by: Caller) -> int:
    access = require_access(facts, Verb.ENTITY_RESTORE, by=by)
    rows = lock_seen(access, wanted, by=by, is_deleted=True)
    _set_deleted(facts, rows, None, "entity.bulk.restore", by)
    return len(rows)


def plain_uuid(text: str) -> str:
    """As the register has it: lower case, without `uuid:`. Raises WrongType for anything else."""
    uuid = text.strip().lower().removeprefix("uuid:")
    if not is_uuid4(uuid):
        raise WrongType(field="uuid", expected="UUID v4")
    return uuid


def _check_new(entity: NewEntity, access: Access) -> NewEntity:
    uuid = str(uuids.uuid4()) if entity.uuid is None else plain_uuid(entity.uuid)
    return NewEntity(uuid, check_label(entity.label), check_data(entity.data, access))


def _first_version(entity: NewEntity, origin: Origin, by: Caller) -> NewVersion:
    data = dict(entity.data)
    return NewVersion(
        number=1,
        label=entity.label,
        data=data,
        received={**data, "label": entity.label},
        source=origin.source[:255],
        creator_id=by.actor_id,
        user_agent=origin.user_agent,
    )


def _write(row: EntityRow, edit: Edit, access: Access, origin: Origin, by: Caller) -> int:
    sent = check_data(edit.data, access)
    label = None if edit.label is None else check_label(edit.label)
    places = TodaysPlaces(by.occasion.on)
    said = settle_place(sent, row.data, access.facts, places)
    data = {**row.data, **sent, **said}
    version = NewVersion(
        number=row.version + 1,
        label=label or row.label,
        data=data,
        received={**sent, "label": label} if label else sent,
        base_version=row.version,
        source=origin.source[:255],
        creator_id=by.actor_id,
        user_agent=origin.user_agent,
    )
    before = place_in(row)
    place = places.find(data, said, before=before)
    at = utc_now()
    entities.change_entities([(row.id, replace(version, conflict=row.conflict), place, at)])
    entities.add_versions([(row.id, version, at)])
    keep_due([row.id], tz=by.occasion.tz)
    entities.touch_places(access.facts.id, [before, place])
    _log(by, "entity.update.version", [(row.id, row.uuid)], version=version.number)
    _release([((access.facts.id, row.uuid), version)], by)
    return version.number


def _set_deleted(
    facts: DatasetFacts, rows: Sequence[EntityRow], at: datetime | None, action: str, by: Caller
) -> None:
    for row in rows:
        entities.set_deleted(row.id, at)
        if row.merged_into_id is not None:
            touch_references(row.id)
    keep_due([row.id for row in rows], tz=by.occasion.tz)
    entities.touch_places(facts.id, [place_in(row) for row in rows])
    _log(by, action, [(row.id, row.uuid) for row in rows])


def _log(by: Caller, action: str, changed: Iterable[tuple[int, str]], **details: object) -> None:
    """A row for each (id, uuid), also of what was done in bulk: whose it was stays findable."""
    entries = [(action, "entity", id_, {"uuid": uuid, **details}) for id_, uuid in changed]
    audits.log_many(by, entries)


def _release(changed: Sequence[tuple[Key, NewVersion]], by: Caller) -> None:
    """What slips ask for that waited for these."""
    keys = [
        held_key(key, waiting)
        for key, version in changed
        for waiting in successors(Version(version.number, version.label, version.data))
    ]
    for page in pages(keys):
        release_waiting([*page], by)
