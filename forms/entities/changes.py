"""What a filled instance asks for: one Change for each `meta/entity` that is active."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from .declarations import Declaration


@dataclass(frozen=True, slots=True)
class Change:
    """A wish to create or update one entity, as it was sent.

    `path` is the container with the index of every repeat, `/rep_child[2]`; "" is the root.
    `data` has the properties whose fields are in the instance, blank ones too. A flag stays
    also where the form does not declare it: `decide` refuses that.
    """

    dataset: str
    path: str
    id: str
    create: bool
    update: bool
    base_version: int | None
    trunk_version: int | None
    branch_id: str
    label: str
    data: dict[str, str]


def read_changes(root: etree._Element, declarations: Sequence[Declaration]) -> list[Change]:
    """In document order: the root first, then groups and every instance of a repeat."""
    raise NotImplementedError


def is_uuid4(text: str) -> bool:
    """True for a version 4 UUID in its canonical form, in either case."""
    raise NotImplementedError
