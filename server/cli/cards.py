"""`phieu app-users cards`: QR codes to print, cut and hand out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import render_template
from flask.cli import with_appcontext
from markupsafe import Markup

from server.actions.handing_out import get_living, list_living
from server.cli.addresses import get_address
from server.cli.codes import NamedPath, draw_inline, make_code
from server.cli.common import (
    ID,
    get_ready_project,
    json_option,
    print_json,
    project_option,
    read_admin_password,
    settings,
    today,
    words,
)
from server.cli.files import write_private
from server.db import transaction
from server.errors import NotFound
from server.models import AppUser, Project
from server.queries import assignments, units
from server.queries.projects import get_project

ON_A_PAGE = 8


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on one card; `code` is an SVG element."""

    id: int
    name: str
    places: str
    code: Markup


@click.command("cards")
@click.option("--unit", "unit_codes", multiple=True, help="Only app users of it; may be repeated.")
@click.option("--id", "ids", type=ID, multiple=True, help="Only this app user; may be repeated.")
@click.option(
    "--out",
    required=True,
    type=NamedPath(".html", ".htm"),
    help="An HTML file: open it in a browser and print it.",
)
@click.option(
    "--admin-password-stdin", is_flag=True, help="Lock Collect's settings with this password."
)
@project_option
@json_option
@with_appcontext
def command(
    unit_codes: tuple[str, ...],
    ids: tuple[int, ...],
    out: Path,
    admin_password_stdin: bool,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Write the QR cards of all app users, of those with --id, or of those of --unit."""
    project = get_ready_project(project_id)
    address = get_address()
    password = read_admin_password(from_stdin=admin_password_stdin)
    with transaction():
        project = get_project(project.id)
        chosen = _choose(project, unit_codes, ids)
        cards = [_card(a, project, address, password) for a in chosen]
        write_private(out, _page(cards, project, address, today()).encode())
    if as_json:
        print_json({"out": str(out), "ids": [card.id for card in cards]})
    else:
        click.echo(words("cards_written", path=out, count=len(cards)))


def _choose(project: Project, unit_codes: tuple[str, ...], ids: tuple[int, ...]) -> list[AppUser]:
    for code in unit_codes:
        units.get_current_unit(code, today())
    chosen = get_living(ids, project=project) if ids else list_living(project=project)
    if unit_codes:
        of_units = {a.actor_id for a in list_living(project=project, unit_codes=unit_codes)}
        chosen = [a for a in chosen if a.actor_id in of_units]
    if not chosen:
        raise NotFound(subject="app_users")
    return chosen


def _card(app_user: AppUser, project: Project, address: str, password: str) -> Card:
    code = make_code(app_user, project, address=address, admin_password=password)
    found = assignments.list_units(app_user.actor_id)
    places = ", ".join(f"{unit.name} ({unit.code})" for unit in found)
    picture = Markup(draw_inline(code))  # noqa: S704 - drawn here, from base64
    return Card(app_user.actor_id, app_user.actor.display_name, places, picture)


def _page(cards: list[Card], project: Project, address: str, on: date) -> str:
    pages = [cards[at : at + ON_A_PAGE] for at in range(0, len(cards), ON_A_PAGE)]
    return render_template(
        "cards.html",
        lang=settings().lang,
        pages=pages,
        project=project.name,
        host=urlsplit(address).netloc,
        day=f"{on:%d/%m/%Y}",
    )
