"""`phieu holidays`: days on which nobody works, and weekend days worked in exchange."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from server.cli.common import (
    get_ready_project,
    json_option,
    operator,
    print_json,
    print_rows,
    words,
)
from server.db import transaction
from server.queries.holidays import HolidayRow, list_holidays

command = AppGroup("holidays", help="List, add, remove and import holidays.")
_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@command.command("list")
@click.option("--year", type=click.IntRange(1, 9999), help="Only of this year.")
@json_option
def list_(year: int | None, as_json: bool) -> None:
    """List the holidays by day."""
    get_ready_project(None)
    print_rows([_row(holiday) for holiday in list_holidays(year)], as_json=as_json)


@command.command("add")
@click.argument("day", type=_DAY)
@click.argument("name")
@click.option("--worked", is_flag=True, help="A Saturday or Sunday that is worked in exchange.")
def add(day: datetime, name: str, worked: bool) -> None:
    """Make DAY (YYYY-MM-DD) a holiday called NAME, or give it another name."""
    from server.actions.due.holidays import add_holiday

    get_ready_project(None)
    with transaction():
        add_holiday(day.date(), name, is_worked=worked, by=operator())
    click.echo(words("holiday_added", day=f"{day:%d/%m/%Y}"))


@command.command("remove")
@click.argument("day", type=_DAY)
def remove(day: datetime) -> None:
    """Make DAY (YYYY-MM-DD) a day like every other."""
    from server.actions.due.holidays import remove_holiday

    get_ready_project(None)
    with transaction():
        remove_holiday(day.date(), by=operator())
    click.echo(words("holiday_removed", day=f"{day:%d/%m/%Y}"))


@command.command("import")
@click.argument("file", metavar="FILE.csv", type=_FILE)
@json_option
def import_(file: Path, as_json: bool) -> None:
    """Import a CSV with the columns day,name or day,name,worked; all of it or nothing."""
    from server.actions.due.holidays import import_holidays

    get_ready_project(None)
    with transaction():
        changed = import_holidays(file.name, file.read_bytes(), by=operator())
    counts = {"added": changed.added, "changed": changed.changed, "same": changed.same}
    if as_json:
        print_json(counts)
    else:
        click.echo(words("units_changed", kind=words("holidays"), **counts))


def _row(holiday: HolidayRow) -> dict[str, Any]:
    return {"day": holiday.day, "name": holiday.name, "worked": holiday.is_worked}
