"""Give an account another password: with the old one, or with a one-time link."""

from __future__ import annotations

from datetime import timedelta

from server.auth.callers import Caller
from server.auth.digest import make_ha1
from server.auth.gate import require
from server.auth.passwords import hash_password, require_strong
from server.auth.roles import Verb
from server.auth.sessions import make_reset
from server.auth.tokens import hash_token, seal
from server.db import utc_now
from server.errors import ResetLinkGone
from server.models import Project, User
from server.queries import actors, audits, jobs, password_resets, sessions

QUIET = timedelta(minutes=10)
"""Nobody gets two links by e-mail in less: asking for them costs nothing."""


def change_password(
    user: User, new: str, *, session_hash: str | None, secret_key: str, by: Caller
) -> None:
    """Set another password for whom the old one was right; every session but this one ends.

    Where Digest was on, it goes on with the new password, if that can be sent right.
    """
    require_strong(new, user.email)
    user.password_hash = hash_password(new)
    user.must_change_password = False
    if user.digest_ha1 is not None:
        text = user.email + new
        can_digest = text.isascii() and text.isprintable()
        user.digest_ha1 = seal(make_ha1(user.email, new), secret_key) if can_digest else None
    sessions.end_sessions(user.actor_id, but=session_hash)
    password_resets.drop_resets(user.actor_id)
    audits.log(by, "user.update", "user", user.actor_id, data={"password": "changed"})


def make_reset_link(email: str, *, project: Project, by: Caller) -> tuple[User, str]:
    """The token of a one-time link for that person, to hand over; valid for a day."""
    require(by, Verb.USER_UPDATE, project_id=project.id)
    user = actors.get_living_user(email)
    token = make_reset(user.actor_id, now=utc_now())
    audits.log(by, "user.update", "user", user.actor_id, data={"resetLink": "made"})
    return user, token


def use_reset_link(token: str, new: str, *, by: Caller) -> None:
    """Set a new password; all sessions, Digest and the other links end. ResetLinkGone in a race."""
    if by.actor_id is None or not password_resets.take_reset(hash_token(token)):
        raise ResetLinkGone
    user = actors.get_user_by_id(by.actor_id)
    require_strong(new, user.email)
    user.password_hash = hash_password(new)
    user.must_change_password = False
    _end_all(user)
    audits.log(by, "user.update", "user", user.actor_id, data={"password": "reset"})


def ask_for_reset(email: str, *, invalidate: bool, project: Project, by: Caller) -> None:
    """Have a link sent by e-mail. Whoever asks is not told whether there is such an account.

    The same rows are written either way: a job without an account does nothing. `invalidate` also
    ends the old password at once, and needs the right to.
    """
    if invalidate:
        require(by, Verb.USER_UPDATE, project_id=project.id)
    user = actors.find_living_user(email)
    if user is not None and invalidate:
        user.password_hash = None
        _end_all(user)
        audits.log(by, "user.update", "user", user.actor_id, data={"password": "invalidated"})
    jobs.add_job("mail_reset_link", actor_id=user.actor_id if user is not None else None)


def make_mailed_link(actor_id: int, *, by: Caller) -> tuple[str, str] | None:
    """(address, token) of a link to send; None where one was made a moment ago, or nobody is."""
    user = actors.find_user_by_id(actor_id)
    now = utc_now()
    if user is None or user.disabled_at is not None:
        return None
    if password_resets.has_reset_since(actor_id, now - QUIET):
        return None
    token = make_reset(actor_id, now=now)
    audits.log(by, "user.update", "user", actor_id, data={"resetLink": "mailed"})
    return user.email, token


def drop_mailed_link(token: str) -> None:
    """For one that could not be sent."""
    password_resets.take_reset(hash_token(token))


def _end_all(user: User) -> None:
    user.digest_ha1 = None
    sessions.end_sessions(user.actor_id)
    password_resets.drop_resets(user.actor_id)
