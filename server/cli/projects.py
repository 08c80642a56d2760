"""`phieu projects`: what holds for all forms of a project."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from server.actions.encrypting import encrypt_project
from server.cli.common import (
    get_ready_project,
    json_option,
    operator,
    print_json,
    project_option,
    read_secret,
    words,
)
from server.db import transaction
from server.queries.projects import get_project

command: click.Group = AppGroup("projects", help="Set up projects.")


@command.command("encrypt")
@click.option("--passphrase-stdin", is_flag=True, help="Read the passphrase from standard input.")
@click.option("--hint", help="What reminds you of the passphrase; anyone may read it.")
@project_option
@json_option
def encrypt(
    passphrase_stdin: bool, hint: str | None, project_id: int | None, as_json: bool
) -> None:
    """Encrypt, on the phones, what is filled from now on. It cannot be turned off.

    Nobody can read it without the passphrase, the operator of this server included.
    """
    project = get_ready_project(project_id)
    passphrase = read_secret(from_stdin=passphrase_stdin)
    with transaction():
        key, versions = encrypt_project(
            get_project(project.id), passphrase=passphrase, hint=hint, by=operator()
        )
        answer = {
            "keyId": key.id,
            "public": key.public,
            "versions": [{"xmlFormId": v.form.xml_form_id, "version": v.version} for v in versions],
        }
    if as_json:
        print_json(answer)
        return
    click.echo(words("project_encrypts", id=project.id, count=len(versions)))
    click.echo(words("keep_passphrase"), err=True)
