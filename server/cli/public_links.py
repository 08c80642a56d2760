"""`phieu public-links`: links by which anybody who has one may fill one form."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from server.actions import public_links
from server.actions.collecting import collect_address
from server.cli.addresses import shown_address
from server.cli.common import (
    ID,
    get_ready_project,
    json_option,
    operator,
    print_json,
    print_rows,
    project_option,
    settings,
)
from server.db import transaction
from server.models import PublicLink
from server.queries import public_links as queries
from server.queries.forms import get_form

command = AppGroup("public-links", help="Links to fill one form without an account.")


@command.command("add")
@click.argument("form_id", metavar="FORM")
@click.argument("name")
@click.option("--once", is_flag=True, help="Take a single submission.")
@project_option
@json_option
def add(form_id: str, name: str, once: bool, project_id: int | None, as_json: bool) -> None:
    """Add a link to FORM, called NAME, and print its address for ODK Collect."""
    project = get_ready_project(project_id)
    with transaction():
        form = get_form(project.id, form_id)
        link, token = public_links.add_public_link(
            name, form=form, once=once, secret_key=settings().secret_key, by=operator()
        )
        answer = _row(link) | {"token": token}
    url = collect_address(shown_address(), token, project.id)
    if as_json:
        print_json(answer | {"url": url})
    else:
        click.echo(url)


@command.command("list")
@click.argument("form_id", metavar="FORM")
@project_option
@json_option
def list_(form_id: str, project_id: int | None, as_json: bool) -> None:
    """List the links of FORM, without their tokens."""
    project = get_ready_project(project_id)
    form = get_form(project.id, form_id)
    print_rows([_row(link) for link in queries.list_public_links(form)], as_json=as_json)


@command.command("revoke")
@click.argument("id_", metavar="ID", type=ID)
@project_option
@json_option
def revoke(id_: int, project_id: int | None, as_json: bool) -> None:
    """End link ID at once."""
    project = get_ready_project(project_id)
    with transaction():
        row = _row(public_links.revoke_public_link(id_, project=project, by=operator()))
    print_rows([row], as_json=as_json)


def _row(link: PublicLink) -> dict[str, object]:
    return {
        "id": link.actor_id,
        "displayName": link.actor.display_name,
        "once": link.once,
        "createdAt": link.actor.created_at,
        "usedAt": link.used_at,
        "revokedAt": link.revoked_at,
    }
