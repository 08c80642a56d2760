"""Sign in, sign out, end somebody's way in."""

from __future__ import annotations

from server.actions.people import revoke_app_user
from server.actions.public_links import revoke_public_link
from server.auth.callers import Caller, find_holder
from server.auth.gate import require
from server.auth.roles import Verb
from server.auth.sessions import NewSession, open_session
from server.auth.throttling import refuse_token
from server.auth.tokens import has_token_shape, hash_token
from server.db import utc_now
from server.errors import NotAllowed, Unauthenticated
from server.queries import audits, projects, sessions
from server.queries.actors import SignInRow
from server.queries.sessions import SessionRow

_MAX_AGENT = 255


def sign_in(user: SignInRow, *, user_agent: str, by: Caller) -> NewSession:
    """Open a session for whom `check_password` found right."""
    now = utc_now()
    if not sessions.mark_login(user.actor_id, user.password_hash or "", now):
        raise Unauthenticated
    agent = user_agent[:_MAX_AGENT] or None
    audits.log(by, "user.session.create", "user", user.actor_id, userAgent=agent)
    return open_session(user.actor_id, now=now)


def find_way_in(token: str, *, by: Caller) -> SessionRow | Caller:
    """The session of a token, or whoever sends with it; NotAllowed, counted, if it is nobody's."""
    session = sessions.find_session(hash_token(token)) if has_token_shape(token) else None
    if session is not None:
        return session
    try:
        return find_holder(token, by.occasion)
    except (NotAllowed, Unauthenticated) as error:
        refuse_token(by.occasion.source)
        raise NotAllowed from error


def end_way_in(way_in: SessionRow | Caller, *, by: Caller) -> None:
    """End one's own session, which Central does not log; or, with the right to it, another's."""
    if isinstance(way_in, Caller):
        _end_phone(way_in, by)
        return
    if way_in.actor_id != by.actor_id:
        require(by, Verb.USER_UPDATE, project_id=projects.get_project().id)
        audits.log(by, "user.session.end", "user", way_in.actor_id)
    sessions.end_session(way_in.token_hash)


def _end_phone(phone: Caller, by: Caller) -> None:
    if phone.actor_id is None or phone.project_id is None:
        raise NotAllowed
    project = projects.get_project(phone.project_id)
    if phone.link is None:
        revoke_app_user(phone.actor_id, project=project, by=by)
    else:
        revoke_public_link(phone.actor_id, project=project, by=by)
