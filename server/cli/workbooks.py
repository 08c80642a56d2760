"""`phieu exports workbook`: a commune's submissions as a workbook for people, or a province's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from flask.cli import with_appcontext

from exports.workbooks import FORMAT as WORKBOOK
from server.actions.exporting.asking import ExportRequest, make_order
from server.cli.common import (
    asking,
    get_ready_project,
    json_option,
    person_option,
    project_option,
    reason_option,
    settings,
)
from server.cli.export_options import workbook_options
from server.cli.export_writing import require_fitting, write_order
from server.queries import forms


@click.command("workbook")
@click.argument("form")
@click.option(
    "--out",
    required=True,
    metavar="PATH",
    help="An .xlsx for one commune; a .zip or a folder for any number.",
)
@workbook_options
@person_option
@reason_option
@project_option
@json_option
@with_appcontext
def workbook(
    form: str,
    out: str,
    request: ExportRequest,
    person: str | None,
    reason: str,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Write the submissions of FORM for people: a workbook for each commune, to read and print."""
    project = get_ready_project(project_id)
    found = forms.get_form(project.id, form)
    request = replace(request, format=WORKBOOK)
    asked = make_order(request, found, out=Path(out), tz=settings().tz)
    require_fitting(asked.order)
    caller = asking(person, reason, project_id=project.id)
    write_order(asked.order, found, by=caller, units=asked.units, as_json=as_json)
