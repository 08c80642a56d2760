"""Exports that a worker writes: who asked for them, how far they are, where their files lie."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, or_, select, update

from exports.workbooks import FORMAT as WORKBOOK
from server.db import db, utc_now
from server.errors import NotFound
from server.models import Export, ExportState, Job, JobState, Submission
from server.queries.jobs import add_job

KIND = "write_export"
OPEN = (ExportState.WAITING, ExportState.RUNNING)


def add_export(export: Export) -> Export:
    """Insert it with the job that writes it."""
    db.session.add(export)
    db.session.flush()
    export.job_id = add_job(KIND, export_id=export.id).id
    db.session.flush()
    return export


def find_export(export_id: int) -> Export | None:
    return db.session.get(Export, export_id)


def get_own(export_id: int, *, project_id: int, actor_id: int | None) -> Export:
    """One that this person asked for; others' are as if they were not there."""
    query = select(Export).where(
        Export.id == export_id, *_own(project_id, actor_id), Export.schedule_id.is_(None)
    )
    export = db.session.scalar(query)
    if export is None:
        raise NotFound(subject="export", name=export_id)
    return export


def list_own(project_id: int, actor_id: int | None) -> Sequence[Export]:
    """The newest first."""
    query = select(Export).where(*_own(project_id, actor_id), Export.schedule_id.is_(None))
    return db.session.scalars(query.order_by(Export.id.desc())).all()


def _own(project_id: int, actor_id: int | None) -> tuple[Any, ...]:
    return Export.project_id == project_id, Export.actor_id == actor_id


def begin(export_id: int) -> Export | None:
    """Make it this worker's, also where another worker died of it; None where it is over."""
    query = select(Export).where(Export.id == export_id, Export.state.in_(OPEN))
    export = db.session.scalar(query.with_for_update())
    if export is not None:
        export.state = ExportState.RUNNING
        export.attempt += 1
        export.done, export.total = 0, None
        export.started_at = utc_now()
        db.session.flush()
    return export


def report(connection: Connection, export_id: int, *, attempt: int, done: int, total: int) -> bool:
    """Say how far it is, which keeps its job; False where it is not this worker's any more."""
    values = {"done": done, "total": total}
    changed = connection.execute(_of_worker(export_id, attempt).values(**values)).rowcount
    if changed:
        job_id = select(Export.job_id).where(Export.id == export_id).scalar_subquery()
        alive = update(Job).where(Job.id == job_id, Job.state == JobState.RUNNING)
        connection.execute(alive.values(claimed_at=utc_now()))
    return bool(changed)


def finish(export_id: int, attempt: int, state: ExportState, **values: Any) -> bool:
    """Say what became of it; False where it was cancelled, or another worker has it."""
    values |= {"state": state, "finished_at": utc_now()}
    done = db.session.execute(_of_worker(export_id, attempt).values(**values))
    return bool(getattr(done, "rowcount", 0))


def _of_worker(export_id: int, attempt: int) -> Any:
    return update(Export).where(
        Export.id == export_id,
        Export.attempt == attempt,
        Export.state == ExportState.RUNNING,
    )


def end(export: Export, state: ExportState, *, expires_at: datetime) -> None:
    """Whoever writes it notices, and leaves nothing."""
    export.state = state
    export.finished_at, export.expires_at = utc_now(), expires_at
    db.session.flush()


def begin_anew(export: Export) -> None:
    """Whoever writes it notices, and leaves nothing; another job begins it."""
    export.state = ExportState.WAITING
    export.job_id = add_job(KIND, export_id=export.id).id
    db.session.flush()


def list_with(submission_ids: Collection[int]) -> Sequence[Export]:
    """What is being written of the forms of these submissions, or was, and lies here.

    Books for people tell of children whatever form they were reported by.
    """
    of_forms = select(Submission.form_id).where(Submission.id.in_(submission_ids))
    of_projects = select(Submission.project_id).where(Submission.id.in_(submission_ids))
    is_book = Export.request["format"].as_string() == WORKBOOK
    is_here = or_(Export.state == ExportState.RUNNING, Export.storage_key.is_not(None))
    is_of_them = or_(
        Export.form_id.in_(of_forms), and_(is_book, Export.project_id.in_(of_projects))
    )
    query = select(Export).where(is_of_them, is_here)
    return db.session.scalars(query.order_by(Export.id).with_for_update()).all()


def list_orphans() -> Sequence[Export]:
    """Those that no job will write."""
    has_job = exists().where(
        Job.id == Export.job_id, Job.state.in_((JobState.WAITING, JobState.RUNNING))
    )
    query = select(Export).where(Export.state.in_(OPEN), ~has_job)
    return db.session.scalars(query.with_for_update()).all()


def drop_expired(now: datetime) -> list[str]:
    """Remove rows whose time is over; return the keys of their files, for the storage."""
    over = Export.expires_at <= now
    keys = db.session.scalars(select(Export.storage_key).where(over)).all()
    db.session.execute(delete(Export).where(over))
    return [key for key in keys if key]


def drop(exports: Collection[Export]) -> list[str]:
    """The same of these."""
    keys = [export.storage_key for export in exports if export.storage_key]
    db.session.execute(delete(Export).where(Export.id.in_([export.id for export in exports])))
    return keys


def list_of_schedule(schedule_id: int) -> Sequence[Export]:
    query = select(Export).where(Export.schedule_id == schedule_id)
    return db.session.scalars(query.order_by(Export.id)).all()


def list_keys() -> set[str]:
    """Of every file that a row speaks of."""
    query = select(Export.storage_key).where(Export.storage_key.is_not(None))
    return {key for key in db.session.scalars(query) if key}
