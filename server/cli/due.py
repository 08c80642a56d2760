"""`phieu due`: what is due and overdue about cases and children."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
from flask.cli import AppGroup

from server.cli.common import (
    asking,
    get_ready_project,
    json_option,
    person_option,
    print_json,
    print_rows,
    project_option,
    reason_option,
    settings,
    words,
)
from server.db import utc_now
from server.queries import actors

if TYPE_CHECKING:
    from server.actions.due.entries import Entry

command = AppGroup("due", help="See what is due and overdue; derive it again.")
_LARGEST = 2**31 - 1
_DAY = click.DateTime(["%Y-%m-%d"])


@command.command("list")
@click.option("--unit", "unit_code", metavar="CODE", help="Only of this unit.")
@click.option("--on", type=_DAY, help="As of the end of this day; else now.")
@click.option("--overdue", is_flag=True, help="Only what is overdue.")
@click.option("--list", "list_name", type=click.Choice(["case", "child"]), help="Only of this.")
@click.option("--responsible", metavar="EMAIL|ID", help="Only that for which they are.")
@person_option
@reason_option
@project_option
@json_option
def list_(
    unit_code: str | None,
    on: datetime | None,
    overdue: bool,
    list_name: str | None,
    responsible: str | None,
    person: str | None,
    reason: str,
    project_id: int | None,
    as_json: bool,
) -> None:
    """List what is to be done: the clocks of cases, and visits up to today or the day of --on."""
    from server.actions.due.listing import MOST, Question, list_due

    project = get_ready_project(project_id)
    by = asking(person, reason, project_id=project.id)
    question = Question(
        on=on.date() if on else None,
        unit_code=unit_code,
        list_name=list_name,
        is_overdue=overdue,
        responsible_id=_actor_id(responsible) if responsible else None,
    )
    entries = list_due(question, project_id=project.id, now=utc_now(), by=by)
    if as_json:
        print_json([_json(entry) for entry in entries])
    else:
        print_rows([_row(entry) for entry in entries], as_json=False)
    if len(entries) == MOST:
        click.echo(words("due_more", count=MOST), err=True)


@command.command("rebuild")
@json_option
def rebuild(as_json: bool) -> None:
    """Derive what is due from all cases and children again."""
    from server.actions.due.keeping import rebuild_due

    get_ready_project(None)
    count = rebuild_due(tz=settings().tz)
    if as_json:
        print_json({"entities": count})
    else:
        click.echo(count)


def _actor_id(who: str) -> int:
    """Of a user by the address, of anybody by the number that the list shows."""
    if who.isascii() and who.isdecimal():
        return min(int(who[:10]), _LARGEST)
    return actors.get_user(who).actor_id


def _json(entry: Entry) -> dict[str, Any]:
    late = entry.overdue_by
    return {
        "kind": entry.kind.value,
        "dueAt": entry.due_at,
        "overdueBy": int(late.total_seconds()) if late is not None else None,
        "dataset": entry.list_name,
        "uuid": entry.uuid,
        "label": entry.label,
        "caseCode": entry.case_code,
        "unit": entry.unit_code,
        "responsible": [{"id": id_, "displayName": name} for id_, name in entry.responsible],
    }


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "kind": words(f"due_{entry.kind.value}"),
        "dueAt": entry.due_at,
        "overdueBy": _late(entry),
        "dataset": entry.list_name,
        "uuid": entry.uuid,
        "label": entry.label,
        "unit": entry.unit_code,
        "responsible": [name for _, name in entry.responsible],
    }


def _late(entry: Entry) -> str:
    """In whole hours on the first day, in days after that."""
    if entry.overdue_by is None:
        return ""
    hours = int(entry.overdue_by.total_seconds()) // 3600
    if hours < 24:
        return words("due_hours", count=hours)
    return words("due_days", count=hours // 24)
