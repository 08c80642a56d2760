"""`phieu doctor`: what is wrong with this installation, in plain words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import click
from flask.cli import with_appcontext

from server.auth.tokens import unseal
from server.cli.common import json_option, print_json, settings, storage, words
from server.cli.export_schedules import schedule_error
from server.cli.schema import is_known_revision, schema_revision
from server.db import DatabaseFault, db, has_tables
from server.errors import SecretKeyChanged
from server.queries import (
    actors,
    due_items,
    export_schedules,
    forms,
    held_edits,
    jobs,
    kept_files,
    quarantine,
)
from server.queries.projects import find_default_project

_LITTLE_SPACE = 2_000_000_000
_SAMPLE = 1000
_OF_OTHERS = 0o007


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; what is fine has advice only where somebody may want to act."""

    what: str
    is_fine: bool
    advice: str = ""


@click.command("doctor")
@json_option
@with_appcontext
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Look at folder, database, key, files, forms, jobs; status 1 if something needs doing."""
    found = (finding for check in CHECKS for finding in _guarded(check))
    findings = list(dict.fromkeys(found))  # a database that is away is found by several checks
    if as_json:
        print_json([{"what": f.what, "fine": f.is_fine, "advice": f.advice} for f in findings])
    else:
        for finding in findings:
            mark = "!! " if not finding.is_fine else "-- " if finding.advice else "ok "
            click.echo(f"{mark}{finding.what}" + (f" {finding.advice}" if finding.advice else ""))
    if not all(finding.is_fine for finding in findings):
        ctx.exit(1)


def _guarded(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except DatabaseFault as error:
        db.session.rollback()
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        return [_bad("database_fault", reason=reason)]


def _folder() -> Iterator[Finding]:
    data = settings().data
    if not os.access(data, os.W_OK):
        yield _bad("folder_locked", folder=data)
    elif data.stat().st_mode & _OF_OTHERS:
        yield _bad("folder_open", folder=data)
    else:
        yield _fine("folder", folder=data)
    free = shutil.disk_usage(storage().root).free
    judge = _fine if free > _LITTLE_SPACE else _bad
    yield judge("space", megabytes=free // 1_000_000)


def _database() -> Iterator[Finding]:
    kind = db.engine.dialect.name
    if not has_tables():
        yield _bad("database_empty", kind=kind)
        return
    current, newest = schema_revision()
    if not is_known_revision(current):
        yield _bad("schema_newer", kind=kind, schema=current)
    elif current != newest:
        yield _bad("schema_older", kind=kind, schema=current)
    else:
        yield _fine("schema", kind=kind, schema=current)


def _secret_key() -> Iterator[Finding]:
    if not _is_ready():
        return
    sealed = actors.list_sealed()
    closed = sum(not _opens(text) for text in sealed)
    judge = _bad if closed else _fine
    yield judge("secret_key", closed=closed, count=len(sealed))


def _files() -> Iterator[Finding]:
    if not _is_ready() or not storage().is_ready():
        return
    keys, count = kept_files.sample_keys(_SAMPLE)
    missing = sum(not storage().file(key).is_file() for key in keys)
    judge = _bad if missing else _fine
    yield judge("files", missing=missing, checked=len(keys), count=count)


def _store() -> Iterator[Finding]:
    """Only where files are not in the folder."""
    bucket = settings().storage.bucket
    if bucket is None:
        return
    from server.cli.stores import look_at

    looked, about = look_at(storage()), {"endpoint": bucket.endpoint, "bucket": bucket.name}
    if looked.refusal is not None:
        refusal = looked.refusal
        reason = words(f"setting_{refusal.reason}", **refusal.details)
        yield replace(_fine("store", **about), is_fine=False, advice=f"{refusal.setting}: {reason}")
    elif looked.fault:
        yield _bad("store_locked", code=looked.fault, **about)
    elif looked.keeps_versions:
        yield _bad("store_versions", **about)
    else:
        yield _fine("store", **about)


def _forms() -> Iterator[Finding]:
    project = find_default_project() if _is_ready() else None
    if project is None:
        return
    offered = forms.list_offered(project.id)
    yield (_fine if offered else _bad)("forms", count=len(offered))


def _jobs() -> Iterator[Finding]:
    if not _is_ready():
        return
    failed, last = jobs.count_failed(), jobs.find_last_failed()
    if not failed or last is None:
        yield _fine("jobs", count=failed)
    else:
        yield _bad("jobs", count=failed, kind=last.kind, error=last.error)


def _schedules() -> Iterator[Finding]:
    if not _is_ready():
        return
    failed = export_schedules.list_failed()
    if not failed:
        yield _fine("schedules", count=0)
    else:
        last = failed[-1]
        yield _bad("schedules", count=len(failed), id=last.id, error=schedule_error(last))


def _waiting() -> Iterator[Finding]:
    """What waits for somebody is no fault of the installation."""
    if not _is_ready():
        return
    kept, held = quarantine.count(), held_edits.count_held()
    yield _note("quarantine", count=kept) if kept else _fine("quarantine", count=kept)
    yield _note("held", count=held) if held else _fine("held", count=held)
    unheard = due_items.count_unheard()
    yield _note("unheard", count=unheard) if unheard else _fine("unheard", count=unheard)


def _is_ready() -> bool:
    return has_tables() and schema_revision()[0] == schema_revision()[1]


def _opens(sealed: str) -> bool:
    try:
        unseal(sealed, settings().secret_key)
    except SecretKeyChanged:
        return False
    return True


def _fine(key: str, **details: object) -> Finding:
    return Finding(words(f"doctor_{key}", **details), is_fine=True)


def _note(key: str, **details: object) -> Finding:
    return replace(_bad(key, **details), is_fine=True)


def _bad(key: str, **details: object) -> Finding:
    what = words(f"doctor_{key}", **details)
    return Finding(what, is_fine=False, advice=words(f"doctor_{key}_advice", **details))


CHECKS = (_folder, _store, _database, _secret_key, _files, _forms, _jobs, _schedules, _waiting)
