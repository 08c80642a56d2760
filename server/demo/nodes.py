"""The shape of an instance before it is XML."""

from dataclasses import dataclass
from typing import TypeAlias

Node: TypeAlias = "str | Group | Entity"
Group: TypeAlias = "list[tuple[str, Node]]"


@dataclass(frozen=True, slots=True)
class Entity:
    """The meta/entity of a new entity; a form that only creates leaves the versions blank."""

    entity_list: str
    id: str
    label: str


def asked(*answers: tuple[str, str | None]) -> Group:
    """Keep what the form asked; None stands for a question that was not relevant."""
    return [(name, value) for name, value in answers if value is not None]
