"""The shape of an instance before it is XML."""

from dataclasses import dataclass
from typing import TypeAlias

Node: TypeAlias = "str | Group | Entity"
Group: TypeAlias = "list[tuple[str, Node]]"


Flags: TypeAlias = tuple[tuple[str, str], ...]
"""The attributes of a meta/entity, in the order in which phones write them."""
_NO_VERSION = (("baseVersion", ""), ("trunkVersion", ""), ("branchId", ""))
CREATED: Flags = (("create", "1"),)
"""By a form that only creates."""
CREATED_NOT_UPDATED: Flags = (("create", "1"), ("update", "0"), *_NO_VERSION)


@dataclass(frozen=True, slots=True)
class Entity:
    """The meta/entity of a form: what it does to which entity."""

    entity_list: str
    id: str
    label: str
    flags: Flags = CREATED_NOT_UPDATED


def asked(*answers: tuple[str, str | None]) -> Group:
    """Keep what the form asked; None stands for a question that was not relevant."""
    return [(name, value) for name, value in answers if value is not None]
