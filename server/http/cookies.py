"""The two cookies of a session, which pages and the API share (central-api.md §3)."""

from __future__ import annotations

from typing import Literal

from flask import request
from werkzeug.wrappers import Response

from server.auth.sessions import NewSession

CSRF = "__csrf"
_OVER = "Thu, 01 Jan 1970 00:00:00 GMT"


def session_name() -> str:
    """`__Host-` makes browsers insist on https, and on this very host."""
    return "__Host-session" if request.is_secure else "session"


def session_token() -> str | None:
    return request.cookies.get(session_name())


def set_session(response: Response, session: NewSession) -> None:
    for name, value, is_hidden in (
        (session_name(), session.token, True),
        (CSRF, session.csrf, False),
    ):
        put(response, name, value, expires=session.expires_at, httponly=is_hidden)


def clear_session(response: Response) -> None:
    """Overwritten, as Central does, with `null` and a time that is over."""
    for name, is_hidden in ((session_name(), True), (CSRF, False)):
        put(response, name, "null", expires=_OVER, httponly=is_hidden)


def put(
    response: Response, name: str, value: str, *, expires: object = None, httponly: bool = True
) -> None:
    same_site: Literal["Strict"] = "Strict"
    response.set_cookie(
        name,
        value,
        expires=expires,  # type: ignore[arg-type]  # werkzeug's stub leaves out None
        path="/",
        secure=request.is_secure,
        httponly=httponly,
        samesite=same_site,
    )
