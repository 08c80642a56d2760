"""Apply changes of the register whose predecessor never came (openrosa.md §9.5.1)."""

from __future__ import annotations

from server.actions.entities.registering import register_overdue
from server.auth.callers import Caller, Occasion
from server.db import transaction
from server.jobs.surroundings import Surroundings
from server.log import get_logger


def apply_overdue_changes(around: Surroundings) -> None:
    """In pages, each by itself."""
    by = Caller(None, "", Occasion.now(around.tz, "job"))
    applied = 0
    while True:
        with transaction():
            count = register_overdue(by=by)
        applied += count
        if count == 0:
            break
    if applied:
        get_logger().info("held changes applied", applied=applied)
