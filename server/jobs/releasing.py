"""Join edits with originals that came while nobody looked: a process that died in between."""

from __future__ import annotations

from server.actions.releasing import release_edits
from server.db import transaction
from server.jobs.surroundings import Surroundings
from server.log import get_logger
from server.queries.held_edits import list_awaited


def release_held_edits(around: Surroundings) -> None:
    """Each original alone, so that one that fails keeps no other waiting."""
    with transaction():
        awaited = [(row.form_id, row.deprecated_id) for row in list_awaited()]
    released = 0
    for form_id, awaited_id in awaited:
        with transaction():
            released += release_edits(form_id, awaited_id, checker=around.checker)
    if released:
        get_logger().info("held edits joined", released=released)
