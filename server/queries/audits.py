"""The audit log: rows are added, and let go of after years; `audit_searches` finds many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import bindparam, delete, func, insert, select

from server.db import db, execute, fetch, utc_now
from server.models import Audit

_ADD = insert(Audit)
_IS_LOGGED = (
    select(Audit.id)
    .where(
        Audit.actee_type == bindparam("actee_type"),
        Audit.actee_id == bindparam("actee_id"),
        Audit.logged_at > bindparam("after"),
        Audit.actor_id == bindparam("actor_id"),
        Audit.action == bindparam("action"),
        func.coalesce(Audit.source, "") == bindparam("source"),
        func.coalesce(Audit.notes, "") == bindparam("notes"),
    )
    .limit(1)
)
MIN_YEARS = 5
"""The access log is kept at least so long (domain.md §2.6)."""


class Occasion(Protocol):
    """From where and why."""

    @property
    def source(self) -> str: ...
    @property
    def reason(self) -> str: ...


class Who(Protocol):
    """Whoever did it: a caller of any door."""

    @property
    def actor_id(self) -> int | None: ...
    @property
    def occasion(self) -> Occasion: ...


def log(by: Who, action: str, actee_type: str, actee_id: int | None, **details: Any) -> None:
    """Record a change in the transaction that makes it; details never hold answers or names."""
    log_many(by, [(action, actee_type, actee_id, details)])


def log_many(by: Who, entries: Sequence[tuple[str, str, int | None, Mapping[str, Any]]]) -> None:
    """(action, actee type, actee id, details) of each."""
    rows = [
        {
            "actor_id": by.actor_id,
            "action": action,
            "actee_type": actee_type,
            "actee_id": actee_id,
            "details": dict(details) or None,
            "source": by.occasion.source or None,
            "notes": by.occasion.reason or None,
            "logged_at": utc_now(),
        }
        for action, actee_type, actee_id, details in entries
    ]
    if rows:
        execute(_ADD, rows)


def is_logged(
    by: Who, action: str, actee_type: str, actee_id: int | None, *, after: datetime
) -> bool:
    """True if the same person did the same, from there and for that, after a moment."""
    if by.actor_id is None or actee_id is None:
        return False
    names = {
        "actee_type": actee_type,
        "actee_id": actee_id,
        "after": after,
        "actor_id": by.actor_id,
        "action": action,
        "source": by.occasion.source,
        "notes": by.occasion.reason,
    }
    return bool(fetch(_IS_LOGGED, names))


def count_older(than: datetime) -> tuple[int, datetime | None]:
    """(how many, when the oldest was logged)"""
    query = select(func.count(), func.min(Audit.logged_at)).where(Audit.logged_at < than)
    count, oldest = db.session.execute(query).one()
    return count, oldest


def remove_older(than: datetime) -> int:
    """Let go of rows, never of younger ones than five years; return how many."""
    if than > utc_now() - timedelta(days=365 * MIN_YEARS):
        raise ValueError(than)
    result = db.session.execute(delete(Audit).where(Audit.logged_at < than))
    return int(getattr(result, "rowcount", 0))
