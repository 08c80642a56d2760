"""`phieu exports schedule`: exports into a folder, every day, week or month."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from server.actions.exporting.asking import ExportRequest
from server.actions.exporting.scheduling import Timetable, add_schedule, remove_schedule
from server.cli.common import (
    ID,
    asking,
    get_ready_project,
    json_option,
    operator,
    person_option,
    print_json,
    print_rows,
    project_option,
    reason_option,
    settings,
    words,
)
from server.cli.export_options import lasting_options
from server.db import transaction
from server.messages import error_text
from server.models import Every, ExportSchedule
from server.queries import actors, export_schedules, forms

command = AppGroup("schedule", help="Write exports into a folder again and again.")


@command.command("add")
@click.argument("form")
@click.option(
    "--to",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder, by its whole path; files are FORM-YYYY-MM-DD.zip.",
)
@click.option(
    "--every",
    required=True,
    type=click.Choice([str(every) for every in Every]),
    help="Each day, on Mondays, or on the first of the month.",
)
@click.option("--hour", default=2, show_default=True, type=click.IntRange(0, 23))
@click.option(
    "--keep", default=30, show_default=True, type=click.IntRange(1, 10_000), help="Newest files."
)
@lasting_options
@person_option
@reason_option
@project_option
@json_option
def add(
    form: str,
    folder: Path,
    every: str,
    hour: int,
    keep: int,
    request: ExportRequest,
    person: str | None,
    reason: str,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Have FORM exported into a folder, in the rights that its owner has at the time."""
    project = get_ready_project(project_id)
    if not folder.is_absolute():
        raise click.BadParameter("Give the whole path.", param_hint="--to")
    by = asking(person, reason, project_id=project.id)
    with transaction():
        schedule = add_schedule(
            request,
            forms.get_form(project.id, form),
            folder,
            Timetable(Every(every), hour, keep),
            secret_key=settings().secret_key,
            tz=settings().tz,
            by=by,
        )
        row = _row(schedule)
    if as_json:
        print_json(row)
    else:
        next_at = row["next"].astimezone(settings().tz).strftime("%d/%m/%Y %H:%M")
        said = {"id": row["id"], "form": form, "folder": folder, "next": next_at}
        click.echo(words("schedule_added", **said))


@command.command("list")
@project_option
@json_option
def list_(project_id: int | None, as_json: bool) -> None:
    """List the schedules, when each ran last and why it failed."""
    project = get_ready_project(project_id)
    rows = [_row(schedule) for schedule in export_schedules.list_schedules(project.id)]
    if not as_json:
        rows = [{name: v for name, v in row.items() if name != "request"} for row in rows]
    print_rows(rows, as_json=as_json)


@command.command("remove")
@click.argument("schedule_id", metavar="ID", type=ID)
@project_option
def remove(schedule_id: int, project_id: int | None) -> None:
    """Remove schedule ID; the files that it wrote stay."""
    project = get_ready_project(project_id)
    with transaction():
        schedule = export_schedules.get_schedule(schedule_id, project_id=project.id)
        remove_schedule(schedule, by=operator())
    click.echo(words("schedule_removed", id=schedule_id))


def schedule_error(schedule: ExportSchedule) -> str:
    """Why its last export failed; empty where it did not."""
    if schedule.error_code is None:
        return ""
    code, details = Decimal(schedule.error_code), schedule.error_details or {}
    return error_text(code, settings().lang, details)


def _row(schedule: ExportSchedule) -> dict[str, Any]:
    return {
        "id": schedule.id,
        "form": forms.get_form_by_id(schedule.form_id).xml_form_id,
        "owner": actors.get_name(schedule.actor_id),
        "to": schedule.folder,
        "every": schedule.every.value,
        "hour": schedule.hour,
        "keep": schedule.keep,
        "request": schedule.request,
        "last": schedule.ran_at,
        "next": schedule.next_at,
        "error": schedule_error(schedule),
    }
