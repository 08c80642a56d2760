"""`phieu exports …`: a form's submissions as files, and the rows that they are made of."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path

import click
from flask.cli import AppGroup

from server.actions.decrypting import Unlocking
from server.actions.exporting.asking import ExportRequest, make_order
from server.actions.exporting.opening import open_release
from server.actions.projecting import (
    count_projectable,
    load_projected,
    rebuild_projection,
    verify_projection,
)
from server.cli import export_releases, export_schedules
from server.cli.common import (
    asking,
    get_ready_project,
    json_option,
    operator,
    person_option,
    print_json,
    project_option,
    read_secret,
    reason_option,
    settings,
    words,
)
from server.cli.export_options import request_options
from server.cli.export_writing import installed, require_fitting, write_order
from server.cli.workbooks import workbook
from server.db import snapshot, transaction
from server.errors import ProjectionWrong
from server.queries import audits, forms

command = AppGroup("exports", help="Write exports.")
command.add_command(export_schedules.command)
command.add_command(export_releases.command)
command.add_command(workbook)


@command.command("write")
@click.argument("form")
@click.option(
    "--out",
    required=True,
    metavar="PATH",
    help="A .zip, a folder, or one file where the format is one.",
)
@request_options
@click.option(
    "--passphrase-stdin",
    is_flag=True,
    help="Open encrypted submissions: the passphrase of the project's key, or of --key.",
)
@click.option(
    "--key",
    "key_paths",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="Open encrypted submissions: a private key (PEM); may be repeated.",
)
@person_option
@reason_option
@project_option
@json_option
def write(
    form: str,
    out: str,
    request: ExportRequest,
    passphrase_stdin: bool,
    key_paths: tuple[Path, ...],
    person: str | None,
    reason: str,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Write the submissions of FORM to --out: one table for the form and one for each repeat."""
    project = get_ready_project(project_id)
    found = forms.get_form(project.id, form)
    unlocking = Unlocking(
        passphrase=read_secret(from_stdin=True) if passphrase_stdin else None,
        key_files=tuple((path.name, path.read_bytes()) for path in key_paths),
    )
    asked = make_order(request, found, out=Path(out), tz=settings().tz, unlocking=unlocking)
    require_fitting(asked.order)
    caller = asking(person, reason, project_id=project.id)
    key, tz = settings().secret_key, settings().tz
    with transaction():
        opened = open_release(
            request, forms.get_form(project.id, form), secret_key=key, tz=tz, by=caller
        )
    order, found = replace(asked.order, release=opened.release), forms.get_form(project.id, form)
    write_order(order, found, by=caller, units=asked.units, as_json=as_json)


@command.command("rebuild")
@click.argument("form")
@project_option
@json_option
def rebuild(form: str, project_id: int | None, as_json: bool) -> None:
    """Make the rows of FORM anew from the slips as they were received."""
    found = forms.get_form(get_ready_project(project_id).id, form)
    rows, files = load_projected(found.id, settings().tz), installed().files
    count = 0
    bar = click.progressbar(length=count_projectable(rows), label=form, file=sys.stderr)
    with bar:
        for done in rebuild_projection(rows, files):
            count += done
            bar.update(done)
    with transaction():
        audits.log(operator(), "form.projection.rebuild", "form", found.id, submissions=count)
    if as_json:
        print_json({"form": form, "submissions": count})
    else:
        click.echo(words("projection_rebuilt", form=form, count=count))


@command.command("verify")
@click.argument("form")
@click.option("--one-in", default=1, type=click.IntRange(min=1), help="Compare one of every N.")
@project_option
@json_option
def verify(form: str, one_in: int, project_id: int | None, as_json: bool) -> None:
    """Compare the rows of FORM with the slips as they were received."""
    found = forms.get_form(get_ready_project(project_id).id, form)
    with snapshot():
        rows = load_projected(found.id, settings().tz)
        bar = click.progressbar(
            length=count_projectable(rows) // one_in, label=form, file=sys.stderr
        )
        with bar:
            verdict = verify_projection(rows, installed().files, one_in=one_in, progress=bar.update)
    if as_json:
        print_json({"form": form, **asdict(verdict)})
    else:
        click.echo(words("projection_verified", form=form, **asdict(verdict)))
    if not verdict.is_right:
        raise ProjectionWrong(form=form)
