"""HEAD upload and POST formUpload: forms that Briefcase pushes (openrosa.md §13)."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from server.actions.pushing import publish_pushed
from server.auth.gate import require
from server.auth.roles import Verb
from server.db import db, transaction
from server.errors import TooLarge
from server.http.requests import settings, storage
from server.messages import text
from server.queries.projects import get_project

from .bodies import read_body
from .callers import authorise
from .envelopes import language, message
from .submissions import take_the_rest

bp = Blueprint("pushes", __name__)
bp.after_request(take_the_rest)


@bp.get("/upload")
def probe() -> Response:
    """Briefcase asks with HEAD whether this is a server that it can push to."""
    authorise()
    return Response(status=204)


@bp.post("/formUpload")
def form_upload() -> Response:
    caller = authorise()
    project_id: int = g.project_id
    require(caller, Verb.FORM_CREATE, project_id=project_id)
    db.session.rollback()  # hold no connection while a slow body arrives
    limit = settings().max_upload
    if (request.content_length or 0) > limit:
        raise TooLarge(limit=limit)
    boundary = request.mimetype_params.get("boundary")
    with read_body(request.stream, boundary, storage(), limit=limit) as body, transaction():
        published = publish_pushed(
            body.files, project=get_project(project_id), storage=storage(), by=caller
        )
        name = published.definition.title
    return message(text("form_pushed", language(), name=name), nature="submit_success", status=201)
