"""Which lists a form writes to, from where, and what it may do there (openrosa.md §9.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from forms.definitions import FormDefinition
from forms.errors import Problem


class Action(StrEnum):
    """What a form may do to the entities of a list."""

    CREATE = "create"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One `meta/entity`. `container` is the path of the group that has the `meta`, "" the root.

    `repeat` is the nearest repeat at or above the container, "" where there is none.
    `properties` pair the name of a property with the absolute path of its field.
    """

    dataset: str
    container: str
    repeat: str
    actions: frozenset[Action]
    properties: tuple[tuple[str, str], ...]


def read_declarations(definition: FormDefinition) -> tuple[Declaration, ...]:
    """In form order; the definition is one in which `check_declarations` finds nothing."""
    raise NotImplementedError


def check_declarations(definition: FormDefinition) -> Iterator[Problem]:
    """Yield everything for which the form is to be refused."""
    raise NotImplementedError
