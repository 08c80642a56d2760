"""Who is told that something is overdue: a commune's leadership, or the province in its stead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from server.actions.due.units import Homes, find_people
from server.auth.roles import COMMUNE_LEAD, PROVINCE_OFFICER
from server.models import UnitLevel
from server.queries import units
from server.queries.assignments import HolderRow
from server.queries.lineages import Place


@dataclass(frozen=True, slots=True)
class Listeners:
    """Ids of persons with accounts, and so with addresses; phones have none."""

    actor_ids: tuple[int, ...] = ()
    is_province: bool = False


def find_listeners(
    communes: Collection[Place], *, project_id: int, homes: Homes, on: date
) -> Mapping[Place, Listeners]:
    """Communes of which nobody can be told are left out: who manages a project knows no cases."""
    people = find_people(communes, (COMMUNE_LEAD,), project_id=project_id, homes=homes, on=on)
    leaders = {commune: _with_accounts(rows) for (commune, _), rows in people.items()}
    found = {commune: Listeners(ids) for commune, ids in leaders.items() if ids}
    provinces = {
        commune: province
        for commune in communes
        if commune not in found and (province := _province_of(commune, homes)) is not None
    }
    people = find_people(
        set(provinces.values()), (PROVINCE_OFFICER,), project_id=project_id, homes=homes, on=on
    )
    for commune, province in provinces.items():
        if ids := _with_accounts(people.get((province, PROVINCE_OFFICER), ())):
            found[commune] = Listeners(ids, is_province=True)
    return found


def _province_of(commune: Place, homes: Homes) -> Place | None:
    above = units.list_above(*commune)
    provinces = [unit for unit in above if unit.level is UnitLevel.PROVINCE]
    return homes.heir((provinces[0].edition, provinces[0].code)) if provinces else None


def _with_accounts(rows: Iterable[HolderRow]) -> tuple[int, ...]:
    return tuple(row.actor_id for row in rows if row.is_user)
