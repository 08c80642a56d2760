"""Answers in JSON: the envelope of refusals (central-api.md §2), headers (§1.7)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from server.errors import Problem
from server.http import refusals
from server.http.requests import settings
from server.messages import error_text

_NOT_FOUND = Decimal("404.1")
_OURS = frozenset({"subject", "stale"})


def success() -> Response:
    return jsonify(success=True)


def refusal(problem: Problem) -> Response:
    details = {name: value for name, value in problem.details.items() if name not in _OURS}
    return _envelope(problem.code, problem.details, shown=details)


def http_refusal(error: HTTPException) -> Response:
    """What werkzeug refuses. No route and no such method are one thing, as in Central."""
    status = error.code or 500
    if status >= 500:
        response = jsonify(message="Internal Server Error")
        response.status_code = status
        return response
    code = _NOT_FOUND if status in (404, 405) else Decimal(f"{status}.1")
    return _envelope(code, {}, text_of=None if code != _NOT_FOUND else Decimal(404))


def add_headers(response: Response) -> Response:
    is_read = request.method in ("GET", "HEAD")
    if is_read and not request.path.startswith("/v1/sessions/"):
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers.setdefault("Vary", "Accept-Encoding, Origin")
    else:
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Vary"] = "*"
    if response.mimetype == "application/json" and "charset" not in response.mimetype_params:
        response.content_type = "application/json; charset=utf-8"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def register(bp: Blueprint) -> None:
    """Turn every refusal inside the blueprint into the envelope."""
    refusals.register(bp, refusal=refusal, http_refusal=http_refusal)
    bp.after_request(add_headers)


def _envelope(
    code: Decimal,
    details: dict[str, Any],
    *,
    shown: dict[str, Any] | None = None,
    text_of: Decimal | None = None,
) -> Response:
    """`code` is a JSON number: clients compare its text."""
    body: dict[str, Any] = {
        "code": float(code),
        "message": error_text(text_of or code, settings().lang, details),
    }
    if shown:
        body["details"] = shown
    response = jsonify(body)
    response.status_code = int(code)
    return response
