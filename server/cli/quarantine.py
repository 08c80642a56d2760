"""`phieu quarantine`: bodies of known senders that were refused, and what to do with them."""

from __future__ import annotations

import json
import sys

import click
from flask.cli import AppGroup

from server.actions.readings import log_reading
from server.actions.recovering import (
    drop_body,
    find_refusal,
    own_keys,
    read_body,
    recover_body,
)
from server.actions.releasing import is_release_due, release_edits
from server.cli.common import (
    ID,
    checker,
    get_ready_project,
    json_option,
    operator,
    print_json,
    print_rows,
    storage,
    words,
)
from server.cli.errors import REFUSED, problem_text
from server.db import transaction
from server.models import QuarantinedSubmission
from server.queries import actors, quarantine

command: click.Group = AppGroup(
    "quarantine", help="What known senders sent completely and was refused."
)
_id = click.argument("id_", metavar="ID", type=ID)


@command.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List what is kept, oldest first."""
    get_ready_project(None)
    print_rows([_row(entry) for entry in quarantine.list_entries()], as_json=as_json)


@command.command("show")
@_id
@click.option("--xml", "as_xml", is_flag=True, help="The bytes as they were sent.")
@json_option
def show(id_: int, as_xml: bool, as_json: bool) -> None:
    """Show one body, its files, and why it would be refused today."""
    get_ready_project(None)
    entry = quarantine.get(id_)
    project_id = entry.project_id
    log_reading(operator(), "submission.quarantine.read", "project", project_id, entry=id_)
    if as_xml:
        sys.stdout.buffer.write(read_body(entry, by=operator()))
        return
    problem = find_refusal(entry, storage(), by=operator())
    about = _row(entry) | {"refusal": problem_text(problem) if problem else None}
    files = [
        {"name": f["name"], "present": storage().file(f["key"]).is_file()}
        for f in json.loads(entry.files)
    ]
    if as_json:
        print_json(about | {"files": files})
        return
    print_rows([about], as_json=False)
    print_rows(files, as_json=False)


@command.command("release")
@_id
@json_option
def release(id_: int, as_json: bool) -> None:
    """Receive it as if it came now; refused again, it stays."""
    get_ready_project(None)
    with transaction():
        entry = quarantine.get(id_, lock=True)
        keys = own_keys(entry)
        outcome = recover_body(entry, checker=checker(), by=operator())
    if outcome.receipt is None:
        click.echo(words("quarantine_stays", id=id_), err=True)
        if outcome.problem is not None:
            raise outcome.problem
        sys.exit(REFUSED)
    storage().remove(keys)
    if is_release_due(outcome.receipt):
        with transaction():
            receipt = outcome.receipt
            release_edits(receipt.form_id, receipt.awaited_id, checker=checker())
    answer = {"instanceId": outcome.receipt.instance_id, "missing": list(outcome.receipt.missing)}
    if as_json:
        print_json(answer)
    else:
        click.echo(words("quarantine_released", id=id_, instance_id=answer["instanceId"]))


@command.command("drop")
@_id
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(id_: int, yes: bool) -> None:
    """Destroy one body and its files: field work that nobody needs."""
    get_ready_project(None)
    quarantine.get(id_)
    if not yes:
        click.confirm(words("quarantine_confirm", id=id_), abort=True, err=True)
    with transaction():
        entry = quarantine.get(id_, lock=True)
        keys = own_keys(entry)
        drop_body(entry, by=operator())
    storage().remove(keys)
    click.echo(words("quarantine_dropped", id=id_))


def _row(entry: QuarantinedSubmission) -> dict[str, object]:
    return {
        "id": entry.id,
        "receivedAt": entry.received_at,
        "project": entry.project_id,
        "sender": actors.get_name(entry.actor_id),
        "code": entry.code,
        "files": len(json.loads(entry.files)),
        "size": entry.size,
        "deviceId": entry.device_id,
    }
