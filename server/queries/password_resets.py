"""One-time links for a new password: add, find, take, forget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, bindparam, delete, select

from server.db import db, execute, fetch
from server.models import PasswordReset, User

ResetRow = Row[int, str, datetime]
"""(actor_id, email, expires_at)"""

_RESET = (
    select(PasswordReset.actor_id, User.email, PasswordReset.expires_at)
    .join(User, User.actor_id == PasswordReset.actor_id)
    .where(PasswordReset.token_hash == bindparam("token_hash"), User.disabled_at.is_(None))
)


def find_reset(token_hash: str) -> ResetRow | None:
    """The account of a link, of one that is over too; a query of its own."""
    rows: Sequence[ResetRow] = fetch(_RESET, {"token_hash": token_hash})
    return rows[0] if rows else None


def add_reset(
    actor_id: int, token_hash: str, *, created_at: datetime, expires_at: datetime
) -> None:
    db.session.add(
        PasswordReset(
            token_hash=token_hash, actor_id=actor_id, created_at=created_at, expires_at=expires_at
        )
    )
    db.session.flush()


def has_reset_since(actor_id: int, moment: datetime) -> bool:
    query = select(PasswordReset.token_hash).where(
        PasswordReset.actor_id == actor_id, PasswordReset.created_at > moment
    )
    return db.session.scalar(query.limit(1)) is not None


def take_reset(token_hash: str) -> bool:
    """Use a link up; False where another request was faster."""
    used = delete(PasswordReset).where(PasswordReset.token_hash == token_hash)
    return bool(execute(used).rowcount)


def drop_resets(actor_id: int) -> None:
    execute(delete(PasswordReset).where(PasswordReset.actor_id == actor_id))


def forget_expired(*, now: datetime) -> int:
    return int(execute(delete(PasswordReset).where(PasswordReset.expires_at <= now)).rowcount)
