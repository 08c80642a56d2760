"""Check again every night what came or changed lately: others may have come that are alike."""

from __future__ import annotations

from datetime import timedelta

from server.actions.checking.again import check_again
from server.auth.callers import Caller, Occasion
from server.db import utc_now
from server.jobs.surroundings import Surroundings
from server.log import get_logger

LATELY = timedelta(days=2)


def check_lately(around: Surroundings) -> None:
    by = Caller(None, "", Occasion.now(around.tz, "job"))
    outcome = check_again(around.checker, by=by, changed_since=utc_now() - LATELY)
    if outcome.changed or outcome.failed:
        get_logger().info(
            "checked again",
            submissions=outcome.submissions,
            changed=outcome.changed,
            failed=outcome.failed,
        )
