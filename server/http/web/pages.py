"""What every page shares: its frame, strict headers, refusals as pages."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, Response, g, make_response, render_template
from werkzeug.exceptions import HTTPException

from server.errors import Problem
from server.http import cookies, refusals
from server.http.requests import settings
from server.messages import error_text

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def page(template: str, *, status: int = 200, **values: object) -> Response:
    """A page in the installation's language."""
    return make_response(render_template(template, lang=settings().lang, **values), status)


def say(problem: Problem) -> str:
    """What a person at a page is told, where that differs from what a program is."""
    return error_text(problem.code, settings().lang, {"subject": "page"} | problem.details)


def refusal(problem: Problem) -> Response:
    return page("error.html", status=problem.status, message=say(problem))


def http_refusal(error: HTTPException) -> Response:
    status = error.code or 500
    code = Decimal(status) if status < 500 else Problem.code
    return page("error.html", status=status, message=error_text(code, settings().lang))


def add_headers(response: Response) -> Response:
    """No script, nothing from elsewhere, in no frame; no address goes with a link followed."""
    headers = response.headers
    headers["Content-Security-Policy"] = _POLICY
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cache-Control"] = "no-store"
    if g.get("session_is_over"):
        cookies.clear_session(response)
    return response


def register(bp: Blueprint) -> None:
    refusals.register(bp, refusal=refusal, http_refusal=http_refusal)
    bp.after_request(add_headers)
