"""Tell a commune's leadership what has become overdue: once, in numbers and codes of cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from server.actions.due.clocks import CASES
from server.actions.due.codes import case_code
from server.actions.due.units import Homes, find_people
from server.auth.callers import Caller
from server.auth.roles import COMMUNE_LEAD
from server.models import DueKind
from server.queries import audits, due_items, jobs
from server.queries.due_items import OverdueRow
from server.queries.lineages import Place

MOST = 5000
_LONGEST = 50
_Group = tuple[int, Place | None]
"""(project, commune)"""


def escalate_overdue(*, now: datetime, has_post: bool, by: Caller) -> int:
    """Tell of what nobody was told of; return how much that was, at most MOST at once.

    It is told by a row of the audit log for each commune, and, where there is post, by a job for
    each of its leaders, which sends the mail.
    """
    rows = due_items.lock_untold(now, MOST)
    homes = Homes(by.occasion.on)
    groups: dict[_Group, list[OverdueRow]] = {}
    for row in rows:
        home = homes.find(row.village_code, row.edition, row.commune_code)
        groups.setdefault((row.project_id, home.commune), []).append(row)
    leaders = _find_leaders(groups, homes, by)
    for group, members in groups.items():
        _tell(group, members, leaders.get(group, []) if has_post else [], by)
    if rows:
        due_items.mark_told([(row.entity_id, row.kind) for row in rows], now)
    return len(rows)


def _find_leaders(
    groups: Mapping[_Group, object], homes: Homes, by: Caller
) -> dict[_Group, list[int]]:
    """Ids of the persons, who have an address; phones have none."""
    found: dict[_Group, list[int]] = {}
    for project_id in sorted({project_id for project_id, _ in groups}):
        communes = {c for project, c in groups if project == project_id and c is not None}
        people = find_people(
            communes, (COMMUNE_LEAD,), project_id=project_id, homes=homes, on=by.occasion.on
        )
        for (commune, _), holders in people.items():
            found[project_id, commune] = [row.actor_id for row in holders if row.is_user]
    return found


def _tell(group: _Group, rows: Sequence[OverdueRow], leaders: Sequence[int], by: Caller) -> None:
    _, commune = group
    counted = Counter(row.kind for row in rows)
    counts = {kind.value: counted[kind] for kind in DueKind if counted[kind]}
    codes = sorted({case_code(row.data, row.uuid) for row in rows if row.list_name == CASES})
    edition, code = commune or (None, None)
    audits.log(
        by,
        "due.escalate",
        "unit",
        None,
        edition=edition,
        commune=code,
        overdue=counts,
        cases=codes,
        told=len(leaders),
    )
    for actor_id in leaders:
        jobs.add_job("mail_overdue", actor_id=actor_id, counts=counts, cases=_first(codes))


def _first(codes: list[str]) -> list[str]:
    """A mail that lists more is read by nobody; the list has them all."""
    return codes if len(codes) <= _LONGEST else [*codes[:_LONGEST], "…"]
