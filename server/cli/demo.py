"""`phieu demo`: believable synthetic households, received as a phone's would be."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import click
from flask.cli import with_appcontext

from server.actions import people
from server.actions.receiving import receive_submission
from server.actions.slips import Slip, plain_text, read_slip
from server.auth.callers import Caller
from server.cli.common import (
    checker,
    get_ready_project,
    json_option,
    occasion,
    operator,
    print_json,
    settings,
    storage,
    today,
    words,
)
from server.db import transaction
from server.demo import Village, iter_slips
from server.errors import FormFilesMissing
from server.models import Project
from server.queries import actors, forms

FORM = "child_situation"
VILLAGES = "villages.csv"
_NAME = "Cộng tác viên mẫu"
_BATCH = 20


@click.command("demo")
@click.option("--communes", default=3, show_default=True, type=click.IntRange(1, 104))
@click.option("--submissions", default=500, show_default=True, type=click.IntRange(0, 5_000_000))
@click.option("--seed", default=1, show_default=True, type=int)
@json_option
@with_appcontext
def command(communes: int, submissions: int, seed: int, as_json: bool) -> None:
    """Fill the form child_situation with synthetic households; the same seed makes the same."""
    project = get_ready_project(None)
    form = forms.get_form(project.id, FORM)
    version = forms.get_current_version(form)
    villages = _villages(version.id, communes)
    slips = iter_slips(
        villages, count=submissions, seed=seed, version=version.version, today=today()
    )
    new = 0
    with transaction():
        sender = _sender(project)
    with click.progressbar(length=submissions, label=FORM, file=sys.stderr) as bar:
        while batch := list(islice(slips, _BATCH)):
            new += _receive(batch, sender, project.id)
            bar.update(len(batch))
    answer = {"form": FORM, "submissions": submissions, "new": new, "villages": len(villages)}
    if as_json:
        print_json(answer)
    else:
        click.echo(words("demo_made", form=FORM, count=submissions, new=new))


def _receive(slips: Sequence[bytes], sender: Caller, project_id: int) -> int:
    judging, tz = checker(), settings().tz
    judged = [judging.with_judgement(_slip(xml), by=sender, project_id=project_id) for xml in slips]
    with transaction():
        receipts = [
            receive_submission(slip, by=sender, project_id=project_id, tz=tz) for slip in judged
        ]
    return sum(receipt.is_new for receipt in receipts)


def _slip(xml: bytes) -> Slip:
    slip = read_slip(xml, user_agent="phieu demo")
    return replace(slip, device_id=plain_text(slip.instance.value("/deviceid")))


def _sender(project: Project) -> Caller:
    """The app user that sends the demonstration; made once."""
    for app_user in actors.list_app_users(project):
        if app_user.actor.display_name == _NAME and app_user.revoked_at is None:
            return _caller(app_user.actor_id, project)
    app_user, _ = people.add_app_user(
        _NAME,
        project=project,
        form_ids=(),
        unit_codes=(),
        on=today(),
        secret_key=settings().secret_key,
        by=operator(),
    )
    return _caller(app_user.actor_id, project)


def _caller(actor_id: int, project: Project) -> Caller:
    return Caller(actor_id, _NAME, occasion(), project_id=project.id)


def _villages(version_id: int, communes: int) -> list[Village]:
    """The villages that the form itself offers, of the first communes of its list."""
    attachment = forms.find_attachment(version_id, VILLAGES)
    if attachment is None or attachment.storage_key is None:
        raise FormFilesMissing(form=FORM, names=VILLAGES)
    text = storage().path(attachment.storage_key).read_text(encoding="utf-8-sig")
    villages = [
        Village(row["name"], row["label"], row["commune_code"], row["legacy_commune_code"])
        for row in csv.DictReader(io.StringIO(text))
    ]
    codes = list(dict.fromkeys(village.commune_code for village in villages))
    if len(codes) < communes:
        click.echo(words("demo_communes", file=VILLAGES, count=len(codes)), err=True)
    return [village for village in villages if village.commune_code in codes[:communes]]
