"""Work done later: functions that take ids and are safe to run twice, by name in KINDS."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from server.db import db, transaction, utc_now
from server.jobs.sweeping import sweep_uploads
from server.log import get_logger
from server.queries.jobs import MAX_ATTEMPTS, add_job, claim_job, finish_job, has_open_job
from server.storage import Storage

KINDS: dict[str, Callable[..., None]] = {"sweep_uploads": sweep_uploads}
DAILY = ("sweep_uploads",)


def schedule_daily() -> None:
    """See that every daily job waits for its next day."""
    with transaction():
        _add_daily()


def run_next(storage: Storage) -> bool:
    """Claim one job and run it; False if none is due. A fault is recorded and tried again."""
    with transaction():
        job = claim_job()
        claimed = (job.id, job.kind, dict(job.arguments), job.attempts) if job else None
    if claimed is None:
        return False
    job_id, kind, arguments, attempts = claimed
    if attempts > MAX_ATTEMPTS:
        error: str | None = "Every worker that ran it has ended."
    else:
        error = _run(kind, arguments, storage)
    with transaction():
        retry_at = utc_now() + timedelta(minutes=2**attempts)
        finish_job(job_id, error, retry_at=retry_at)
        _add_daily()
    return True


def _add_daily() -> None:
    for kind in DAILY:
        if not has_open_job(kind):
            add_job(kind, run_at=utc_now() + timedelta(days=1))


def _run(kind: str, arguments: dict[str, Any], storage: Storage) -> str | None:
    try:
        KINDS[kind](storage=storage, **arguments)
    except Exception as error:  # noqa: BLE001 - a job loop records and goes on
        db.session.rollback()
        get_logger().error("job failed", kind=kind, error=type(error).__name__)
        return f"{type(error).__name__}: {error}"
    return None
