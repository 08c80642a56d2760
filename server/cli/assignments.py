"""`phieu assignments`: who has which role where, and until when."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import AppGroup

from server.actions.assigning import Duty, assign, end_assignment
from server.auth.roles import PERSON_ROLES
from server.cli.common import (
    ID,
    get_ready_project,
    json_option,
    operator,
    print_rows,
    project_option,
    today,
)
from server.db import transaction
from server.queries import actors, assignments
from server.queries.assignments import DutyRow
from server.queries.projects import get_project

command: click.Group = AppGroup(
    "assignments", help="Who has which role at a project, form, unit or submission, and when."
)
_DAY = click.DateTime(["%Y-%m-%d"])


@command.command("add")
@click.argument("who")
@click.argument("role")
@click.option("--unit", "unit_code", help="Code of a unit: its data and that of all below it.")
@click.option("--form", help="Only this form.")
@click.option("--submission", help="Only this submission (its instance ID); for a partner.")
@click.option("--from", "from_", type=_DAY, help="From this day on.")
@click.option("--to", type=_DAY, help="Until this day.")
@project_option
@json_option
def add(
    who: str,
    role: str,
    unit_code: str | None,
    form: str | None,
    submission: str | None,
    from_: datetime | None,
    to: datetime | None,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Give WHO (an e-mail address, or the ID of an app user) the ROLE."""
    project = get_ready_project(project_id)
    duty = Duty(
        role=role,
        unit_code=unit_code,
        form=form,
        submission=submission,
        valid_from=from_.date() if from_ else None,
        valid_to=to.date() if to else None,
    )
    with transaction():
        actor = actors.get_actor_of(who)
        assignment = assign(actor, duty, project=get_project(project.id), on=today(), by=operator())
        rows = [_row(row) for row in assignments.list_duties(actor.id) if row.id == assignment.id]
    print_rows(rows, as_json=as_json)


add.help = f"{add.help} Roles of people: {', '.join(PERSON_ROLES)}."


@command.command("list")
@click.argument("who", required=False)
@json_option
def list_(who: str | None, as_json: bool) -> None:
    """List the assignments of WHO, or all."""
    get_ready_project(None)
    actor_id = actors.get_actor_of(who).id if who else None
    print_rows([_row(row) for row in assignments.list_duties(actor_id)], as_json=as_json)


@command.command("end")
@click.argument("id_", metavar="ID", type=ID)
@project_option
@json_option
def end(id_: int, project_id: int | None, as_json: bool) -> None:
    """Take assignment ID away at once."""
    project = get_ready_project(project_id)
    with transaction():
        assignment = end_assignment(id_, project=get_project(project.id), by=operator())
        rows = [{"id": id_, "actorId": assignment.actor_id, "ended": True}]
    print_rows(rows, as_json=as_json)


def _row(row: DutyRow) -> dict[str, object]:
    return {
        "id": row.id,
        "actorId": row.actor_id,
        "name": row.display_name,
        "role": row.system,
        "project": row.project_id,
        "form": row.xml_form_id,
        "edition": row.edition,
        "unit": row.unit_code,
        "submission": row.instance_id,
        "from": row.valid_from,
        "to": row.valid_to,
    }
