"""The entities that a slip is about, locked, with their histories."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from forms.entities import Version, is_uuid4
from server.models import ConflictState
from server.queries import entities
from server.queries.entities import EntityRow, Key, NewVersion, Place, VersionRow

_VIA = "via "


@dataclass(slots=True)
class Subject:
    """One entity while a slip is applied."""

    key: Key
    id: int | None = None
    versions: list[Version] = field(default_factory=list)
    conflict: ConflictState | None = None
    is_deleted: bool = False
    before: Place | None = None
    place: Place = field(default_factory=Place)
    added: list[NewVersion] = field(default_factory=list)
    awaited: list[str] = field(default_factory=list)
    """The keys of what may have waited for what was added."""
    merged: dict[str, list[Version]] = field(default_factory=dict)
    """The histories of those that the slip names and that became part of this one, by uuid."""
    merged_ids: dict[str, int] = field(default_factory=dict)
    """And their ids."""


def via(uuid: str) -> str:
    """The source of a version that came for an entity which was merged into this one."""
    return f"{_VIA}{uuid}"


def load_subjects(keys: Collection[Key]) -> dict[Key, Subject]:
    """By the key that the slip names; two that became one are one subject."""
    subjects = {key: Subject(key) for key in sorted(keys)}
    known = entities.lock_entities([key for key in keys if is_uuid4(key[1])])
    merged = {key: row for key, row in known.items() if _is_merged(row)}
    survivors = {key: _lock_survivor(row) for key, row in merged.items()}
    rows = {row.id: row for row in [*known.values(), *survivors.values()]}
    histories = entities.list_versions(rows) if rows else {}
    for key, row in {**known, **survivors}.items():
        own = (row.dataset_id, row.uuid)
        subject = subjects.setdefault(own, Subject(own))
        subjects[key] = subject if subject.id is not None else _fill(subject, row, histories)
        if key in merged:
            subject.merged[key[1]] = [_version(v) for v in histories[merged[key].id]]
            subject.merged_ids[key[1]] = merged[key].id
    return {key: subjects[key] for key in sorted(keys)}


def _is_merged(row: EntityRow) -> bool:
    """Of one that was erased nothing may come back."""
    return row.merged_into_id is not None and bool(row.label)


def _lock_survivor(row: EntityRow) -> EntityRow:
    """What it is part of now, however often that was merged itself."""
    while _is_merged(row):
        row = entities.lock_entity(row.merged_into_id)
    return row


def _fill(subject: Subject, row: EntityRow, histories: dict[int, list[VersionRow]]) -> Subject:
    subject.id = row.id
    subject.conflict = row.conflict
    subject.is_deleted = row.deleted_at is not None
    subject.before = subject.place = Place(row.village_code, row.edition, row.commune_code)
    subject.versions = [_version(v) for v in histories[row.id]]
    return subject


def _version(row: VersionRow) -> Version:
    return Version(
        number=row.number,
        label=row.label,
        data=row.data,
        branch_id=row.branch_id,
        trunk_version=row.trunk_version,
        base_version=row.base_version,
        branch_base_version=row.branch_base_version,
        is_forced_create=row.is_forced_create,
    )
