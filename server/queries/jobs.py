"""The job queue: rows, claimed by one worker at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true

from server.db import db, utc_now
from server.models import Job, JobState

MAX_ATTEMPTS = 5
LEASE = timedelta(hours=1)
"""A job that runs longer was left behind by a worker that is gone."""
_LEASES = {"write_export": timedelta(minutes=2)}
"""Of jobs that say again and again that somebody works on them."""


def add_job(kind: str, *, run_at: datetime | None = None, **arguments: Any) -> Job:
    """Insert a job in the transaction that wants the work: neither is there without the other."""
    job = Job(kind=kind, arguments=arguments, run_at=run_at or utc_now())
    db.session.add(job)
    db.session.flush()
    return job


def has_open_job(kind: str) -> bool:
    query = select(Job.id).where(
        Job.kind == kind, Job.state.in_((JobState.WAITING, JobState.RUNNING))
    )
    return db.session.scalar(query.limit(1)) is not None


LONG = ("write_export",)
"""Jobs that may take many minutes, which others should not wait for."""


class Lane(Enum):
    """Which jobs a worker takes."""

    ALL = "all"
    LONG = "long"
    SHORT = "short"


_OF_LANE: dict[Lane, ColumnElement[bool]] = {
    Lane.ALL: true(),
    Lane.LONG: Job.kind.in_(LONG),
    Lane.SHORT: Job.kind.not_in(LONG),
}


def claim_job(lane: Lane = Lane.ALL) -> Job | None:
    """Take the next due job, or one that a dead worker left; other workers pass over it."""
    now = utc_now()
    waits = and_(Job.state == JobState.WAITING, Job.run_at <= now)
    query = (
        select(Job)
        .where(or_(waits, and_(Job.state == JobState.RUNNING, _is_left(now))), _OF_LANE[lane])
        .order_by(Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = db.session.scalar(query)
    if job is not None:
        job.state = JobState.RUNNING
        job.attempts += 1
        job.claimed_at = now
        db.session.flush()
    return job


def _is_left(now: datetime) -> ColumnElement[bool]:
    shorter = [
        and_(Job.kind == kind, Job.claimed_at <= now - lease) for kind, lease in _LEASES.items()
    ]
    return or_(Job.claimed_at <= now - LEASE, *shorter)


def finish_job(job_id: int, error: str | None = None, *, retry_at: datetime | None = None) -> None:
    """Mark a job done, or failed; a failed one waits for `retry_at` until its last attempt."""
    job = db.session.get_one(Job, job_id)
    job.error = error
    job.finished_at = utc_now()
    job.state = JobState.DONE if error is None else JobState.FAILED
    if error is not None and retry_at is not None and job.attempts < MAX_ATTEMPTS:
        job.state = JobState.WAITING
        job.run_at = retry_at
    db.session.flush()


def postpone_job(job_id: int, *, until: datetime) -> None:
    """Put it back as if nobody had tried."""
    job = db.session.get_one(Job, job_id)
    job.state, job.run_at = JobState.WAITING, until
    job.attempts -= 1
    db.session.flush()


def forget_done(*, before: datetime) -> None:
    """Remove what was done long ago; what failed stays until somebody has looked."""
    db.session.execute(delete(Job).where(Job.state == JobState.DONE, Job.finished_at < before))


def find_last_failed() -> Job | None:
    query = select(Job).where(Job.state == JobState.FAILED)
    return db.session.scalar(query.order_by(Job.finished_at.desc(), Job.id.desc()).limit(1))


def count_failed() -> int:
    query = select(func.count(Job.id)).where(Job.state == JobState.FAILED)
    return db.session.scalars(query).one()
