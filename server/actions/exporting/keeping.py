"""Exports that a worker writes: asked for, cancelled, fetched, and let go of after a time."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from exports.names import file_name
from server.actions.exporting.asking import ExportRequest, make_order
from server.actions.exporting.opening import open_release
from server.actions.exporting.releases import require_open
from server.actions.exporting.sight import Sight
from server.actions.exporting.writing import readable_rows, require_in_sight
from server.auth.callers import Caller
from server.db import utc_now
from server.errors import (
    ExportErased,
    ExportNotReady,
    NotAllowed,
    NotFound,
    Problem,
    ReasonNeeded,
)
from server.models import Export, ExportState, Form
from server.queries import audits, forms, jobs, kept_exports
from server.storage import PRIVATE, Storage

FOLDER = "exports"
"""Below the storage: files that wait for their download."""
STALE = 24 * 3600.0
_TOLD = timedelta(days=1)
"""How long one is told of that has no file."""
_PLAIN = (str, int, float, bool, type(None))


def ask_export(
    request: ExportRequest, form: Form, *, secret_key: str, tz: ZoneInfo, by: Caller
) -> Export:
    """Have a worker write it; raises what can be told at once of rights and of unknown words."""
    rows = readable_rows(form, by=by)
    if by.actor_id is None:
        raise NotAllowed
    order = make_order(request, form, out=Path(), tz=tz).order
    require_in_sight(order.scope.communes, rows)
    request = open_release(request, form, secret_key=secret_key, tz=tz, by=by)
    export = kept_exports.add_export(
        Export(
            project_id=form.project_id,
            form_id=form.id,
            actor_id=by.actor_id,
            reason=by.occasion.reason,
            request=request.to_json(),
            name=file_name(f"{form.xml_form_id}{order.suffix}"),
        )
    )
    audits.log(by, "export.create", "export", export.id, format=request.format)
    return export


def cancel_or_remove(export: Export, *, by: Caller) -> None:
    """End one that is waited for; remove one that is over, with its file."""
    if export.state in kept_exports.OPEN:
        kept_exports.end(export, ExportState.CANCELLED, expires_at=utc_now() + _TOLD)
        audits.log(by, "export.cancel", "export", export.id)
        return
    audits.log(by, "export.delete", "export", export.id)
    _destroy(kept_exports.drop([export]))


def require_file(export: Export, *, tz: ZoneInfo, by: Caller) -> str:
    """The key of its file; raises unless the caller may read today all that went into it, and
    where it was to be destroyed by now.
    """
    if export.state is not ExportState.DONE or export.storage_key is None:
        raise ExportNotReady(state=export.state.value)
    form = forms.get_form_by_id(export.form_id)
    sight, written = Sight.of(export.request["format"], form, by=by), Sight.of_json(export.rows)
    if written.lists.keys() - sight.lists.keys() and not by.occasion.reason.strip():
        raise ReasonNeeded
    if not sight.covers(written):
        raise NotAllowed
    if export.expires_at is not None and export.expires_at <= utc_now():
        raise NotFound(subject="export", name=export.id)
    if release := ExportRequest.of_json(export.request).release:
        require_open(release, project_id=export.project_id, tz=tz)
    return export.storage_key


def withdraw_exports(submission_ids: Collection[int]) -> None:
    """What may hold answers that must not be kept is unavailable from this transaction on.

    What is being written began before, and begins anew.
    """
    keys = []
    for export in kept_exports.list_with(submission_ids):
        if export.state is ExportState.RUNNING:
            kept_exports.begin_anew(export)
            continue
        keys += [export.storage_key] if export.storage_key else []
        export.storage_key = export.size = None
        export.error_code = str(ExportErased.code)
        kept_exports.end(export, ExportState.FAILED, expires_at=utc_now() + _TOLD)
    _destroy(keys)


def _destroy(keys: list[str]) -> None:
    """Once it is certain that no row speaks of them."""
    if keys:
        jobs.add_job("remove_files", keys=keys)


def let_go() -> list[str]:
    """Forget what was kept for its time, and what no job will write; return keys of files."""
    for export in kept_exports.list_orphans():
        export.error_code = str(Problem.code)
        kept_exports.end(export, ExportState.FAILED, expires_at=utc_now() + _TOLD)
    return kept_exports.drop_expired(utc_now())


def make_folder(storage: Storage) -> Path:
    """The folder for its own account alone."""
    folder = storage.place(FOLDER)
    folder.mkdir(mode=PRIVATE, exist_ok=True)
    return folder


def sweep(storage: Storage, known: set[str]) -> int:
    """Remove what workers and requests that died left there a day ago; return how much."""
    before = time.time() - STALE
    names = {Path(key).name for key in known}
    stale = [
        path
        for path in make_folder(storage).iterdir()
        if path.name not in names and path.stat().st_mtime < before
    ]
    for path in stale:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    strays = [
        kept.key
        for kept in storage.iter_kept(FOLDER)
        if kept.key not in known and kept.written_at < before and kept.key.count("/") == 1
    ]
    storage.remove(strays)
    return len(stale) + len(strays)


def details_of(problem: Problem) -> dict[str, Any]:
    """As JSON can hold them."""
    return {n: v if isinstance(v, _PLAIN) else str(v) for n, v in problem.details.items()}
