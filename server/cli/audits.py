"""`phieu audits`: search the audit log, take it out as CSV."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from server.cli.codes import NamedPath
from server.cli.common import (
    ID,
    asking,
    get_ready_project,
    json_option,
    person_option,
    print_json,
    print_rows,
    reason_option,
    settings,
    words,
)
from server.cli.files import open_private
from server.db import snapshot, transaction
from server.queries import actors
from server.queries.audit_searches import GROUPS, AuditFilter, AuditRow

command: click.Group = AppGroup("audits", help="Search and export the audit log.")
MAX_PAGE = 10_000
_DAY = click.DateTime(["%Y-%m-%d"])
_OPTIONS = (
    click.option("--action", default="", help=f"A name, or one of {', '.join(GROUPS)}."),
    click.option("--actor", metavar="EMAIL|ID", help="Who did it."),
    click.option("--actee", metavar="TYPE[:ID]", help="To what, such as form:3."),
    click.option("--source", default="", help="From where: an address, command or job."),
    click.option("--from", "from_", type=_DAY, help="On this day or later."),
    click.option("--to", type=_DAY, help="On this day or earlier."),
)


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which rows are wanted."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@command.command("list")
@filtered
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, MAX_PAGE))
@click.option("--older-than", type=ID, metavar="ID", help="Go on after the row of this number.")
@person_option
@json_option
def list_(
    limit: int, older_than: int | None, person: str | None, as_json: bool, **options: Any
) -> None:
    """List the newest rows first."""
    from server.actions.auditing import search_audits

    by = asking(person, "", project_id=get_ready_project(None).id)
    rows = search_audits(_filter(**options), older_than=older_than, limit=limit, by=by)
    print_rows([_row(row) for row in rows], as_json=as_json)


@command.command("export")
@filtered
@click.option("--out", required=True, type=NamedPath(".csv"), help="A .csv file.")
@person_option
@reason_option
@json_option
def export(out: Path, person: str | None, reason: str, as_json: bool, **options: Any) -> None:
    """Write rows to a file that a spreadsheet opens; the audit log says that you did."""
    from server.actions.auditing import iter_csv, log_audit_export

    by = asking(person, reason, project_id=get_ready_project(None).id)
    wanted = _filter(**options)
    count = 0
    with open_private(out) as file:
        with snapshot():
            for piece, rows in iter_csv(wanted, tz=settings().tz, by=by):
                count += rows
                file.write(piece)
        with transaction():
            log_audit_export(wanted, count, by=by)
    if as_json:
        print_json({"out": str(out), "rows": count})
    else:
        click.echo(words("audits_written", path=out, count=count))


def _filter(
    action: str,
    actor: str | None,
    actee: str | None,
    source: str,
    from_: datetime | None,
    to: datetime | None,
) -> AuditFilter:
    type_, id_ = _actee(actee or "")
    return AuditFilter(
        action=action,
        actor_id=_actor_id(actor) if actor else None,
        actee_type=type_,
        actee_id=id_,
        source=source,
        logged_from=_midnight(from_) if from_ else None,
        logged_before=_midnight(to + timedelta(days=1)) if to else None,
    )


def _actor_id(text: str) -> int:
    if "@" in text:
        return actors.get_user(text).actor_id
    return _id(text)


def _actee(text: str) -> tuple[str, int | None]:
    type_, _, id_ = text.partition(":")
    return type_, _id(id_) if id_ else None


def _id(text: str) -> int:
    return int(ID(text))


def _midnight(day: datetime) -> datetime:
    return datetime.combine(day.date(), time.min, settings().tz)


def _row(row: AuditRow) -> dict[str, object]:
    return {
        "id": row.id,
        "loggedAt": row.logged_at,
        "actorId": row.actor_id,
        "actor": row.actor,
        "action": row.action,
        "actee": row.actee_type,
        "acteeId": row.actee_id,
        "details": row.details,
        "source": row.source,
        "notes": row.notes,
    }
