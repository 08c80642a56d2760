"""Sessions and reset links: made here, found by the hash of their token; guesses are slowed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.auth.throttling import refuse_token
from server.auth.tokens import has_token_shape, hash_token, make_token
from server.db import utc_now
from server.errors import Problem, ResetLinkGone, Unauthenticated
from server.queries import password_resets, sessions
from server.queries.password_resets import ResetRow
from server.queries.sessions import SessionRow

LIFETIME = timedelta(hours=24)
"""Of a session, which is not extended (central-api.md §3), and of a reset link."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """What only the one who signs in is told."""

    token: str
    csrf: str
    created_at: datetime
    expires_at: datetime


def open_session(actor_id: int, *, now: datetime) -> NewSession:
    new = NewSession(make_token(), make_token(), now, now + LIFETIME)
    sessions.add_session(
        actor_id,
        hash_token(new.token),
        csrf=new.csrf,
        created_at=new.created_at,
        expires_at=new.expires_at,
    )
    return new


def get_session(token: str, *, source: str) -> SessionRow:
    """The session of a token; Unauthenticated, or TooManyAttempts for whoever tries many.

    One that is over is no guess, and is not counted as one.
    """
    row = sessions.find_session(hash_token(token)) if has_token_shape(token) else None
    if row is None:
        refuse_token(source)
        raise Unauthenticated
    if row.expires_at <= utc_now() or row.disabled_at is not None:
        raise Unauthenticated
    return row


def make_reset(actor_id: int, *, now: datetime) -> str:
    """The token of a link that sets a new password, once."""
    token = make_token()
    password_resets.add_reset(
        actor_id, hash_token(token), created_at=now, expires_at=now + LIFETIME
    )
    return token


def get_reset(token: str, *, source: str, refusal: type[Problem] = ResetLinkGone) -> ResetRow:
    """Whose password a link may set; `refusal` or TooManyAttempts where it may set none."""
    row = password_resets.find_reset(hash_token(token)) if has_token_shape(token) else None
    if row is None:
        refuse_token(source)
        raise refusal
    if row.expires_at <= utc_now():
        raise refusal
    return row
