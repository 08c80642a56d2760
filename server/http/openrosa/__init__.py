"""OpenRosa, as ODK Collect speaks it: form list, forms, media, submissions.

A phone is given one of the addresses in DOORS; Collect appends the rest.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response

from server.http.requests import settings

from . import (
    briefcase,
    callers,
    downloads,
    drafts,
    envelopes,
    formlists,
    integrity,
    pushes,
    submissions,
)

DOORS = {
    "phones": "/v1/key/<token>/projects/<id:project_id>",
    "people": "/v1/projects/<id:project_id>",
    "project": "/projects/<id:project_id>",
    "host": "",
}
DRAFT_DOOR = "/v1/test/<token>/projects/<id:project_id>/forms/<segment:draft_of>"


def register(app: Flask) -> None:
    """Open every door; the two short ones hand out addresses below `/v1/projects/{id}`."""
    for name, prefix in DOORS.items():
        door = _door(name, prefix)
        door.register_blueprint(formlists.bp)
        door.register_blueprint(submissions.bp)
        door.register_blueprint(briefcase.bp)
        door.register_blueprint(pushes.bp)
        if prefix.startswith("/v1"):
            door.register_blueprint(downloads.bp)
            door.register_blueprint(integrity.bp)
        app.register_blueprint(door)
    tests = _door("drafts", DRAFT_DOOR)
    tests.register_blueprint(drafts.bp)
    tests.register_blueprint(submissions.bp, url_prefix="/draft")
    app.register_blueprint(tests)


def _door(name: str, prefix: str) -> Blueprint:
    bp = Blueprint(f"openrosa-{name}", __name__, url_prefix=prefix)
    bp.url_value_preprocessor(callers.take_door)
    bp.after_request(_add_headers)
    envelopes.register(bp)
    return bp


def _add_headers(response: Response) -> Response:
    """Every answer, errors too, carries what Collect looks for (openrosa.md §1)."""
    return envelopes.add_headers(response, settings())
