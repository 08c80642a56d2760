"""`phieu app-users`: the ways in that phones are given."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from server.actions import people
from server.actions.collecting import collect_address
from server.actions.handing_out import get_living
from server.auth.roles import PHONE_ROLES
from server.cli import cards
from server.cli.addresses import get_address, shown_address
from server.cli.codes import PICTURES, NamedPath, make_code, write_picture
from server.cli.common import (
    ID,
    get_ready_project,
    json_option,
    operator,
    print_json,
    print_rows,
    project_option,
    read_admin_password,
    settings,
    today,
)
from server.config import LANGUAGES
from server.db import transaction
from server.models import AppUser
from server.queries import actors, assignments
from server.queries.projects import get_project

command: click.Group = AppGroup(
    "app-users", help="Ways in of phones: add, list, revoke; QR codes and cards to hand out."
)
command.add_command(cards.command)
admin_password_option = click.option(
    "--admin-password-stdin", is_flag=True, help="Lock Collect's settings with this password."
)


@command.command("add")
@click.argument("name")
@click.option("--unit", "unit_codes", multiple=True, help="Code of a unit; may be repeated.")
@click.option("--form", "form_ids", multiple=True, help="A form; without one, all of them.")
@click.option(
    "--role",
    default="app-user",
    show_default=True,
    help=f"Of the phone's owner: {', '.join(PHONE_ROLES)}.",
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the answers to this phone.")
@click.option(
    "--qr", "picture", type=NamedPath(*PICTURES), help="Write the QR code (.png, .svg) too."
)
@admin_password_option
@project_option
@json_option
def add(
    name: str,
    unit_codes: tuple[str, ...],
    form_ids: tuple[str, ...],
    role: str,
    language: str | None,
    picture: Path | None,
    admin_password_stdin: bool,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Add NAME and print the address to type into ODK Collect."""
    project = get_ready_project(project_id)
    base = get_address() if picture is not None else ""
    password = read_admin_password(from_stdin=admin_password_stdin)
    with transaction():
        project = get_project(project.id)
        app_user, token = people.add_app_user(
            name,
            project=project,
            form_ids=form_ids,
            unit_codes=unit_codes,
            on=today(),
            secret_key=settings().secret_key,
            by=operator(),
            language=language,
            role=role,
        )
        if picture is not None:
            code = make_code(app_user, project, address=base, admin_password=password)
            write_picture(code, picture)
        answer = {"id": app_user.actor_id, "token": token}
    url = collect_address(base or shown_address(), token, project.id)
    if as_json:
        print_json(answer | {"url": url})
    else:
        click.echo(url)


@command.command("qr")
@click.argument("id_", metavar="ID", type=ID)
@click.option(
    "--out", "picture", required=True, type=NamedPath(*PICTURES), help="A .png or .svg file."
)
@admin_password_option
@project_option
@json_option
def qr(
    id_: int, picture: Path, admin_password_stdin: bool, project_id: int | None, as_json: bool
) -> None:
    """Draw the QR code of app user ID again; the audit log says that you did."""
    project = get_ready_project(project_id)
    base = get_address()
    password = read_admin_password(from_stdin=admin_password_stdin)
    with transaction():
        project = get_project(project.id)
        [app_user] = get_living([id_], project=project)
        code = make_code(app_user, project, address=base, admin_password=password)
        write_picture(code, picture)
        row = _row(app_user) | {"out": str(picture)}
    print_rows([row], as_json=as_json)


@command.command("list")
@project_option
@json_option
def list_(project_id: int | None, as_json: bool) -> None:
    """List the app users of the project, without their tokens."""
    project = get_ready_project(project_id)
    print_rows([_row(a) for a in actors.list_app_users(project)], as_json=as_json)


@command.command("revoke")
@click.argument("id_", metavar="ID", type=ID)
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
        "units": assignments.list_unit_codes(app_user.actor_id),
        "createdAt": app_user.actor.created_at,
        "revokedAt": app_user.revoked_at,
    }
