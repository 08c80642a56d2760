"""Remove what is over: sessions, links for a new password, counts of failed sign-ins, done jobs."""

from __future__ import annotations

from datetime import timedelta

from server.auth.throttling import WINDOW
from server.db import transaction, utc_now
from server.jobs.surroundings import Surroundings
from server.log import get_logger
from server.queries import jobs, password_resets, sessions, sign_ins

KEEP_DONE = timedelta(days=7)


def forget_expired(_around: Surroundings) -> None:
    """They open nothing any more; this keeps the tables small."""
    now = utc_now()
    with transaction():
        removed = sessions.forget_expired(now=now)
        links = password_resets.forget_expired(now=now)
        sign_ins.forget_failures(before=now - WINDOW)
        jobs.forget_done(before=now - KEEP_DONE)
    if removed or links:
        get_logger().info("expired rows removed", sessions=removed, links=links)
