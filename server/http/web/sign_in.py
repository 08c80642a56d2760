"""/login and /logout, over plain http too: a network without TLS is real."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from server.actions.signing_in import sign_in
from server.auth.callers import Caller
from server.auth.credentials import check_password
from server.db import transaction
from server.errors import PageExpired, Problem, TooManyAttempts, Unauthenticated
from server.http import cookies
from server.http.refusals import mark_wait
from server.http.requests import occasion, source
from server.queries.sessions import end_session

from .pages import page, say
from .visitors import (
    find_session,
    form_token,
    own_path,
    require_own_form,
    with_visit,
)

bp = Blueprint("sign_in", __name__)


@bp.get("/login")
def ask() -> ResponseReturnValue:
    if find_session() is not None:
        return redirect(own_path(request.args.get("next")), 303)
    return _form(next_path=own_path(request.args.get("next")))


@bp.post("/login")
def enter() -> ResponseReturnValue:
    next_path = own_path(request.form.get("next"))
    email = request.form.get("email", "")
    try:
        require_own_form(None)
        user = check_password(
            email, request.form.get("password", ""), source=source(), is_logged=False
        )
        by = Caller(None, "", occasion())
        with transaction():
            session = sign_in(user, user_agent=request.headers.get("User-Agent", ""), by=by)
    except (PageExpired, TooManyAttempts, Unauthenticated) as problem:
        return _form(next_path=next_path, email=email, problem=problem)
    response = redirect(next_path, 303)
    cookies.set_session(response, session)
    return response


@bp.post("/logout")
def leave() -> ResponseReturnValue:
    session = find_session()
    if session is not None:
        require_own_form(session)
        with transaction():
            end_session(session.token_hash)
    response = redirect("/", 303)
    cookies.clear_session(response)
    return response


def _form(*, next_path: str, email: str = "", problem: Problem | None = None) -> Response:
    """Again with what was typed, but the password, and with what was wrong."""
    token, visit = form_token(None)
    response = page(
        "login.html",
        status=200 if problem is None else problem.status,
        csrf=token,
        next=next_path,
        email=email,
        message=say(problem) if problem is not None else None,
    )
    if problem is not None:
        mark_wait(response, problem)
    return with_visit(response, visit)
