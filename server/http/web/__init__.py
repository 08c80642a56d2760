"""Pages. So far the first one: what this server is, for whoever types its address."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from server.http.requests import base_url, settings

bp = Blueprint("web", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    page = render_template("home.html", lang=settings().lang, address=base_url())
    return page, {"Content-Security-Policy": "default-src 'none'; style-src 'self'"}
