"""Who looks at a page, and whether a form was filled on a page of ours."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from urllib.parse import urlencode

from flask import Response, g, redirect, request
from werkzeug.wrappers import Response as Redirect

from server.auth.callers import Caller
from server.auth.sessions import get_session
from server.errors import PageExpired, Unauthenticated
from server.http import cookies
from server.http.requests import occasion, settings, source
from server.queries.sessions import SessionRow

_OWN_PATH = re.compile(r"/(?:[^/\\\s\x00-\x1f\x7f][^\\\s\x00-\x1f\x7f]*)?")
_OVER = "null"


def find_session() -> SessionRow | None:
    """The visitor's session; None for whoever has none, or one that is over.

    The browser is told to forget that one: what it sends again and again looks like guesses.
    """
    token = cookies.session_token()
    if token is None or token == _OVER:
        return None
    try:
        return get_session(token, source=source())
    except Unauthenticated:
        g.session_is_over = True
        return None


def caller_of(session: SessionRow) -> Caller:
    return Caller(session.actor_id, session.display_name, occasion())


def to_sign_in(path: str) -> Redirect:
    """To the sign-in page, and from there back to `path`."""
    return redirect("/login?" + urlencode({"next": path}), 303)


def own_path(text: str | None) -> str:
    """Where to go next: a path of this server, never another's; else the first page."""
    return text if text and _OWN_PATH.fullmatch(text) else "/"


def form_token(session: SessionRow | None) -> tuple[str, str | None]:
    """What a form must bring back, and the cookie that belongs to it before the sign-in.

    Another site knows neither: the value is derived from a cookie that only this browser has.
    """
    if session is not None:
        return session.csrf, None
    kept = request.cookies.get(_visit_name())
    visit = kept or secrets.token_urlsafe(32)
    return _sign(visit), None if kept else visit


def with_visit(response: Response, visit: str | None) -> Response:
    if visit is not None:
        cookies.put(response, _visit_name(), visit)
    return response


def require_own_form(session: SessionRow | None) -> None:
    """Raise PageExpired for a form that was not filled on a page of ours, or of another time."""
    kept = request.cookies.get(_visit_name())
    expected = session.csrf if session is not None else _sign(kept) if kept else ""
    given = request.form.get(cookies.CSRF, "")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise PageExpired


def _visit_name() -> str:
    return "__Host-visit" if request.is_secure else "visit"


def _sign(visit: str) -> str:
    key = f"form {settings().secret_key}".encode()
    return hmac.new(key, visit.encode(), hashlib.sha256).hexdigest()
