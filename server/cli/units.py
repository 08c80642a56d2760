"""`phieu units`: the administrative units, in their editions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask.cli import AppGroup

from server.cli.common import (
    get_ready_project,
    json_option,
    operator,
    print_json,
    today,
    words,
)
from server.db import transaction

if TYPE_CHECKING:
    from server.actions.unit_stories import Step, Story
    from server.models import Unit
    from server.queries.unit_tables import Changed

command = AppGroup("units", help="Load, import and show administrative units.")
_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@command.command("load")
@click.option("--province", metavar="CODE", help="Only this province and those it was made of.")
@json_option
def load(province: str | None, as_json: bool) -> None:
    """Load the units that are shipped: the whole country, or one province."""
    from server.actions.unit_loading import load_units

    get_ready_project(None)
    with transaction():
        changed = load_units(by=operator(), province=province)
    _print_changed(changed, as_json=as_json)


@command.command("import")
@click.argument("files", metavar="FILE.csv...", nargs=-1, required=True, type=_FILE)
@json_option
def import_(files: tuple[Path, ...], as_json: bool) -> None:
    """Import villages, or a new edition: editions, units and successions together.

    Everything is taken or nothing. The columns tell what a file is; docs/units.md lists them.
    """
    from server.actions.unit_importing import import_units

    get_ready_project(None)
    contents = [(path.name, path.read_bytes()) for path in files]
    with transaction():
        changed = import_units(contents, on=today(), by=operator())
    _print_changed(changed, as_json=as_json)


@command.command("show")
@click.argument("code")
@click.option("--edition", "on", type=_DAY, help="As of this day; else today.")
@json_option
def show(code: str, on: datetime | None, as_json: bool) -> None:
    """Show unit CODE: its names, where it lies, what it was and what it became."""
    from server.actions.unit_stories import tell_unit

    get_ready_project(None)
    story = tell_unit(code, today=today(), on=on.date() if on else None)
    if as_json:
        print_json(_json(story))
    else:
        _print_story(story)


def _print_changed(changed: Mapping[str, Changed], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                kind: {"added": c.added, "changed": c.changed, "same": c.same}
                for kind, c in changed.items()
            }
        )
        return
    for kind, c in changed.items():
        counts = {"added": c.added, "changed": c.changed, "same": c.same}
        click.echo(words("units_changed", kind=words(f"units_{kind}"), **counts))


def _json(story: Story) -> dict[str, Any]:
    village = story.village
    return {
        **_unit(story.unit),
        "validFrom": story.edition.valid_from,
        "validTo": story.edition.valid_to,
        "parents": [_unit(unit) for unit in story.above],
        "under": story.under,
        "was": [_step(step) for step in story.origins],
        "became": [_step(step) for step in story.successors],
        "today": [_unit(unit) for unit in story.today],
        "sameCode": [_unit(unit) for unit in story.elsewhere],
        "legacyCommune": village.legacy_commune_code if village else None,
    }


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "edition": unit.edition,
        "code": unit.code,
        "level": unit.level.value,
        "name": unit.name,
    }


def _step(step: Step) -> dict[str, Any]:
    return {**_unit(step.unit), "date": step.on, "extent": step.extent}


def _print_story(story: Story) -> None:
    unit, edition = story.unit, story.edition
    above = ", ".join(parent.name for parent in story.above)
    click.echo(f"{unit.code} {unit.name}" + (f", {above}" if above else ""))
    ends = f"{edition.valid_to:%d/%m/%Y}" if edition.valid_to else "…"
    click.echo(f"{unit.level.value}, {unit.edition}: {edition.valid_from:%d/%m/%Y} – {ends}")
    for level, count in story.under.items():
        click.echo(f"under it: {count} × {level}")
    for title, steps in (("was", story.origins), ("became", story.successors)):
        for step in steps:
            other = step.unit
            words = f"{other.code} {other.name} ({other.edition}, {step.extent})"
            click.echo(f"{title}: {words}, {step.on:%d/%m/%Y}")
    for other in story.today:
        click.echo(f"today: {other.code} {other.name}")
    for other in story.elsewhere:
        click.echo(f"the code in {other.edition}: {other.name}")
