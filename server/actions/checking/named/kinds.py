"""The two kinds of named checks: over one slip, and by comparing it with others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from forms.checking import DeclaredCheck, Finding, make_finding
from server.actions.checking.asked import Asked, Key


@dataclass(frozen=True, slots=True)
class Other:
    """An older submission that has the same key."""

    instance_id: str
    same: str | None
    day: date | None
    latitude: float | None
    longitude: float | None


Compare = Callable[[DeclaredCheck, Key, Sequence[Other]], Finding | None]


@dataclass(frozen=True, slots=True)
class Named:
    """`find` looks at the slip before anything is written; or `keys` are kept, and `compare` sees
    the older submissions with an equal key, oldest first.
    """

    find: Callable[[Asked], Iterable[Finding]] | None = None
    keys: Callable[[Asked], Iterable[Key]] | None = None
    compare: Compare | None = None


def found(declared: DeclaredCheck, path: str, value: str, **details: Any) -> Finding:
    return make_finding(declared.id, declared.severity, path, value, **details)


def compare_any(declared: DeclaredCheck, key: Key, others: Sequence[Other]) -> Finding | None:
    """Any other one is one too many, unless it speaks of the same child."""
    for other in others:
        if key.same is None or other.same != key.same:
            return found(declared, key.path, key.value, other=other.instance_id)
    return None
