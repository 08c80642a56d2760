"""Which lists a form writes to, from where, and what it may do there (openrosa.md §9.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forms.definitions import EntityDeclaration, FormDefinition, Kind

_CREATE_ONLY = "2022.1"


class Action(StrEnum):
    """What a form may do to the entities of a list."""

    CREATE = "create"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One `meta/entity`. `container` is the path of the group that has the `meta`, "" the root.

    `repeat` is the nearest repeat at or above the container, "" where there is none;
    `outer_repeats` are those around it, the outermost first. `properties` pair the name of a
    property with the absolute path of its field.
    """

    dataset: str
    container: str
    repeat: str
    actions: frozenset[Action]
    properties: tuple[tuple[str, str], ...]
    outer_repeats: tuple[str, ...] = ()

    @property
    def repeats(self) -> tuple[str, ...]:
        return (*self.outer_repeats, self.repeat) if self.repeat else ()


def read_declarations(definition: FormDefinition) -> tuple[Declaration, ...]:
    """In form order; only of use where `check_declarations` finds nothing."""
    if not definition.entities:
        return ()
    repeats = read_repeats(definition)
    saved: dict[str, list[tuple[str, str]]] = {}
    for field in definition.fields():
        owner = find_owner(field.path, definition, repeats) if field.bind.save_to else None
        if owner is not None:
            saved.setdefault(owner, []).append((field.bind.save_to, field.path))
    return tuple(
        Declaration(
            dataset=declared.dataset,
            container=container_of(declared),
            repeat=_nearest(container_of(declared), repeats),
            actions=read_actions(declared, definition.entities_version),
            properties=tuple(saved.get(container_of(declared), ())),
            outer_repeats=_around(container_of(declared), repeats)[:-1],
        )
        for declared in definition.entities
    )


def read_actions(declared: EntityDeclaration, version: str) -> frozenset[Action]:
    """What the attributes of the entity element say; the first version knew creations only."""
    if version.startswith(_CREATE_ONLY):
        return frozenset({Action.CREATE})
    return frozenset(action for action in Action if action in declared.attributes)


def read_repeats(definition: FormDefinition) -> tuple[str, ...]:
    """The paths of all repeats, outer ones before those inside them."""
    return tuple(field.path for field in definition.fields() if field.kind is Kind.REPEAT)


def find_owner(path: str, definition: FormDefinition, repeats: tuple[str, ...]) -> str | None:
    """The container whose entity keeps the field: the nearest, but none outside its repeat."""
    containers = (container_of(declared) for declared in definition.entities)
    above = [c for c in containers if path.startswith(f"{c}/")]
    nearest = max(above, key=len, default=None)
    repeat = _nearest(path, repeats)
    is_inside = nearest is not None and f"{nearest}/".startswith(f"{repeat}/")
    return nearest if is_inside else None


def container_of(declared: EntityDeclaration) -> str:
    return declared.container.rstrip("/")


def _nearest(path: str, repeats: tuple[str, ...]) -> str:
    return next(reversed(_around(path, repeats)), "")


def _around(path: str, repeats: tuple[str, ...]) -> tuple[str, ...]:
    """The repeats that the path is in or is, the outermost first."""
    return tuple(repeat for repeat in repeats if f"{path}/".startswith(f"{repeat}/"))
