"""`phieu exports …`: a form's submissions as files, and the rows that they are made of."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from exports.formats import FORMATS
from exports.options import Options, Split, Values
from exports.packages import SINGLE_FILES
from server.actions.decrypting import Unlocking
from server.actions.exporting.orders import By, ExportOrder, require_known
from server.actions.exporting.writing import (
    count_submissions,
    log_export,
    write_export,
)
from server.actions.projecting import (
    count_projectable,
    load_projected,
    rebuild_projection,
    verify_projection,
)
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
from server.cli.export_scopes import (
    find_edition,
    find_unit,
    installed,
    make_scope,
    print_written,
    scope_options,
)
from server.cli.workbooks import workbook
from server.db import snapshot, transaction
from server.errors import ProjectionWrong
from server.queries import audits, forms

command = AppGroup("exports", help="Write exports.")
command.add_command(workbook)
# A folder of such a name would be taken for a file.
_OF_FILES = {
    *(".csv", ".dta", ".geojson", ".json", ".ndjson", ".ods", ".parquet", ".sav", ".tsv", ".txt"),
    *(".gpkg", ".xls", ".xlsx", ".7z", ".gz", ".rar", ".tar"),
}


@command.command("write")
@click.argument("form")
@click.option(
    "--out",
    required=True,
    metavar="PATH",
    help="A .zip, a folder, or one file where the format is one.",
)
@click.option("--format", "format_", default="csv", type=click.Choice(sorted(FORMATS)))
@click.option(
    "--by",
    default="none",
    type=click.Choice([str(by) for by in By]),
    help="Files for each commune, village or collaborator.",
)
@scope_options
@click.option("--labels", default="none", help="A language of the form (vi, en, …), or none.")
@click.option(
    "--values",
    default="labels",
    type=click.Choice([str(v) for v in Values]),
    help="What stands in cells of choices, where there are labels.",
)
@click.option(
    "--split-multiple",
    default="none",
    type=click.Choice([str(s) for s in Split]),
    help="A column for each choice of a select of several: beside its own, or only.",
)
@click.option("--group-prefixes/--no-group-prefixes", default=True)
@click.option(
    "--older-fields/--no-older-fields",
    default=True,
    help="Also fields that the newest version has no more.",
)
@click.option("--column", "columns", multiple=True, help="Only this column or group of columns.")
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
    edition: str,
    labels: str,
    values: str,
    split_multiple: str,
    group_prefixes: bool,
    older_fields: bool,
    deleted: bool,
    columns: tuple[str, ...],
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
    order = ExportOrder(
        format=format_,
        out=_out_path(out, format_, by),
        scope=scope,
        by=By(by),
        edition=asked_edition,
        options=Options(
            language=None if labels == "none" else labels,
            values=Values(values),
            split=Split(split_multiple),
            group_prefixes=group_prefixes,
            older_fields=older_fields,
            columns=columns,
        ),
        unlocking=Unlocking(
            passphrase=read_secret(from_stdin=True) if passphrase_stdin else None,
            key_files=tuple((path.name, path.read_bytes()) for path in key_paths),
        ),
    )
    require_known(order, found)
    caller = asking(person, reason, project_id=project.id)
    with snapshot():
        total = count_submissions(order, forms.get_form(project.id, form), by=caller)
    with transaction():
        log_export(forms.get_form(project.id, form), order, submissions=total, by=caller)
    bar = click.progressbar(length=total, label=form, file=sys.stderr)
    with snapshot(), bar:
        written = write_export(
            order,
            forms.get_form(project.id, form),
            at=installed(),
            by=caller,
            progress=bar.update,
        )
    print_written(written, chosen, as_json=as_json)


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
