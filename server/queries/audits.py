"""The audit log: one function, which adds a row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from server.db import execute, utc_now
from server.models import Audit

_ADD = insert(Audit)


def log(
    actor_id: int | None, action: str, actee_type: str, actee_id: int | None, **details: Any
) -> None:
    """Record a change in the transaction that makes it; details never hold answers or names."""
    row = {
        "actor_id": actor_id,
        "action": action,
        "actee_type": actee_type,
        "actee_id": actee_id,
        "details": details or None,
        "logged_at": utc_now(),
    }
    execute(_ADD, row)
