"""Sessions: begin, find by the hash of their token, end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, bindparam, delete, select, update

from server.db import db, execute, fetch
from server.models import Actor, Session, User

SessionRow = Row[str, int, str, datetime, datetime, str, str, bool, datetime | None]
"""(token_hash, actor_id, csrf, created_at, expires_at, display_name, email,
must_change_password, disabled_at)"""

_SESSION = (
    select(
        Session.token_hash,
        Session.actor_id,
        Session.csrf,
        Session.created_at,
        Session.expires_at,
        Actor.display_name,
        User.email,
        User.must_change_password,
        User.disabled_at,
    )
    .join(User, User.actor_id == Session.actor_id)
    .join(Actor, Actor.id == Session.actor_id)
    .where(Session.token_hash == bindparam("token_hash"))
)


def find_session(token_hash: str) -> SessionRow | None:
    """What a request with a session needs to know, an expired one's too; a query of its own."""
    rows: Sequence[SessionRow] = fetch(_SESSION, {"token_hash": token_hash})
    return rows[0] if rows else None


def add_session(
    actor_id: int, token_hash: str, *, csrf: str, created_at: datetime, expires_at: datetime
) -> None:
    session = Session(
        token_hash=token_hash,
        actor_id=actor_id,
        csrf=csrf,
        created_at=created_at,
        expires_at=expires_at,
    )
    db.session.add(session)
    db.session.flush()


def mark_login(actor_id: int, password_hash: str, at: datetime) -> bool:
    """Note the sign-in; False if the account was disabled or its password changed meanwhile.

    The row stays locked: what ends sessions waits, and then ends the one that is about to begin.
    """
    marked = update(User).where(
        User.actor_id == actor_id,
        User.password_hash == password_hash,
        User.disabled_at.is_(None),
    )
    return bool(execute(marked.values(last_login_at=at)).rowcount)


def end_session(token_hash: str) -> bool:
    """False where it has ended before."""
    return bool(execute(delete(Session).where(Session.token_hash == token_hash)).rowcount)


def end_sessions(actor_id: int, *, but: str | None = None) -> None:
    """End all of a person's, or all but the one with this hash."""
    ended = delete(Session).where(Session.actor_id == actor_id)
    execute(ended if but is None else ended.where(Session.token_hash != but))


def forget_expired(*, now: datetime) -> int:
    """Remove the rows of sessions that are over; how many there were."""
    return int(execute(delete(Session).where(Session.expires_at <= now)).rowcount)
