"""`phieu entities import|apply`: what comes into the register otherwise than by a phone."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from server.auth.callers import Caller
from server.cli.common import (
    get_ready_project,
    json_option,
    operator,
    print_json,
    project_option,
    today,
    words,
)
from server.cli.listed import of_list
from server.db import transaction
from server.queries.datasets import DatasetFacts

if TYPE_CHECKING:
    from server.actions.entities.import_checks import Warned

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command("import")
@with_appcontext
@of_list
@click.argument("file", metavar="FILE.csv", type=_FILE)
@click.option(
    "--encoding",
    type=click.Choice(["utf-8", "tcvn3"]),
    default="utf-8",
    show_default=True,
    help="tcvn3: a spreadsheet of the fonts .VnTime; its letters become Unicode.",
)
@click.option(
    "--groups",
    type=click.Choice(["2016", "2004"]),
    default="2016",
    show_default=True,
    help="2004: the column sc_open has groups of the law of 2004, in words.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The commune codes of the file are those in force that day; else today's.",
)
@json_option
def import_(
    facts: DatasetFacts,
    by: Caller,
    file: Path,
    encoding: str,
    groups: str,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Bring the rows of FILE.csv into LIST; again, it brings nothing twice.

    Columns: label, the list's properties, and name (a version 4 UUID), which may be left out.
    """
    from server.actions.entities.import_files import Reading
    from server.actions.entities.importing import import_entities

    reading = Reading(is_tcvn3=encoding == "tcvn3", has_old_groups=groups == "2004")
    on = as_of.date() if as_of else today()
    with click.progressbar(length=_count_lines(file), file=sys.stderr) as bar:
        outcome = import_entities(file, facts, on=on, by=by, reading=reading, progress=bar.update)
    for warned in outcome.warnings:
        click.echo(warning_text(warned), err=True)
    counts = {"list": facts.name, "new": outcome.new, "known": outcome.known}
    if as_json:
        print_json({**counts, "warnings": [warning_row(warned) for warned in outcome.warnings]})
    else:
        click.echo(words("entities_imported", **counts))


def warning_text(warned: Warned) -> str:
    from server.actions.entities.groups_2004 import Unmapped

    is_group = isinstance(warned.why, Unmapped)
    key = f"group_{warned.why}" if is_group else str(warned.why)
    return words(key, line=warned.line, text=warned.text)


def warning_row(warned: Warned) -> dict[str, object]:
    return {"line": warned.line, "why": warned.why.value, "text": warned.text}


@click.command("apply")
@click.argument("form", required=False)
@click.option("--id", "instance_id", metavar="INSTANCE_ID", help="Only this submission.")
@project_option
@json_option
@with_appcontext
def apply(form: str | None, instance_id: str | None, project_id: int | None, as_json: bool) -> None:
    """Bring in what submissions said before their lists were declared, or during a fault."""
    from server.actions.entities.reapplying import apply_again, declare_missing
    from server.queries import forms, submissions

    project = get_ready_project(project_id)
    form_id = forms.get_form(project.id, form).id if form else None
    submission_id = submissions.get_submission(instance_id)[0].id if instance_id else None
    by = operator()
    with transaction():
        declare_missing(project.id, by=by)
    outcome = apply_again(project.id, by=by, form_id=form_id, submission_id=submission_id)
    if as_json:
        print_json({"submissions": outcome.submissions, "applied": outcome.applied})
    else:
        counts = {"count": outcome.submissions, "applied": outcome.applied}
        click.echo(words("entities_applied", **counts))


def _count_lines(file: Path) -> int:
    with file.open("rb") as lines:
        return max(sum(1 for _ in lines) - 1, 1)
