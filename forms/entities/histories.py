"""What becomes of a change, given the entity's versions: the rule of openrosa.md §9.5."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .changes import Change
from .declarations import Action


class Conflict(StrEnum):
    """SOFT: the change was made on another version; HARD: both changed the same property."""

    SOFT = "soft"
    HARD = "hard"


class Refusal(StrEnum):
    """Why a change is not applied; the values are the codes of Central's API."""

    LABEL_MISSING = "400.2"
    NO_UUID = "400.11"
    ACTION_NOT_DECLARED = "403.2"
    UNKNOWN_ENTITY = "404.8"
    UNKNOWN_VERSION = "404.9"
    DELETED = "404.11"
    EXISTS = "409.3"


@dataclass(frozen=True, slots=True)
class Version:
    """One state of an entity. A history is all of them, numbered from 1 without gaps."""

    number: int
    label: str
    data: Mapping[str, str]
    branch_id: str = ""
    trunk_version: int | None = None
    base_version: int | None = None
    branch_base_version: int | None = None
    is_forced_create: bool = False


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


def decide(
    change: Change,
    versions: Sequence[Version],
    *,
    is_deleted: bool = False,
    allowed: Collection[Action],
    force: bool = False,
) -> Outcome:
    """Say what is to be stored; `versions` oldest first, none for an unknown entity.

    `force` applies a change that was held for too long.
    """
    raise NotImplementedError


def successors(version: Version) -> tuple[str, ...]:
    """The keys under which changes of the same entity may wait for this version."""
    raise NotImplementedError
