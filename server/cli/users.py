"""`phieu users`: people who sign in."""

from __future__ import annotations

import sys
from datetime import datetime

import click
from flask.cli import AppGroup

from server.actions import passwords, people
from server.auth.roles import PERSON_ROLES
from server.auth.sessions import LIFETIME
from server.cli.addresses import shown_address
from server.cli.common import (
    get_ready_project,
    json_option,
    operator,
    print_json,
    print_rows,
    settings,
    today,
    words,
)
from server.db import transaction, utc_now
from server.models import User
from server.queries import actors

command = AppGroup("users", help="Add, list and disable people who sign in.")


@command.command("add")
@click.argument("email")
@click.option("--role", required=True, help=f"One of: {', '.join(PERSON_ROLES)}.")
@click.option("--unit", "unit_code", help="Code of the unit whose data the person sees.")
@click.option("--submission", help="Of a partner: the one submission to see (instance ID).")
@click.option("--to", type=click.DateTime(["%Y-%m-%d"]), help="The role ends after this day.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@json_option
def add(
    email: str,
    role: str,
    unit_code: str | None,
    submission: str | None,
    to: datetime | None,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Add EMAIL; without --password-stdin a one-time password is made and printed."""
    project = get_ready_project(None)
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    with transaction():
        new = people.add_user(
            email,
            role=role,
            password=password,
            unit_code=unit_code,
            submission=submission,
            valid_to=to.date() if to else None,
            project=project,
            on=today(),
            by=operator(),
        )
        row = _row(new.user) | {"oneTimePassword": new.one_time_password}
    if as_json:
        print_json(row)
    elif new.one_time_password:
        click.echo(f"{email}: {new.one_time_password}")
    else:
        click.echo(email)


@command.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the people who sign in."""
    get_ready_project(None)
    print_rows([_row(user) for user in actors.list_users()], as_json=as_json)


@command.command("digest")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the person's password and allow it.")
@click.option("--off", is_flag=True, help="Forget what was kept for it.")
@json_option
def digest(email: str, password_stdin: bool, off: bool, as_json: bool) -> None:
    """Let EMAIL sign in from ODK Collect over plain http (Digest), or no longer."""
    if password_stdin == off:
        raise click.UsageError("Give either --password-stdin or --off.")
    project = get_ready_project(None)
    with transaction():
        if off:
            user = people.disable_digest(email, by=operator(), project=project)
        else:
            user = people.enable_digest(
                email,
                sys.stdin.readline().rstrip("\n"),
                secret_key=settings().secret_key,
                by=operator(),
                project=project,
            )
        row = _row(user)
    print_rows([row], as_json=as_json)


@command.command("reset")
@click.argument("email")
@json_option
def reset(email: str, as_json: bool) -> None:
    """Print a link, once, by which EMAIL chooses a new password; it works once, for a day."""
    project = get_ready_project(None)
    address = shown_address()
    with transaction():
        user, token = passwords.make_reset_link(email, by=operator(), project=project)
        row = {"id": user.actor_id, "email": user.email}
    until = utc_now() + LIFETIME
    url = f"{address}/reset/{token}"
    if as_json:
        print_json(row | {"url": url, "expiresAt": until})
        return
    day = until.astimezone(settings().tz).strftime("%d/%m/%Y %H:%M")
    click.echo(words("reset_link", email=user.email, until=day), err=True)
    click.echo(url)


@command.command("disable")
@click.argument("email")
@json_option
def disable(email: str, as_json: bool) -> None:
    """End EMAIL's access at once."""
    project = get_ready_project(None)
    with transaction():
        row = _row(people.disable_user(email, by=operator(), project=project))
    print_rows([row], as_json=as_json)


def _row(user: User) -> dict[str, object]:
    return {
        "id": user.actor_id,
        "email": user.email,
        "digest": user.digest_ha1 is not None,
        "disabledAt": user.disabled_at,
        "lastLoginAt": user.last_login_at,
    }
