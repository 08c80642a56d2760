"""`phieu exports workbook`: a commune's submissions as a workbook for people, or a province's."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from exports.options import Options
from server.actions.exporting.orders import ExportOrder, require_known
from server.actions.exporting.workbooks import FORMAT, log_workbooks, write_workbooks
from server.actions.exporting.writing import count_submissions
from server.cli.common import (
    asking,
    get_ready_project,
    json_option,
    person_option,
    project_option,
    reason_option,
)
from server.cli.export_scopes import (
    find_edition,
    find_unit,
    installed,
    make_scope,
    print_written,
    scope_options,
)
from server.db import snapshot
from server.queries import forms
from server.queries.exports import ExportScope


@click.command("workbook")
@click.argument("form")
@click.option(
    "--out",
    required=True,
    metavar="PATH",
    help="An .xlsx for one commune; a .zip or a folder for any number.",
)
@scope_options
@click.option("--labels", default="vi", help="A language of the form: vi, en, …")
@person_option
@reason_option
@project_option
@json_option
@with_appcontext
def workbook(
    form: str,
    out: str,
    unit_codes: tuple[str, ...],
    edition: str,
    deleted: bool,
    from_: datetime | None,
    to: datetime | None,
    review: tuple[str, ...],
    labels: str,
    person: str | None,
    reason: str,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Write the submissions of FORM for people: a workbook for each commune, to read and print."""
    project = get_ready_project(project_id)
    found = forms.get_form(project.id, form)
    asked_edition = find_edition(edition)
    chosen = [find_unit(code, asked_edition) for code in unit_codes]
    scope = make_scope(
        project_id=project.id,
        form_id=found.id,
        chosen=chosen,
        deleted=deleted,
        from_=from_,
        to=to,
        review=review,
    )
    options = Options(language=labels)
    order = ExportOrder(
        FORMAT, _out_path(out, scope), scope, edition=asked_edition, options=options
    )
    require_known(order, found)
    caller = asking(person, reason, project_id=project.id)
    with snapshot():
        total = count_submissions(order, forms.get_form(project.id, form), by=caller)
    log_workbooks(forms.get_form(project.id, form), order, submissions=total, by=caller)
    bar = click.progressbar(length=total, label=form, file=sys.stderr)
    with snapshot(), bar:
        found = forms.get_form(project.id, form)
        written = write_workbooks(order, found, at=installed(), by=caller, progress=bar.update)
    print_written(written, chosen, as_json=as_json)


def _out_path(out: str, scope: ExportScope) -> Path:
    path = Path(out)
    suffix = path.suffix.lower()
    if not out.strip() or path.resolve() == Path.cwd():
        raise click.BadParameter("Give an .xlsx, a .zip or a folder.", param_hint="--out")
    if suffix == ".xlsx" and (scope.communes is None or len(scope.communes) != 1):
        message = "An .xlsx holds one commune: name it by --unit, or give a .zip or a folder."
        raise click.BadParameter(message, param_hint="--out")
    if suffix not in (".xlsx", ".zip", ""):
        raise click.BadParameter(f"Give a .zip or a folder, not a {suffix}.", param_hint="--out")
    return path
