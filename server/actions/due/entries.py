"""What is due, in words: whose it is, how late, by what name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.actions.due.clocks import CASES
from server.actions.due.codes import case_code
from server.actions.due.units import Home, Homes, find_people, village_place
from server.auth.callers import Caller
from server.auth.roles import COLLABORATOR, COMMUNE_OFFICER
from server.models import DueKind
from server.queries.assignments import HolderRow
from server.queries.due_items import DueRow
from server.queries.lineages import Place

RESPONSIBLE = (COLLABORATOR, COMMUNE_OFFICER)
"""The roles of a unit's people."""
_People = Mapping[tuple[Place, int], Sequence[HolderRow]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to do. `overdue_by` is None before its time; `responsible` are the unit's people.

    `case_code` is None for children, `unit_edition` for villages, which are the same in all.
    """

    kind: DueKind
    due_at: datetime
    overdue_by: timedelta | None
    list_name: str
    uuid: str
    label: str
    case_code: str | None
    unit_code: str | None
    unit_edition: str | None
    responsible: tuple[tuple[int, str], ...]


def describe(
    rows: Sequence[DueRow],
    *,
    moment: datetime,
    case_work: Collection[str],
    project_id: int,
    by: Caller,
) -> list[Entry]:
    """`case_work` are the names of the lists that only officers have to do with."""
    on = by.occasion.on
    homes = Homes(on)
    lying = [homes.find(row.village_code, row.edition, row.commune_code) for row in rows]
    people = find_people(
        {place for home in lying for place in _places(home)},
        RESPONSIBLE,
        project_id=project_id,
        homes=homes,
        on=on,
    )
    return [
        Entry(
            kind=row.kind,
            due_at=row.due_at,
            overdue_by=moment - row.due_at if row.due_at < moment else None,
            list_name=row.list_name,
            uuid=row.uuid,
            label=row.label,
            case_code=case_code(row.data, row.uuid) if row.list_name == CASES else None,
            unit_code=home.code,
            unit_edition=home.edition,
            responsible=_responsible(home, people, is_case=row.list_name in case_work),
        )
        for row, home in zip(rows, lying, strict=True)
    ]


def _places(home: Home) -> list[Place]:
    village = [village_place(home.village)] if home.village else []
    return [*village, *([home.commune] if home.commune else [])]


def _responsible(home: Home, people: _People, *, is_case: bool) -> tuple[tuple[int, str], ...]:
    """The collaborators of the village; for what is case work the officers of the commune, and
    where there is no collaborator.
    """
    keys = [] if is_case else [(place, COLLABORATOR) for place in _places(home)]
    if home.commune is not None:
        keys.append((home.commune, COMMUNE_OFFICER))
    found = next((people[key] for key in keys if key in people), ())
    return tuple((row.actor_id, row.display_name) for row in found)
