"""The audit log: one function, which adds a row."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import insert

from server.db import execute, utc_now
from server.models import Audit

_ADD = insert(Audit)


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
