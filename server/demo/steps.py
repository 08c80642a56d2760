"""What happens in a demonstration, one after the other: slips, and what staff do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Filled:
    """A slip, and the commune of the officer who sends it; "" where a collaborator does.

    `arrived_at`: when it came in; None: now.
    """

    form_id: str
    xml: bytes
    commune_code: str = ""
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """An entity that staff take to another village; made on the version that slips left."""

    entity_list: str
    id: str
    base_version: int
    village_code: str
    commune_code: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Two children of the register who are one."""

    keep: str
    drop: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A household that withdraws its consent."""

    household_key: str


@dataclass(frozen=True, slots=True)
class VillageList:
    """A list of villages that an operator imports."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OldRegister:
    """An old spreadsheet of children: TCVN3, and groups of the law of 2004.

    Its communes are those of that day.
    """

    filename: str
    content: bytes
    as_of: date


Step: TypeAlias = Filled | Move | Merge | Withdrawal | VillageList | OldRegister
