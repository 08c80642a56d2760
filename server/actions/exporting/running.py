"""A worker writes an export that somebody asked for: as that person, with the rights of now."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from exports.errors import FileInTheWay, PlaceBusy
from server.actions.exporting import keeping
from server.actions.exporting.asking import ExportRequest, make_order
from server.actions.exporting.performing import count_order, log_order, perform
from server.actions.exporting.progress import ExportStopped, Progress
from server.actions.exporting.scheduling import prune
from server.actions.exporting.sight import Sight
from server.actions.exporting.writing import Installed
from server.auth.callers import Occasion, find_absent
from server.db import DatabaseFault, db, snapshot, transaction, utc_now
from server.errors import DiskFull, ExportFolderRefused, ExportPlaceBusy, FolderTaken, Problem
from server.log import fault, get_logger
from server.models import ExportState
from server.queries import export_schedules, forms, kept_exports
from server.storage import is_disk_full


@dataclass(frozen=True, slots=True)
class _Task:
    """An export that is this worker's; `key` is empty where the file goes into a folder of `out`
    that is a schedule's, which keeps `keep` of them.
    """

    id: int
    attempt: int
    project_id: int
    form_id: int
    actor_id: int
    occasion: Occasion
    request: ExportRequest
    out: Path
    key: str
    schedule_id: int | None
    keep: int


@dataclass(frozen=True, slots=True)
class _Done:
    """With which eyes a file was written, and how many submissions it holds."""

    sight: Sight
    submissions: int


def run_export(export_id: int, *, at: Installed, keep: timedelta) -> None:
    """Write it, whole or not at all, and say what became of it; nothing where it is over.

    Raises only where the database is away: then another try may do better.
    """
    with transaction():
        task = _begin(export_id, at)
    if task is None:
        return
    _remove_leftovers(task, at)
    try:
        done = _write(task, at)
    except ExportStopped:
        get_logger().info("export stopped", export=export_id)
        return
    except DatabaseFault:
        raise
    except Exception as error:  # noqa: BLE001 - whoever waits for it is told
        db.session.rollback()
        get_logger().error("export failed", export=export_id, **fault(error))
        _fail(task, _problem_of(error), keep)
        return
    _finish(task, done, at, keep)


def _begin(export_id: int, at: Installed) -> _Task | None:
    export = kept_exports.begin(export_id)
    if export is None:
        return None
    schedule = export_schedules.find_schedule(export.schedule_id) if export.schedule_id else None
    suffix = Path(export.name).suffix
    key = "" if schedule else f"{keeping.FOLDER}/{export.id}-{export.attempt}{suffix}"
    return _Task(
        export.id,
        export.attempt,
        export.project_id,
        export.form_id,
        export.actor_id,
        Occasion.now(at.tz, "job", export.reason),
        ExportRequest.of_json(export.request),
        Path(schedule.folder) / export.name if schedule else at.storage.place(key),
        key,
        schedule.id if schedule else None,
        schedule.keep if schedule else 0,
    )


def _remove_leftovers(task: _Task, at: Installed) -> None:
    """What earlier attempts left here when their workers died; a schedule's place is shared."""
    if not task.key:
        return
    for pattern in (f"{task.id}-*", f".{task.id}-*"):
        for path in task.out.parent.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    own = f"{keeping.FOLDER}/{task.id}-"
    kept = [kept.key for kept in at.storage.iter_kept(keeping.FOLDER)]
    at.storage.remove(key for key in kept if key.startswith(own))


def _write(task: _Task, at: Installed) -> _Done:
    """Write the file."""
    if task.key:
        keeping.make_folder(at.storage)
    asked = make_order(task.request, forms.get_form_by_id(task.form_id), out=task.out, tz=at.tz)
    order, form = asked.order, forms.get_form_by_id(task.form_id)
    by = find_absent(task.actor_id, task.project_id, task.occasion)
    total = count_order(order, form, by=by)
    log_order(order, forms.get_form_by_id(task.form_id), submissions=total, by=by, export=task.id)
    with snapshot(), Progress(task.id, task.attempt, total=total) as progress:
        by = find_absent(task.actor_id, task.project_id, task.occasion)
        form = forms.get_form_by_id(task.form_id)
        sight = Sight.of(order.format, form, by=by)
        written = perform(order, form, at=at, by=by, progress=progress.add)
    return _Done(sight, written.submissions)


def _finish(task: _Task, done: _Done, at: Installed, keep: timedelta) -> None:
    size = task.out.stat().st_size
    if task.key:
        at.storage.settle(task.key)
    with transaction():
        is_kept = kept_exports.finish(
            task.id,
            task.attempt,
            ExportState.DONE,
            size=size,
            storage_key=task.key or None,
            rows=done.sight.to_json(),
            done=done.submissions,
            total=done.submissions,
            expires_at=utc_now() + keep,
        )
        if is_kept and task.schedule_id is not None:
            export_schedules.note_end(task.schedule_id, code=None, details=None)
    if not is_kept:
        _remove(task, at)
    elif task.schedule_id is not None:
        prune(task.out, task.keep)


def _remove(task: _Task, at: Installed) -> None:
    if task.key:
        at.storage.remove([task.key])
    else:
        task.out.unlink(missing_ok=True)


def _fail(task: _Task, problem: Problem, keep: timedelta) -> None:
    code, details = str(problem.code), keeping.details_of(problem)
    with transaction():
        is_told = kept_exports.finish(
            task.id,
            task.attempt,
            ExportState.FAILED,
            error_code=code,
            error_details=details,
            expires_at=utc_now() + keep,
        )
        if is_told and task.schedule_id is not None:
            export_schedules.note_end(task.schedule_id, code=code, details=details)


def _problem_of(error: Exception) -> Problem:
    """What can be said of it."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, PlaceBusy):
        return ExportPlaceBusy(path=error.path)
    if isinstance(error, FileInTheWay):
        return FolderTaken(path=error.path)
    if isinstance(error, OSError):
        if is_disk_full(error):
            return DiskFull()
        if error.filename:
            return ExportFolderRefused(path=error.filename, error=error.strerror)
    return Problem()
