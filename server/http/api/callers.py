"""Who asks the API: credentials in the order of central-api.md §3, each wrong one slowed."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace

from flask import request

from server.auth.callers import Caller, find_holder
from server.auth.credentials import check_password
from server.auth.sessions import get_session
from server.auth.throttling import refuse_token
from server.errors import NotAllowed, Unauthenticated
from server.http import cookies
from server.http.api.bodies import read_json
from server.http.requests import occasion, require_secure, source
from server.queries.projects import find_catalogue
from server.queries.sessions import SessionRow


@dataclass(frozen=True, slots=True)
class Signed:
    """Who asks; the session where there is one, and whether it is a person."""

    caller: Caller
    session: SessionRow | None = None
    is_user: bool = True


def nobody() -> Caller:
    """For what may be asked without an account."""
    return Caller(None, "", occasion())


def bearer() -> str:
    """The token of `Authorization: Bearer …`, empty where there is none."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else ""


def identify() -> Signed:
    """Raise Unauthenticated for nobody; the first kind of credentials that is there decides."""
    signed = _identify()
    return replace(signed, caller=_remembering(signed.caller))


def _identify() -> Signed:
    token = request.args.get("st")
    if token is not None:
        return Signed(_holder(token), is_user=False)
    if "Authorization" in request.headers:
        return _by_header()
    if cookies.session_token() is not None:
        return _by_cookie()
    raise Unauthenticated


def identify_user() -> Signed:
    """The same where only a person with an account has any business."""
    signed = identify()
    if not signed.is_user:
        raise NotAllowed
    return signed


def of_session(session: SessionRow) -> Signed:
    return Signed(Caller(session.actor_id, session.display_name, occasion()), session)


def _remembering(caller: Caller) -> Caller:
    """Reading may use what is remembered of the project; whoever changes something asks anew."""
    project_id = (request.view_args or {}).get("project_id")
    if project_id is None or request.method not in ("GET", "HEAD"):
        return replace(caller, catalogue=None)
    if caller.project_id not in (None, project_id):
        return replace(caller, catalogue=None)
    row = find_catalogue(project_id)
    catalogue = row.catalogue if row is not None else None
    return replace(caller, project_id=project_id, catalogue=catalogue)


def _holder(token: str) -> Caller:
    try:
        return find_holder(token, occasion())
    except (NotAllowed, Unauthenticated):
        refuse_token(source())
        raise


def _by_header() -> Signed:
    if token := bearer():
        return of_session(get_session(token, source=source()))
    basic = request.authorization
    if basic is None or basic.type != "basic":
        raise Unauthenticated
    require_secure()
    if not basic.username or not basic.password:
        raise Unauthenticated
    user = check_password(basic.username, basic.password, source=source())
    return Signed(Caller(user.actor_id, user.display_name, occasion()))


def _by_cookie() -> Signed:
    require_secure()
    session = get_session(cookies.session_token() or "", source=source())
    if request.method == "POST" and not _is_own_page(session.csrf):
        raise Unauthenticated
    return of_session(session)


def _is_own_page(csrf: str) -> bool:
    """No other site can set that header, or know that value."""
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return True
    if request.mimetype == "application/x-www-form-urlencoded":
        given = request.form.get(cookies.CSRF)
    else:
        given = read_json().get(cookies.CSRF)
    return isinstance(given, str) and hmac.compare_digest(given.encode(), csrf.encode())
