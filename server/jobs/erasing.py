"""Erase what was hidden, and destroy files that no row speaks of any more."""

from __future__ import annotations

from server.actions.erasing import Erasure, erase_submission
from server.auth.callers import Caller, Occasion
from server.db import forget_deleted, transaction
from server.jobs.surroundings import Surroundings
from server.log import get_logger
from server.queries.kept_files import list_shared


def erase_submissions(
    around: Surroundings, submission_ids: list[int], household_key: str, actor_id: int | None
) -> None:
    """Each submission alone; the files go by a job of their own, once this is certain."""
    by = Caller(actor_id, "", Occasion.now(around.tz, "job"))
    for id_ in submission_ids:
        with transaction():
            erase_submission(Erasure(id_), by=by, household_key=household_key)
    get_logger().info("submissions erased", count=len(submission_ids))


def remove_files(around: Surroundings, keys: list[str]) -> None:
    """Destroy them, and what the database still has of what it replaced."""
    with transaction():
        shared = list_shared(keys)
    around.storage.remove(key for key in keys if key not in shared)
    if not forget_deleted():
        raise RuntimeError("The write-ahead log is being read; it is emptied later.")
