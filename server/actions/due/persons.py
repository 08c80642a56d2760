"""What one person answers for: found by the person's own units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from server.actions.due.clocks import CASES
from server.actions.due.entries import RESPONSIBLE, Entry
from server.auth.territories import find_heir, find_scope
from server.models import UnitLevel
from server.queries import assignments, due_items, villages
from server.queries.assignments import AssignmentRow
from server.queries.due_items import DueRow, Reach, Wanted
from server.queries.lineages import Place
from server.queries.scopes import Scope

_PAGE = 500
_LEVELS = (UnitLevel.VILLAGE, UnitLevel.COMMUNE)
_Pair = tuple[DueRow, Entry]


def iter_of_person(
    actor_id: int,
    wanted: Wanted,
    describe: Callable[[Sequence[DueRow]], list[Entry]],
    *,
    project_id: int,
    on: date,
) -> Iterator[Entry]:
    """Those of the wanted for which the person is responsible, in their order."""
    reach = _find_reach(actor_id, project_id, on)
    if reach is None:
        return
    pages = due_items.iter_due(replace(wanted, of_person=reach, first=None), _PAGE)
    pairs = (pair for page in pages for pair in zip(page, describe(page), strict=True))
    own = (pair for pair in pairs if any(id_ == actor_id for id_, _ in pair[1].responsible))
    for _, same in groupby(own, key=lambda pair: pair[0].due_at):
        yield from _once(list(same))


def _once(pairs: Sequence[_Pair]) -> Iterable[Entry]:
    """Of what is due at one moment: no visit of a child that is one of its case's, too."""
    of_cases = {row.child_uuid for row, _ in pairs if row.list_name == CASES}
    return (
        entry for row, entry in pairs if row.list_name == CASES or row.child_uuid not in of_cases
    )


def _find_reach(actor_id: int, project_id: int, on: date) -> Reach | None:
    """Everything in the units of the person; None without any. What is there for others is inside
    too: of a village the commune's officers answer for what has no collaborator.
    """
    places = {
        (row.edition or "", row.unit_code)
        for row in assignments.list_assignments(actor_id)
        if row.unit_code and _counts(row, project_id, on)
    }
    found = {place: find_heir(place, on) for place in places}
    near = {place for place, unit in found.items() if unit is not None and unit.level in _LEVELS}
    if not near:
        return None
    scope = find_scope(near, on)
    return Reach(scope, frozenset(_villages_of(near, scope)))


def _counts(row: AssignmentRow, project_id: int, on: date) -> bool:
    return (
        row.role_id in RESPONSIBLE
        and row.project_id in (None, project_id)
        and (row.valid_from is None or row.valid_from <= on)
        and (row.valid_to is None or row.valid_to >= on)
    )


def _villages_of(places: Iterable[Place], scope: Scope) -> Iterator[str]:
    """Codes by which what is known to lie in a village, but in no commune, belongs there."""
    yield from (code for _, code in places)
    yield from scope.villages_of_split
    for edition in {edition for edition, _ in scope.communes}:
        codes = [code for other, code in scope.communes if other == edition]
        yield from (row.code for row in villages.list_villages(edition, codes))
