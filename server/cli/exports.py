"""`phieu exports write`: a form's submissions as files."""

from __future__ import annotations

import sys
from datetime import datetime, time, timedelta
from pathlib import Path

import click
from flask.cli import AppGroup

from exports.formats import FORMATS
from server.actions.decrypting import Status, Unlocking
from server.actions.exporting import ExportOrder, Written, log_export, write_export
from server.auth.callers import operator
from server.cli.common import (
    get_ready_project,
    json_option,
    print_json,
    project_option,
    read_secret,
    settings,
    storage,
    today,
)
from server.db import snapshot, transaction
from server.models import ReviewState
from server.queries import forms, units
from server.queries.exports import ExportScope, count_by_commune

command = AppGroup("exports", help="Write exports.")
_DAY = click.DateTime(["%Y-%m-%d"])


@command.command("write")
@click.argument("form")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A .zip or a folder.")
@click.option("--format", "format_", default="csv", type=click.Choice(sorted(FORMATS)))
@click.option("--by", default="none", type=click.Choice(["commune", "none"]))
@click.option("--unit", "unit_codes", multiple=True, help="Only this commune; may be repeated.")
@click.option("--labels", default="none", type=click.Choice(["vi", "en", "none"]))
@click.option("--from", "from_", type=_DAY, help="Received on this day or later.")
@click.option("--to", type=_DAY, help="Received on this day or earlier.")
@click.option("--review", multiple=True, type=click.Choice([s.value for s in ReviewState]))
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
@project_option
@json_option
def write(
    form: str,
    out: Path,
    format_: str,
    by: str,
    unit_codes: tuple[str, ...],
    labels: str,
    from_: datetime | None,
    to: datetime | None,
    review: tuple[str, ...],
    passphrase_stdin: bool,
    key_paths: tuple[Path, ...],
    project_id: int | None,
    as_json: bool,
) -> None:
    """Write the submissions of FORM to --out: one table for the form and one for each repeat."""
    project = get_ready_project(project_id)
    found = forms.get_form(project.id, form)
    for code in unit_codes:
        units.get_current_unit(code, today())
    scope = ExportScope(
        project_id=project.id,
        form_id=found.id,
        received_from=_midnight(from_),
        received_before=_midnight(to + timedelta(days=1)) if to else None,
        review_states=tuple(ReviewState(state) for state in review),
        commune_codes=unit_codes,
    )
    order = ExportOrder(
        format=format_,
        out=_out_path(out, format_, by),
        scope=scope,
        by_commune=by == "commune",
        language=None if labels == "none" else labels,
        unlocking=Unlocking(
            passphrase=read_secret(from_stdin=True) if passphrase_stdin else None,
            key_files=tuple((path.name, path.read_bytes()) for path in key_paths),
        ),
    )
    with snapshot():
        total = sum(count_by_commune(scope).values())
        with click.progressbar(length=total, label=form, file=sys.stderr) as bar:
            written = write_export(
                order,
                forms.get_form(project.id, form),
                storage=storage(),
                tz=settings().tz,
                by=operator(),
                progress=bar.update,
            )
    with transaction():
        log_export(forms.get_form(project.id, form), order, by=operator())
    _print_written(written, as_json=as_json)


def _print_written(written: Written, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "out": str(written.out),
                "submissions": written.submissions,
                "communes": written.communes,
                "decrypted": written.decrypted,
                "statuses": written.statuses,
            }
        )
        return
    click.echo(f"{written.out}: {written.submissions} submissions.")
    for status, count in written.statuses.items():
        click.echo(f"{count} encrypted submissions: {status}.", err=True)
    if Status.NOT_DECRYPTED in written.statuses:
        click.echo("Their answers are not in the export: --passphrase-stdin, --key.", err=True)


def _midnight(day: datetime | None) -> datetime | None:
    return datetime.combine(day.date(), time.min, settings().tz) if day else None


def _out_path(out: Path, format_: str, by: str) -> Path:
    """A workbook that is not split may be named itself; anything else is a .zip or a folder."""
    if out.is_file() and out.suffix not in (".zip", f".{format_}"):
        raise click.BadParameter(f"{out} is a file; give a .zip or a folder.", param_hint="--out")
    if by == "commune" and out.suffix == f".{format_}":
        raise click.BadParameter("Several files need a .zip or a folder.", param_hint="--out")
    return out
