"""The OpenRosaResponse: the only way to tell the person with the phone what happened."""

from __future__ import annotations

from decimal import Decimal
from xml.sax.saxutils import escape

from flask import Blueprint, Response, g
from werkzeug.exceptions import HTTPException

from server.config import Settings
from server.errors import Problem
from server.http import refusals
from server.http.requests import settings
from server.messages import phone_text

from .callers import challenges

ANNOUNCED_LIMIT = 10_000_000
"""Bytes a phone should send in one request; larger single files are taken all the same."""

_BODY = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
    '<message nature="{nature}">{text}</message></OpenRosaResponse>\n'
)


def message(text: str, *, nature: str, status: int) -> Response:
    body = _BODY.format(nature=nature, text=escape(_printable(text)))
    return Response(body, status, content_type="text/xml; charset=utf-8")


def language() -> str:
    """The app user's, else the installation's; Collect sends none."""
    caller = g.get("caller")
    return (caller.language if caller else None) or settings().lang


def refusal(problem: Problem) -> Response:
    text = phone_text(problem.code, language(), problem.details)
    response = message(text, nature="submit_failure", status=problem.status)
    if problem.status == 401:
        for challenge in challenges(stale=problem.details.get("stale") is True):
            response.headers.add("WWW-Authenticate", challenge)
    return response


def register(bp: Blueprint) -> None:
    """Turn every refusal inside the blueprint into the envelope."""
    refusals.register(bp, refusal=refusal, http_refusal=http_refusal)


def http_refusal(error: HTTPException) -> Response:
    status = error.code or 500
    code = Decimal(status) if status < 500 else Problem.code
    text = phone_text(code, language())
    return message(text, nature="submit_failure", status=status)


def add_headers(response: Response, settings: Settings) -> Response:
    headers = response.headers
    headers["X-OpenRosa-Version"] = "1.0"
    limit = min(ANNOUNCED_LIMIT, settings.max_upload)
    headers["X-OpenRosa-Accept-Content-Length"] = str(limit)
    headers["Content-Language"] = language()
    headers.setdefault("Cache-Control", "no-cache")
    headers["X-Content-Type-Options"] = "nosniff"
    return response


def _printable(text: str) -> str:
    """Without what XML forbids: an instance name may hold anything."""
    return "".join(c for c in text if c >= " " and not 0xFFFE <= ord(c) <= 0xFFFF)
