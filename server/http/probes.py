"""/healthz: the process answers. /readyz: the database and the storage do too."""

from __future__ import annotations

from flask import Blueprint, Response

from server.db import DatabaseFault
from server.http.requests import storage
from server.queries.projects import find_default_project

bp = Blueprint("probes", __name__)


@bp.get("/healthz")
def health() -> Response:
    return Response("ok\n", content_type="text/plain")


@bp.get("/readyz")
def readiness() -> Response:
    try:
        ready = find_default_project() is not None and storage().is_ready()
    except DatabaseFault:
        ready = False
    return Response("ready\n" if ready else "not ready\n", 200 if ready else 503)
