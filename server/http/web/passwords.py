"""/password: another one, of one's own choice; /reset/{token}: one for whom it is forgotten."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from server.actions.passwords import change_password, use_reset_link
from server.auth.callers import Caller
from server.auth.credentials import check_password
from server.auth.sessions import get_reset
from server.db import transaction
from server.errors import (
    PageExpired,
    PasswordTooLong,
    PasswordTooShort,
    PasswordTooWeak,
    Problem,
    TooManyAttempts,
    Unauthenticated,
)
from server.http.refusals import mark_wait
from server.http.requests import occasion, settings, source
from server.queries import actors
from server.queries.sessions import SessionRow

from .pages import page, say
from .visitors import (
    caller_of,
    find_session,
    form_token,
    require_own_form,
    to_sign_in,
    with_visit,
)

bp = Blueprint("passwords", __name__)
_TO_MEND = (
    PageExpired,
    PasswordTooLong,
    PasswordTooShort,
    PasswordTooWeak,
    TooManyAttempts,
    Unauthenticated,
)


@bp.get("/password")
def ask() -> ResponseReturnValue:
    session = find_session()
    return to_sign_in("/password") if session is None else _form(session)


@bp.post("/password")
def change() -> ResponseReturnValue:
    session = find_session()
    if session is None:
        return to_sign_in("/password")
    try:
        require_own_form(session)
        check_password(session.email, request.form.get("old", ""), source=source())
        with transaction():
            change_password(
                actors.get_user_by_id(session.actor_id),
                request.form.get("new", ""),
                session_hash=session.token_hash,
                secret_key=settings().secret_key,
                by=caller_of(session),
            )
    except _TO_MEND as problem:
        return _form(session, problem)
    return redirect("/", 303)


@bp.get("/reset/<token>")
def ask_new(token: str) -> Response:
    return _reset_form(get_reset(token, source=source()).email)


@bp.post("/reset/<token>")
def set_new(token: str) -> ResponseReturnValue:
    reset = get_reset(token, source=source())
    try:
        require_own_form(None)
        by = Caller(reset.actor_id, reset.email, occasion())
        with transaction():
            use_reset_link(token, request.form.get("new", ""), by=by)
    except _TO_MEND as problem:
        return _reset_form(reset.email, problem)
    return redirect("/login", 303)


def _form(session: SessionRow, problem: Problem | None = None) -> Response:
    return _answer("password.html", problem, csrf=session.csrf, session=session)


def _reset_form(email: str, problem: Problem | None = None) -> Response:
    token, visit = form_token(None)
    return with_visit(_answer("reset.html", problem, csrf=token, email=email), visit)


def _answer(template: str, problem: Problem | None, **values: object) -> Response:
    status = problem.status if problem is not None else 200
    message = say(problem) if problem is not None else None
    response = page(template, status=status, message=message, **values)
    return mark_wait(response, problem) if problem is not None else response
