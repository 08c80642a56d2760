"""What the slips so far made of each entity, counted as the server and the phones count it.

Every change is version + 1. A phone that has just read the list begins a branch on the server's
version, its trunk; what it writes on the same day is made on its own last change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from random import Random

from server.demo.children import draw_uuid
from server.demo.nodes import Flags


@dataclass(slots=True)
class Known:
    """An entity, and which phone wrote it last and when; `trunk` "" until a phone read the list."""

    id: str
    label: str
    device_id: str
    day: date
    branch_id: str
    version: int = 1
    trunk: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """What the second form about a household says of its entities; children not in it are new."""

    household: Flags
    children: Mapping[str, Flags] = field(default_factory=dict)


def made(rng: Random, id_: str, label: str, *, device_id: str, day: date) -> Known:
    return Known(id_, label, device_id, day, draw_uuid(rng))


def change(rng: Random, known: Known, *, device_id: str, day: date) -> Flags:
    """The flags of an update by this phone; from now on the entity has one version more."""
    if (known.device_id, known.day) != (device_id, day):
        known.device_id, known.day = device_id, day
        known.trunk, known.branch_id = str(known.version), draw_uuid(rng)
    base = str(known.version)
    known.version += 1
    versions = (("baseVersion", base), ("trunkVersion", known.trunk), ("branchId", known.branch_id))
    return (("update", "1"), *versions)
