"""The daily run of the retention periods, where it is switched on."""

from __future__ import annotations

from server.actions.retention import let_go
from server.auth.callers import Caller, Occasion
from server.db import transaction
from server.jobs.surroundings import Surroundings
from server.log import get_logger
from server.queries.projects import find_default_project


def run_retention(around: Surroundings) -> None:
    """Page after page, each in a transaction of its own."""
    project = find_default_project()
    if around.periods is None or project is None:
        return
    project_id = project.id
    by = Caller(None, "", Occasion.now(around.tz, "job"), is_operator=True)
    gone = True
    while gone:
        with transaction():
            found = let_go(around.periods, project_id=project_id, by=by)
        gone = bool(found)
        if found:
            get_logger().info("retention periods ended", **found)
