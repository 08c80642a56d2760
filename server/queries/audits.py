"""The audit log: add a row, or see that it is there; `audit_searches` finds many."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import bindparam, func, insert, select

from server.db import execute, fetch, utc_now
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
    row = {
        "actor_id": by.actor_id,
        "action": action,
        "actee_type": actee_type,
        "actee_id": actee_id,
        "details": details or None,
        "source": by.occasion.source or None,
        "notes": by.occasion.reason or None,
        "logged_at": utc_now(),
    }
    execute(_ADD, row)


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
