"""Pages for people: one module a subject; what they share is in `pages` and `visitors`."""

from __future__ import annotations

from flask import Blueprint, Flask

from . import due, home, pages, passwords, sign_in


def register(app: Flask) -> None:
    bp = Blueprint("web", __name__)
    for part in (home, due, sign_in, passwords):
        bp.register_blueprint(part.bp)
    pages.register(bp)
    app.register_blueprint(bp)
