"""`phieu doctor`: what is wrong with this installation, in plain words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click
from flask.cli import with_appcontext

from server.cli.common import json_option, print_json, settings, storage
from server.cli.schema import schema_revision
from server.db import DatabaseFault, db, has_tables
from server.queries import forms, jobs, quarantine
from server.queries.projects import find_default_project

_LITTLE_SPACE = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `advice` is empty where it is fine."""

    what: str
    is_fine: bool
    advice: str = ""


@click.command("doctor")
@json_option
@with_appcontext
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Look at folder, database, forms, jobs; status 1 if something needs doing."""
    found = (finding for check in CHECKS for finding in _guarded(check))
    findings = list(dict.fromkeys(found))  # a database that is away is found by several checks
    if as_json:
        print_json([{"what": f.what, "fine": f.is_fine, "advice": f.advice} for f in findings])
    else:
        for finding in findings:
            mark = "ok " if finding.is_fine else "!! "
            click.echo(f"{mark}{finding.what}" + (f" {finding.advice}" if finding.advice else ""))
    if not all(finding.is_fine for finding in findings):
        ctx.exit(1)


def _guarded(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except DatabaseFault as error:
        db.session.rollback()
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        return [Finding(f"Database: {reason}.", False, "Check PHIEU_DATABASE_URL.")]


def _folder() -> Iterator[Finding]:
    data = settings().data
    writable = os.access(data, os.W_OK)
    yield Finding(f"Folder {data}.", writable, "" if writable else "It cannot be written to.")
    free = shutil.disk_usage(storage().root).free
    advice = "" if free > _LITTLE_SPACE else "Make room: below 2 GB nothing more may be received."
    yield Finding(f"Free space: {free // 1_000_000} MB.", free > _LITTLE_SPACE, advice)


def _database() -> Iterator[Finding]:
    kind = db.engine.dialect.name
    if not has_tables():
        yield Finding(f"Database ({kind}) is empty.", False, "Run: phieu serve")
        return
    current, newest = schema_revision()
    fine = current == newest
    yield Finding(f"Database ({kind}), schema {current}.", fine, "" if fine else "Run: phieu serve")


def _forms() -> Iterator[Finding]:
    project = find_default_project() if has_tables() else None
    if project is None:
        return
    offered = forms.list_offered(project.id)
    advice = "" if offered else "Publish one: phieu forms publish FILE.xlsx"
    yield Finding(f"Forms offered to phones: {len(offered)}.", bool(offered), advice)


def _leftovers() -> Iterator[Finding]:
    if not has_tables():
        return
    failed, kept = jobs.count_failed(), quarantine.count()
    last = jobs.find_last_failed()
    reason = f"The last one: {last.kind}: {last.error}" if last else ""
    yield Finding(f"Failed jobs: {failed}.", not failed, reason)
    advice = "" if not kept else "Refused bodies of known senders wait for you."
    yield Finding(f"Quarantine: {kept}.", not kept, advice)


CHECKS = (_folder, _database, _forms, _leftovers)
