"""Keep what is due as the entities are: in the transaction that changes them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from server.actions.due.clocks import CASES, CHILDREN, find_due
from server.actions.due.working_days import Calendar
from server.actions.entities.references import CHILD
from server.db import transaction
from server.models import DueKind
from server.queries import due_items, holidays
from server.queries.due_items import KnownRow, SubjectRow

_PAGE = 500
_UUID = 36
_LISTS = (CASES, CHILDREN)
_Key = tuple[int, DueKind]


def keep_due(entity_ids: Collection[int], *, tz: tzinfo) -> None:
    """Whoever changes, deletes or merges entities of the lists case and child calls it after."""
    _keep_pages(sorted(entity_ids), tz)


def keep_plans(*, tz: tzinfo) -> None:
    """Count the working days of all open plans again: the holidays have changed."""
    _keep_pages(due_items.list_ids_of(DueKind.PLAN), tz)


def rebuild_due(*, tz: tzinfo) -> int:
    """Derive all of it again, page by page, each in a transaction; return how many entities."""
    last, count = 0, 0
    while True:
        with transaction():
            page = due_items.list_subjects_after(_LISTS, last, _PAGE)
            if page:
                _keep(page, _read_calendar(), tz)
        if not page:
            return count
        last, count = page[-1].id, count + len(page)


def _keep_pages(ids: Sequence[int], tz: tzinfo) -> None:
    for start in range(0, len(ids), _PAGE):
        page = due_items.list_subjects(_LISTS, ids[start : start + _PAGE])
        if page:
            _keep(page, _read_calendar(), tz)


def _keep(subjects: Sequence[SubjectRow], calendar: Calendar, tz: tzinfo) -> None:
    ids = [subject.id for subject in subjects]
    known = {(row.entity_id, row.kind): row for row in due_items.list_known(ids)}
    live = (subject for subject in subjects if subject.is_live)
    rows = [row for subject in live for row in _rows(subject, known, calendar, tz)]
    if rows or known:
        due_items.replace_items(ids, rows)


def _rows(
    subject: SubjectRow, known: Mapping[_Key, KnownRow], calendar: Calendar, tz: tzinfo
) -> Iterator[dict[str, Any]]:
    due = find_due(
        subject.name, subject.data, known_since=subject.created_at, calendar=calendar, tz=tz
    )
    for kind, due_at in due.items():
        before = known.get((subject.id, kind))
        yield {
            "entity_id": subject.id,
            "kind": kind,
            "dataset_id": subject.dataset_id,
            "village_code": subject.village_code,
            "edition": subject.edition,
            "commune_code": subject.commune_code,
            "due_at": due_at,
            **_still_told(before, due_at),
            "child_uuid": _child_of(subject) if kind is DueKind.VISIT else None,
        }


def _child_of(subject: SubjectRow) -> str | None:
    """Whom a visit is about; a case may be linked to no child."""
    if subject.name == CHILDREN:
        return str(subject.uuid)
    child_uuid = subject.data.get(CHILD, "")
    return child_uuid if 0 < len(child_uuid) <= _UUID else None


def _still_told(before: KnownRow | None, due_at: datetime) -> dict[str, datetime | None]:
    """Another day of a visit is another visit; a clock that is set right stays the same clock, of
    which they were told if it had run out by then.
    """
    told_at = before.told_at if before is not None else None
    if before is None or told_at is None or not _is_same(before, due_at):
        return {"told_at": None, "heard_at": None}
    return {"told_at": told_at, "heard_at": before.heard_at}


def _is_same(before: KnownRow, due_at: datetime) -> bool:
    is_clock = before.kind is not DueKind.VISIT
    return bool(before.due_at == due_at or (is_clock and due_at <= before.told_at))


def _read_calendar() -> Calendar:
    rows = holidays.list_holidays()
    return Calendar(
        holidays=frozenset(row.day for row in rows if not row.is_worked),
        worked=frozenset(row.day for row in rows if row.is_worked),
    )
