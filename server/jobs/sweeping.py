"""Remove what broken connections leave in the folder of uploads."""

from __future__ import annotations

from server.auth.callers import Occasion, operator
from server.db import transaction
from server.jobs.surroundings import Surroundings
from server.log import get_logger
from server.queries import audits

STALE = 24 * 3600.0


def sweep_uploads(around: Surroundings) -> None:
    """A process that is killed in the middle of an upload cannot clean up; this does."""
    removed = around.storage.sweep(older_than=STALE)
    if removed:
        with transaction():
            by = operator(Occasion.now(around.tz, "job"))
            audits.log(by, "upload.sweep", "upload", None, removed=removed)
    get_logger().info("uploads swept", removed=removed)
