"""`phieu entities`: the lists of the register, what is in them, and how it became so."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

from server.cli.common import (
    get_ready_project,
    json_option,
    operator,
    print_json,
    print_rows,
    project_option,
    today,
    words,
)

if TYPE_CHECKING:
    from server.actions.entities.importing import Warned
    from server.queries.datasets import DatasetFacts

command = AppGroup("entities", help="The register: lists, what is in them and how it became so.")
_LIST = click.argument("list_name", metavar="LIST")
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@command.command("lists")
@project_option
@json_option
def lists(project_id: int | None, as_json: bool) -> None:
    """Show the lists: how many are in them, how many conflicts, which forms write them."""
    from server.actions.entities.known import find_lists
    from server.queries.entities import count_live

    project = get_ready_project(project_id)
    counts = count_live(project.id)
    rows = [
        {
            "name": facts.name,
            "entities": counts.get(facts.id, (0, 0))[0],
            "conflicts": counts.get(facts.id, (0, 0))[1],
            "properties": [p.name for p in facts.properties],
            "forms": sorted({w.xml_form_id for w in facts.writers}),
            "approvalRequired": facts.approval_required,
        }
        for facts in find_lists(None, project.id).values()
    ]
    if not as_json:
        for row in rows:
            row |= {key: ", ".join(row[key]) for key in ("properties", "forms")}  # type: ignore[arg-type]
    print_rows(rows, as_json=as_json)


@command.command("import")
@_LIST
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
@project_option
@json_option
def import_(
    list_name: str,
    file: Path,
    encoding: str,
    groups: str,
    as_of: datetime | None,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Bring the rows of FILE.csv into LIST; again, it brings nothing twice.

    Columns: label, the list's properties, and name (a version 4 UUID), which may be left out.
    """
    from server.actions.entities.import_files import Reading
    from server.actions.entities.importing import import_entities

    facts = _get_list(list_name, project_id)
    reading = Reading(is_tcvn3=encoding == "tcvn3", has_old_groups=groups == "2004")
    on = as_of.date() if as_of else today()
    with click.progressbar(length=_count_lines(file), file=sys.stderr) as bar:
        outcome = import_entities(
            file, facts, on=on, by=operator(), reading=reading, progress=bar.update
        )
    for warned in outcome.warnings:
        click.echo(warning_text(warned), err=True)
    counts = {"list": facts.name, "new": outcome.new, "known": outcome.known}
    if as_json:
        print_json({**counts, "warnings": [warning_row(warned) for warned in outcome.warnings]})
    else:
        click.echo(words("entities_imported", **counts))


def warning_text(warned: Warned) -> str:
    left = warned.left
    return words(f"group_{left.why.value}", line=warned.line, text=left.text)


def warning_row(warned: Warned) -> dict[str, object]:
    return {"line": warned.line, "why": warned.left.why.value, "text": warned.left.text}


def _get_list(name: str, project_id: int | None) -> DatasetFacts:
    from server.actions.entities.known import get_list

    return get_list(None, get_ready_project(project_id).id, name)


def _count_lines(file: Path) -> int:
    with file.open("rb") as lines:
        return max(sum(1 for _ in lines) - 1, 1)
