"""Write exports that were asked for or are due, and let go of them after their time."""

from __future__ import annotations

from server.actions.exporting import keeping, running
from server.actions.exporting.releases import end_releases
from server.actions.exporting.scheduling import add_due
from server.actions.exporting.writing import Installed
from server.auth.callers import Occasion, operator
from server.db import transaction
from server.jobs.surroundings import Surroundings
from server.log import get_logger
from server.queries import kept_exports


def write_export(around: Surroundings, export_id: int) -> None:
    """Another worker begins it anew where one dies of it."""
    at = Installed(around.storage, around.rows, around.tz, around.checker.secret_key)
    running.run_export(export_id, at=at, keep=around.keep_exports)


def ask_scheduled_exports(around: Surroundings) -> None:
    """What is due is a job of its own."""
    with transaction():
        count = add_due(tz=around.tz)
    if count:
        get_logger().info("scheduled exports due", count=count)


def forget_exports(around: Surroundings) -> None:
    """Rows first: a file that no row speaks of is out of reach, and swept if this ends here.

    With a release's day its key ends.
    """
    by = operator(Occasion.now(around.tz, "job"))
    with transaction():
        ended = end_releases(today=by.occasion.on, by=by)
    if ended:
        get_logger().info("releases ended", count=ended)
    with transaction():
        keys = keeping.let_go()
    around.storage.remove(keys)
    with transaction():
        known = kept_exports.list_keys()
    swept = keeping.sweep(around.storage, known)
    if keys or swept:
        get_logger().info("exports removed", files=len(keys), swept=swept)
