"""Whose a thing is that is due: the unit in force today, and its people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from server.auth.territories import find_heir
from server.models import UnitLevel
from server.queries import assignments, lineages, villages
from server.queries.assignments import HolderRow
from server.queries.lineages import Place


@dataclass(frozen=True, slots=True)
class Home:
    """Where an entity lies now; None where that cannot be told."""

    village: str | None
    commune: Place | None

    @property
    def code(self) -> str | None:
        """The smallest unit that is known."""
        return self.village or (self.commune[1] if self.commune else None)

    @property
    def edition(self) -> str | None:
        """Of the commune, where that is the smallest; codes are reused over time."""
        return self.commune[0] if self.commune and not self.village else None


def village_place(code: str) -> Place:
    return "", code


class Homes:
    """Finds each place once: many entities are of few villages."""

    def __init__(self, on: date) -> None:
        self._on = on
        self._homes: dict[tuple[str | None, str | None, str | None], Home] = {}
        self._heirs: dict[Place, Place | None] = {}

    def find(self, village: str | None, edition: str | None, commune: str | None) -> Home:
        """A village goes with its commune; where it names another one, the commune counts."""
        key = (village, edition, commune)
        if key not in self._homes:
            self._homes[key] = self._find(*key)
        return self._homes[key]

    def heir(self, place: Place) -> Place | None:
        """What a unit has become by the day; a village is the same in every edition."""
        if place not in self._heirs:
            unit = find_heir(place, self._on)
            if unit is None:
                self._heirs[place] = None
            elif unit.level is UnitLevel.VILLAGE:
                self._heirs[place] = village_place(unit.code)
            else:
                self._heirs[place] = (unit.edition, unit.code)
        return self._heirs[place]

    def _find(self, village: str | None, edition: str | None, commune: str | None) -> Home:
        known = villages.find_village(village) if village else None
        told = (edition, commune) if edition and commune else None
        if known is not None and told is not None:
            was = villages.list_communes_of_village(known.code)
            known = known if was.get(told[0]) == told[1] else None
        if known is not None:
            return Home(known.code, self.heir((known.edition, known.commune_code)))
        return Home(None, self.heir(told) if told else None)


def find_people(
    places: Collection[Place], role_ids: Collection[int], *, project_id: int, homes: Homes, on: date
) -> Mapping[tuple[Place, int], list[HolderRow]]:
    """By (unit in force, role): whoever has the role there, or had it in what became the unit.

    A commune's people are those assigned to it, not to what it lies in.
    """
    if not places:
        return {}
    codes = {code for _, code in _with_former(places)}
    found: dict[tuple[Place, int], list[HolderRow]] = {}
    for row in assignments.list_holders(role_ids, codes, project_id=project_id, on=on):
        place = homes.heir((row.edition or "", row.unit_code or ""))
        if place in places and place is not None:
            there = found.setdefault((place, row.role_id), [])
            if all(row.actor_id != other.actor_id for other in there):
                there.append(row)
    return found


def _with_former(places: Collection[Place]) -> set[Place]:
    """With all of which something may be in these today."""
    found = set(places)
    ahead = set(places)
    while ahead:
        ahead = set().union(*lineages.find_predecessors(ahead).values()) - found
        found |= ahead
    return found
