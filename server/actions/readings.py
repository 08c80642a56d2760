"""The access log: who was given what identifies a person (domain.md §2.6, §7.5)."""

from __future__ import annotations

from datetime import timedelta

from server.auth.callers import Caller
from server.db import transaction, utc_now
from server.queries import audits

COVERS = timedelta(minutes=1)


def log_reading(
    by: Caller, action: str, actee_type: str, actee_id: int | None, **details: object
) -> None:
    """Record that the caller is given this: before the answer is, and outside any transaction.

    A page, the XML behind it and its files are one reading: a row speaks for a minute of the same
    person, thing, action, place and reason. The minute runs from the row, never from a reading
    that it covered, so whoever goes on reading is told of every minute. Details make a reading a
    row of its own.
    """
    is_covered = not details and audits.is_logged(
        by, action, actee_type, actee_id, after=utc_now() - COVERS
    )
    if not is_covered:
        with transaction():
            audits.log(by, action, actee_type, actee_id, **details)
