"""Work done later: functions that take ids and are safe to run twice, by name in KINDS."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from server.db import db, transaction, utc_now
from server.errors import StorageUnavailable
from server.jobs.checking import check_lately
from server.jobs.erasing import erase_submissions, remove_files
from server.jobs.escalating import mail_overdue, tell_overdue
from server.jobs.exporting import ask_scheduled_exports, forget_exports, write_export
from server.jobs.forgetting import forget_expired
from server.jobs.mailing import mail_reset_link
from server.jobs.projecting import project_submissions, tidy_projection, write_rows_anew
from server.jobs.registering import apply_overdue_changes
from server.jobs.releasing import release_held_edits
from server.jobs.retention import run_retention
from server.jobs.surroundings import Surroundings
from server.jobs.sweeping import sweep_uploads
from server.log import get_logger
from server.queries.jobs import (
    MAX_ATTEMPTS,
    Lane,
    add_job,
    claim_job,
    finish_job,
    has_open_job,
    postpone_job,
)

KINDS: dict[str, Callable[..., None]] = {
    "sweep_uploads": sweep_uploads,
    "release_held_edits": release_held_edits,
    "erase_submissions": erase_submissions,
    "remove_files": remove_files,
    "run_retention": run_retention,
    "forget_expired": forget_expired,
    "mail_reset_link": mail_reset_link,
    "check_lately": check_lately,
    "apply_overdue_changes": apply_overdue_changes,
    "tell_overdue": tell_overdue,
    "mail_overdue": mail_overdue,
    "project_submissions": project_submissions,
    "tidy_projection": tidy_projection,
    "write_rows_anew": write_rows_anew,
    "write_export": write_export,
    "ask_scheduled_exports": ask_scheduled_exports,
    "forget_exports": forget_exports,
}
EVERY = {
    "sweep_uploads": timedelta(days=1),
    "release_held_edits": timedelta(hours=1),
    "run_retention": timedelta(days=1),
    "forget_expired": timedelta(hours=1),
    "check_lately": timedelta(days=1),
    "apply_overdue_changes": timedelta(hours=1),
    "tell_overdue": timedelta(hours=1),
    "project_submissions": timedelta(minutes=1),
    "tidy_projection": timedelta(days=1),
    "ask_scheduled_exports": timedelta(minutes=1),
    "forget_exports": timedelta(hours=1),
}

_UNTIL_STORAGE = timedelta(minutes=5)


def schedule_regular() -> None:
    """See that every regular job waits for its next time."""
    with transaction():
        _add_regular()


def run_next(around: Surroundings, lane: Lane = Lane.ALL) -> bool:
    """Claim one job and run it; False if none is due. A fault is recorded and tried again.

    A storage that is away is waited for, however long: what was erased must be destroyed in it.
    """
    with transaction():
        job = claim_job(lane)
        claimed = (job.id, job.kind, dict(job.arguments), job.attempts) if job else None
    if claimed is None:
        return False
    job_id, kind, arguments, attempts = claimed
    try:
        gone = "Every worker that ran it has ended."
        error = gone if attempts > MAX_ATTEMPTS else _run(kind, arguments, around)
    except StorageUnavailable:
        with transaction():
            postpone_job(job_id, until=utc_now() + _UNTIL_STORAGE)
        return True
    with transaction():
        retry_at = utc_now() + timedelta(minutes=2**attempts)
        finish_job(job_id, error, retry_at=retry_at)
        _add_regular()
    return True


def _add_regular() -> None:
    for kind, period in EVERY.items():
        if not has_open_job(kind):
            add_job(kind, run_at=utc_now() + period)


def _run(kind: str, arguments: dict[str, Any], around: Surroundings) -> str | None:
    try:
        KINDS[kind](around, **arguments)
    except StorageUnavailable:
        db.session.rollback()
        raise
    except Exception as error:  # noqa: BLE001 - a job loop records and goes on
        db.session.rollback()
        get_logger().error("job failed", kind=kind, error=type(error).__name__)
        return f"{type(error).__name__}: {error}"
    return None
