"""Tell a commune's leadership what has become overdue: once, in numbers and codes of cases.

What nobody could be told of is written down all the same, and told when there is somebody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from server.actions.due.clocks import CASES
from server.actions.due.codes import case_code
from server.actions.due.listeners import Listeners, find_listeners
from server.actions.due.units import Homes
from server.auth.callers import Caller
from server.models import DueKind
from server.queries import audits, due_items, jobs
from server.queries.due_items import DueKey, OverdueRow
from server.queries.lineages import Place

MOST = 5000
_LONGEST = 50
_NOBODY = Listeners()
_Group = tuple[int, Place | None]
"""(project, commune)"""


def escalate_overdue(*, now: datetime, has_post: bool, by: Caller) -> int:
    """Write down what became overdue; return how much that was, at most MOST at once.

    It is told by a row of the audit log for each commune, and, where there is post, by a job for
    each of those who are told, which sends the mail.
    """
    rows = due_items.lock_untold(now, MOST)
    homes = Homes(by.occasion.on)
    groups = _group(rows, homes)
    listeners = _find_listeners(groups, homes, by) if has_post else {}
    for group, members in groups.items():
        _tell("due.escalate", group, members, listeners.get(group, _NOBODY), by)
    due_items.mark_told(_keys(rows), now)
    due_items.mark_heard(_keys(m for g in listeners for m in groups[g]), now)
    return len(rows)


def tell_unheard(after: DueKey | None, *, now: datetime, by: Caller) -> DueKey | None:
    """Tell of what nobody was told of, where there is somebody now: at most MOST by key.

    Return the last key that was looked at, None where there is no more.
    """
    rows = due_items.lock_unheard(after, MOST)
    homes = Homes(by.occasion.on)
    groups = _group(rows, homes)
    listeners = _find_listeners(groups, homes, by)
    for group, told in listeners.items():
        _tell("due.tell", group, groups[group], told, by)
        due_items.mark_heard(_keys(groups[group]), now)
    return (rows[-1].entity_id, rows[-1].kind) if rows else None


def _group(rows: Sequence[OverdueRow], homes: Homes) -> dict[_Group, list[OverdueRow]]:
    groups: dict[_Group, list[OverdueRow]] = {}
    for row in rows:
        home = homes.find(row.village_code, row.edition, row.commune_code)
        groups.setdefault((row.project_id, home.commune), []).append(row)
    return groups


def _find_listeners(
    groups: Mapping[_Group, object], homes: Homes, by: Caller
) -> dict[_Group, Listeners]:
    found: dict[_Group, Listeners] = {}
    for project_id in sorted({project_id for project_id, _ in groups}):
        communes = {c for project, c in groups if project == project_id and c is not None}
        of_project = find_listeners(communes, project_id=project_id, homes=homes, on=by.occasion.on)
        found |= {(project_id, commune): told for commune, told in of_project.items()}
    return found


def _tell(
    action: str, group: _Group, rows: Sequence[OverdueRow], told: Listeners, by: Caller
) -> None:
    _, commune = group
    counted = Counter(row.kind for row in _once(rows))
    counts = {kind.value: counted[kind] for kind in DueKind if counted[kind]}
    codes = sorted({case_code(row.data, row.uuid) for row in rows if row.list_name == CASES})
    edition, code = commune or (None, None)
    audits.log(
        by,
        action,
        "unit",
        None,
        edition=edition,
        commune=code,
        overdue=counts,
        cases=codes,
        told=len(told.actor_ids),
        **({"to": "province_officer"} if told.is_province else {}),
    )
    said = {"commune": code} if told.is_province else {"cases": _first(codes)}
    for actor_id in told.actor_ids:
        jobs.add_job("mail_overdue", actor_id=actor_id, counts=counts, **said)


def _once(rows: Sequence[OverdueRow]) -> list[OverdueRow]:
    """A visit of a case that is its child's too is one visit, as in the list."""
    of_cases = {(row.child_uuid, row.due_at) for row in rows if row.list_name == CASES}
    return [r for r in rows if r.list_name == CASES or (r.child_uuid, r.due_at) not in of_cases]


def _keys(rows: Iterable[OverdueRow]) -> list[DueKey]:
    return [(row.entity_id, row.kind) for row in rows]


def _first(codes: list[str]) -> list[str]:
    """A mail that lists more is read by nobody; the list has them all."""
    return codes if len(codes) <= _LONGEST else [*codes[:_LONGEST], "…"]
