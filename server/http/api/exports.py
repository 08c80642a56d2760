"""…/exports: a form's submissions as files, by a worker or at once; our own, Central's are CSV."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, jsonify

from server.actions.exporting.asking import ExportRequest
from server.actions.exporting.at_once import write_at_once
from server.actions.exporting.keeping import ask_export, cancel_or_remove, require_file
from server.actions.exporting.writing import Installed
from server.actions.readings import log_reading
from server.db import transaction
from server.errors import NotFound
from server.http.requests import settings, storage
from server.http.sending import send, send_once
from server.queries import forms, kept_exports
from server.queries.projects import get_project

from .callers import identify
from .envelopes import success
from .export_schemas import dump_export, read_body, read_query

bp = Blueprint("exports", __name__, url_prefix="/projects/<id:project_id>")
_TYPES = {
    ".zip": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".gpkg": "application/geopackage+sqlite3",
    ".ndjson": "application/x-ndjson",
}


@bp.post("/forms/<segment:xml_form_id>/exports")
def create(project_id: int, xml_form_id: str) -> tuple[Response, int]:
    by = identify().caller
    asked = read_body()
    with transaction():
        form = forms.get_form(project_id, xml_form_id)
        export = ask_export(asked, form, secret_key=settings().secret_key, tz=settings().tz, by=by)
        answer = dump_export(export, form.xml_form_id)
    return jsonify(answer), 201


@bp.get("/exports")
def list_all(project_id: int) -> Response:
    """One's own."""
    by = identify().caller
    project = get_project(project_id)
    found = kept_exports.list_own(project.id, by.actor_id)
    return jsonify([dump_export(e, forms.get_form_by_id(e.form_id).xml_form_id) for e in found])


@bp.get("/exports/<id:export_id>")
def get(project_id: int, export_id: int) -> Response:
    by = identify().caller
    export = kept_exports.get_own(export_id, project_id=project_id, actor_id=by.actor_id)
    return jsonify(dump_export(export, forms.get_form_by_id(export.form_id).xml_form_id))


@bp.get("/exports/<id:export_id>/file")
def download(project_id: int, export_id: int) -> Response:
    """Parts of it too, so that a broken download goes on."""
    by = identify().caller
    export = kept_exports.get_own(export_id, project_id=project_id, actor_id=by.actor_id)
    key = require_file(export, tz=settings().tz, by=by)
    file, name = storage().file(key), export.name
    if not file.is_file():
        raise NotFound(subject="file", name=name)
    log_reading(by, "form.submission.export", "form", export.form_id, export=export_id)
    return _unstored(send(file, name=name, mimetype=_type(name)))


@bp.delete("/exports/<id:export_id>")
def delete(project_id: int, export_id: int) -> Response:
    """Cancel it; remove it where it is over."""
    by = identify().caller
    with transaction():
        export = kept_exports.get_own(export_id, project_id=project_id, actor_id=by.actor_id)
        cancel_or_remove(export, by=by)
    return success()


@bp.get("/forms/<segment:xml_form_id>/export")
def write(project_id: int, xml_form_id: str) -> Response:
    by = identify().caller
    asked: ExportRequest = read_query()
    at = Installed.of(storage(), settings().secret_key, settings().tz)
    file, name = write_at_once(asked, project_id, xml_form_id, at=at, by=by)
    return _unstored(send_once(file, name=name, mimetype=_type(name)))


def _type(name: str) -> str:
    return _TYPES.get(Path(name).suffix, "application/octet-stream")


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
