"""What becomes of a change, given the entity's versions: the rule of openrosa.md §9.5.

The last writer wins, always; what staff must look at is marked as a conflict. A change whose
predecessor on the same phone has not come is held.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .changes import Change, is_uuid4
from .declarations import Action


class Conflict(StrEnum):
    """SOFT: the change was made on another version; HARD: both changed the same property."""

    SOFT = "soft"
    HARD = "hard"


class Refusal(StrEnum):
    """Why a change is not applied; the values are the codes of Central's API."""

    FIELD_MISSING = "400.2"
    WRONG_TYPE = "400.11"
    ACTION_NOT_DECLARED = "403.2"
    UNKNOWN_ENTITY = "404.8"
    UNKNOWN_VERSION = "404.9"
    DELETED = "404.11"
    EXISTS = "409.3"
    EXISTED = "409.19"


@dataclass(frozen=True, slots=True)
class Version:
    """One state of an entity. A history is all of them, numbered from 1 without gaps.

    `base_version` is the number on the server of the version that the sender had;
    `branch_base_version` is what the phone called it.
    """

    number: int
    label: str
    data: Mapping[str, str]
    branch_id: str = ""
    trunk_version: int | None = None
    base_version: int | None = None
    branch_base_version: int | None = None
    is_forced_create: bool = False
    """Made of an update, as the creation had not come."""


@dataclass(frozen=True, slots=True)
class Created:
    """Version 1, to be stored."""

    version: Version


@dataclass(frozen=True, slots=True)
class Updated:
    """The next version, to be stored; `conflicting` are properties, `label` for the label."""

    version: Version
    conflict: Conflict | None = None
    conflicting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """The predecessor is still on its way: wait under `key` for a version that has it.

    The predecessor is the change of `branch_id` with that base, or the creation (base None).
    """

    branch_id: str
    branch_base_version: int | None
    key: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An error for the submission's log; the submission itself is kept."""

    code: Refusal
    details: dict[str, object] = field(default_factory=dict)


Outcome = Created | Updated | Held | Refused

GENERATED_LABEL = "auto generated"
_CREATION = "creation"
NOTHING = Version(0, "", {})


def decide(
    change: Change,
    versions: Sequence[Version],
    *,
    is_deleted: bool = False,
    allowed: Collection[Action],
    force: bool = False,
) -> Outcome:
    """Say what is to be stored; `versions` oldest first, none for an unknown entity.

    `allowed` are the actions that the form declares for this list. `force` applies a change that
    was held for too long. Entities that were purged count as deleted.
    """
    refused = _refuse_undeclared(change, allowed) or _refuse_ids(change)
    if refused is None and is_deleted:
        refused = _refuse(change, Refusal.DELETED if change.update else Refusal.EXISTED)
    if refused is not None:
        return refused
    return _update(change, versions, force=force) if change.update else _create(change, versions)


def successors(version: Version) -> tuple[str, ...]:
    """The keys under which changes of the same entity may be held for this version."""
    creation = (_CREATION,) if version.number == 1 else ()
    if version.branch_id and version.branch_base_version is not None:
        return (*creation, _key(version.branch_id, version.branch_base_version))
    return creation


def worst(*conflicts: Conflict | None) -> Conflict | None:
    """Of an entity's open conflicts: none, then SOFT, then HARD."""
    return max((c for c in conflicts if c), key=list(Conflict).index, default=None)


def _update(change: Change, versions: Sequence[Version], *, force: bool) -> Outcome:
    base = change.base_version
    if base is None:
        return _create(change, versions) if change.create else _missing("baseVersion")
    if (change.trunk_version or 0) > len(versions) > 0:
        return _refuse(change, Refusal.UNKNOWN_VERSION, base_version=change.trunk_version)
    if found := find_base(change, base, versions):
        return _replace(change, versions, found)
    if change.branch_id and (change.trunk_version or 0) <= len(versions):
        return _force(change, versions) if force else _hold(change, base, versions)
    if versions:
        return _refuse(change, Refusal.UNKNOWN_VERSION, base_version=base)
    return _create(change, versions) if change.create else _refuse(change, Refusal.UNKNOWN_ENTITY)


def _create(change: Change, versions: Sequence[Version]) -> Outcome:
    if versions and versions[0].is_forced_create:
        return _replace(change, versions, versions[-1], known=NOTHING)
    if versions:
        return _refuse(change, Refusal.EXISTS)
    if not change.label:
        return _missing("label")
    return Created(Version(1, change.label, dict(change.data)))


def _force(change: Change, versions: Sequence[Version]) -> Outcome:
    if versions:
        return _replace(change, versions, versions[-1])
    version = Version(
        number=1,
        label=change.label or GENERATED_LABEL,
        data=dict(change.data),
        branch_id=change.branch_id,
        trunk_version=change.trunk_version,
        branch_base_version=change.base_version,
        is_forced_create=True,
    )
    return Created(version)


def _hold(change: Change, base: int, versions: Sequence[Version]) -> Held:
    if base == 1:
        return Held(change.branch_id, None, _CREATION)
    return Held(change.branch_id, base - 1, _key(change.branch_id, base - 1))


def find_base(change: Change, base: int, versions: Sequence[Version]) -> Version | None:
    """The version that the sender had before the change (§9.5.1)."""
    if not change.branch_id or base in (1, change.trunk_version):
        return next((v for v in versions if v.number == base), None)
    before = (change.branch_id, base - 1)
    own = (v for v in reversed(versions) if (v.branch_id, v.branch_base_version) == before)
    return next(own, None)


def _replace(
    change: Change, versions: Sequence[Version], base: Version, *, known: Version | None = None
) -> Updated:
    """Write over the current version; `known` is what the sender saw, where that is not `base`."""
    current = versions[-1]
    if known is None:
        known = NOTHING if _is_born_elsewhere(change, base) else base
    conflict, conflicting = _judge(change, versions, known)
    version = Version(
        number=current.number + 1,
        label=change.label or current.label,
        data={**current.data, **change.data},
        branch_id=change.branch_id,
        trunk_version=change.trunk_version,
        base_version=base.number,
        branch_base_version=change.base_version if change.branch_id else None,
    )
    return Updated(version, conflict, conflicting)


def _is_born_elsewhere(change: Change, base: Version) -> bool:
    """True where the phone's own version 1 is not the server's, which a later change made."""
    is_own = change.branch_id and change.base_version == 1 and change.trunk_version is None
    return base.is_forced_create and bool(is_own)


def _judge(
    change: Change, versions: Sequence[Version], known: Version
) -> tuple[Conflict | None, tuple[str, ...]]:
    current = versions[-1]
    if known.number == current.number:
        return (Conflict.SOFT if _is_interrupted(change, versions) else None), ()
    return judge_values(change, current, known)


def judge_values(
    change: Change, current: Version, known: Version
) -> tuple[Conflict, tuple[str, ...]]:
    """Of a change that its sender made on `known`, where `current` is something else by now."""
    sent = {**change.data, "label": change.label} if change.label else change.data
    now, then = _values(current), _values(known)
    clashing = tuple(
        name
        for name, value in sent.items()
        if name in now and now[name] != then.get(name) and value != now[name]
    )
    return (Conflict.HARD if clashing else Conflict.SOFT), clashing


def _values(version: Version) -> dict[str, str]:
    return {**version.data, "label": version.label}


def _is_interrupted(change: Change, versions: Sequence[Version]) -> bool:
    """True if others wrote since the phone saw the server; its own creation is version 1."""
    since = change.trunk_version or 1
    others = (v for v in versions if v.number > since and v.branch_id != change.branch_id)
    return bool(change.branch_id) and any(others)


def _key(branch_id: str, base_version: int) -> str:
    return f"{branch_id}/{base_version}"


def _refuse_undeclared(change: Change, allowed: Collection[Action]) -> Refused | None:
    asked = {Action.CREATE: change.create, Action.UPDATE: change.update}
    for action, is_asked in asked.items():
        if is_asked and action not in allowed:
            permitted = [a.value for a in Action if a in allowed]
            return Refused(
                Refusal.ACTION_NOT_DECLARED, {"action": action.value, "permitted": permitted}
            )
    return None


def _refuse_ids(change: Change) -> Refused | None:
    for name, value in (("id", change.id), ("branchId", change.branch_id)):
        if not is_uuid4(value) and (value or name == "id"):
            return Refused(Refusal.WRONG_TYPE, {"field": name, "expected": "UUID v4"})
    return None


def _missing(name: str) -> Refused:
    return Refused(Refusal.FIELD_MISSING, {"field": name})


def _refuse(change: Change, code: Refusal, **details: object) -> Refused:
    return Refused(code, {"dataset": change.dataset, "uuid": change.id, **details})
