"""`phieu app-users`: the ways in that phones are given."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from server.actions import people
from server.actions.collecting import collect_address
from server.auth.callers import operator
from server.cli.common import (
    get_ready_project,
    json_option,
    print_json,
    print_rows,
    project_option,
    settings,
    today,
)
from server.config import LANGUAGES
from server.db import transaction
from server.models import AppUser
from server.queries import actors

command = AppGroup("app-users", help="Add, list and revoke the ways in of phones.")


@command.command("add")
@click.argument("name")
@click.option("--unit", "unit_codes", multiple=True, help="Code of a unit; may be repeated.")
@click.option("--form", "form_ids", multiple=True, help="A form; without one, all of them.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the answers to this phone.")
@project_option
@json_option
def add(
    name: str,
    unit_codes: tuple[str, ...],
    form_ids: tuple[str, ...],
    language: str | None,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Add NAME and print the address to type into ODK Collect."""
    project = get_ready_project(project_id)
    with transaction():
        app_user, token = people.add_app_user(
            name,
            project=project,
            form_ids=form_ids,
            unit_codes=unit_codes,
            on=today(),
            secret_key=settings().secret_key,
            by=operator(),
            language=language,
        )
        base = settings().public_url or "http://127.0.0.1:8000"
        url = collect_address(base, token, project.id)
        answer = {"id": app_user.actor_id, "token": token, "url": url}
    if as_json:
        print_json(answer)
    else:
        click.echo(url)


@command.command("list")
@project_option
@json_option
def list_(project_id: int | None, as_json: bool) -> None:
    """List the app users of the project, without their tokens."""
    project = get_ready_project(project_id)
    print_rows([_row(a) for a in actors.list_app_users(project)], as_json=as_json)


@command.command("revoke")
@click.argument("id_", metavar="ID", type=int)
@project_option
@json_option
def revoke(id_: int, project_id: int | None, as_json: bool) -> None:
    """End the access of app user ID at once."""
    project = get_ready_project(project_id)
    with transaction():
        row = _row(people.revoke_app_user(id_, project=project, by=operator()))
    print_rows([row], as_json=as_json)


def _row(app_user: AppUser) -> dict[str, object]:
    return {
        "id": app_user.actor_id,
        "displayName": app_user.actor.display_name,
        "units": actors.list_unit_codes(app_user.actor_id),
        "createdAt": app_user.actor.created_at,
        "revokedAt": app_user.revoked_at,
    }
