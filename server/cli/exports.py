"""`phieu exports write`: a form's submissions as files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

import click
from flask.cli import AppGroup

from exports.formats import FORMATS
from exports.packages import SINGLE_FILES
from server.actions.decrypting import Status, Unlocking
from server.actions.exporting import ExportOrder, Written, log_export, readable_rows, write_export
from server.cli.common import (
    asking,
    get_ready_project,
    json_option,
    person_option,
    print_json,
    project_option,
    read_secret,
    reason_option,
    settings,
    storage,
    today,
    words,
)
from server.db import snapshot, transaction
from server.errors import NotFound
from server.models import ReviewState, Unit
from server.queries import forms, units
from server.queries.exports import ExportScope, ReportedCommune, count_by_commune

command = AppGroup("exports", help="Write exports.")
# A folder of such a name would be taken for a file.
_OF_FILES = {
    *(".csv", ".dta", ".geojson", ".json", ".ndjson", ".ods", ".parquet", ".sav", ".tsv", ".txt"),
    *(".gpkg", ".xls", ".xlsx", ".7z", ".gz", ".rar", ".tar"),
}
_DAY = click.DateTime(["%Y-%m-%d"])


@command.command("write")
@click.argument("form")
@click.option("--out", required=True, metavar="PATH", help="A .zip, a folder, one .xlsx or .gpkg.")
@click.option("--format", "format_", default="csv", type=click.Choice(sorted(FORMATS)))
@click.option("--by", default="none", type=click.Choice(["commune", "none"]))
@click.option(
    "--unit", "unit_codes", multiple=True, help="Only this commune or province; may be repeated."
)
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
@person_option
@reason_option
@project_option
@json_option
def write(
    form: str,
    out: str,
    format_: str,
    by: str,
    unit_codes: tuple[str, ...],
    labels: str,
    from_: datetime | None,
    to: datetime | None,
    review: tuple[str, ...],
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
    _require_order(from_, to)
    chosen = [units.get_unit(code, today()) for code in unit_codes]
    scope = ExportScope(
        project_id=project.id,
        form_id=found.id,
        received_from=_midnight(from_),
        received_before=_midnight(to + timedelta(days=1)) if to else None,
        review_states=tuple(ReviewState(state) for state in review),
        communes=_communes_of(chosen),
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
    caller = asking(person, reason, project_id=project.id)
    with snapshot():
        total = sum(count_by_commune(scope, readable_rows(found, by=caller)).values())
    with transaction():
        log_export(forms.get_form(project.id, form), order, submissions=total, by=caller)
    bar = click.progressbar(length=total, label=form, file=sys.stderr)
    with snapshot(), bar:
        written = write_export(
            order,
            forms.get_form(project.id, form),
            storage=storage(),
            tz=settings().tz,
            by=caller,
            progress=bar.update,
        )
    _print_written(written, chosen, as_json=as_json)


def _communes_of(chosen: Sequence[Unit]) -> tuple[ReportedCommune, ...] | None:
    """The communes of the units asked for, each in its edition; None where none was."""
    if not chosen:
        return None
    found = {unit.code: units.list_communes_of(unit) for unit in chosen}
    for code, communes in found.items():
        if not communes:
            raise NotFound(what=f"commune in unit {code}")
    return tuple(
        ReportedCommune(c.code, c.edition) for communes in found.values() for c in communes
    )


def _print_written(written: Written, chosen: Sequence[Unit], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "out": str(written.out),
                "submissions": written.submissions,
                "communes": written.communes,
                "communeUnknown": written.unknown,
                "units": [{"code": u.code, "edition": u.edition, "name": u.name} for u in chosen],
                "decrypted": written.decrypted,
                "statuses": written.statuses,
            }
        )
        return
    click.echo(words("export_written", path=written.out, count=written.submissions))
    for unit in chosen:
        click.echo(f"{unit.code} {unit.name}, {unit.edition}")
    for status, count in written.statuses.items():
        said = words(f"sealed_{Status(status).name.lower()}")
        click.echo(words("export_sealed", count=count, status=said), err=True)
    if Status.NOT_DECRYPTED in written.statuses:
        click.echo(words("export_not_decrypted"), err=True)


def _midnight(day: datetime | None) -> datetime | None:
    return datetime.combine(day.date(), time.min, settings().tz) if day else None


def _require_order(from_: datetime | None, to: datetime | None) -> None:
    if from_ and to and to < from_:
        raise click.BadParameter("It is before --from.", param_hint="--to")


def _out_path(out: str, format_: str, by: str) -> Path:
    """A workbook that is not split may be named itself; anything else is a .zip or a folder."""
    if not out.strip():
        raise click.BadParameter("It is empty. Give a .zip or a folder.", param_hint="--out")
    path = Path(out)
    suffix = path.suffix.lower()
    if suffix == f".{format_}" and suffix in SINGLE_FILES and by == "none":
        return path
    if suffix in _OF_FILES:
        raise click.BadParameter(f"Give a .zip or a folder, not a {suffix}.", param_hint="--out")
    if path.resolve() == Path.cwd():
        raise click.BadParameter("Give a folder inside this one.", param_hint="--out")
    return path
