"""…/datasets: lists of entities and their properties (central-api.md §15.1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request, stream_with_context
from marshmallow import fields

from server.actions.entities import curating
from server.actions.entities.access import get_list, list_lists, require_access
from server.actions.entities.curating import Settings
from server.actions.entities.lists import PhoneList
from server.actions.readings import log_reading
from server.auth.gate import Rights
from server.auth.roles import Verb
from server.db import transaction
from server.errors import ParameterUnknown
from server.queries import entity_pages
from server.queries.entity_pages import Wanted
from server.queries.projects import get_project

from .bodies import Body, flag, read, read_json
from .callers import identify
from .dataset_schemas import dump_detail, dump_list
from .entity_filters import read_wanted
from .entity_tables import entities_csv
from .envelopes import success

bp = Blueprint("datasets", __name__, url_prefix="/projects/<id:project_id>/datasets")


class SettingsBody(Body):
    """What staff set of a list."""

    approval_required = fields.Boolean(data_key="approvalRequired", truthy={True}, falsy={False})
    owner_only = fields.Boolean(data_key="ownerOnly", truthy={True}, falsy={False})


class NewList(SettingsBody):
    """A list by hand."""

    name = fields.String(required=True)


class NewProperty(Body):
    """A property by hand."""

    name = fields.String(required=True)


@bp.get("")
def list_all(project_id: int) -> Response:
    """Nothing is in a trash: what has entities is never deleted."""
    by = identify().caller
    project = get_project(project_id)
    found = [] if flag("deleted") else list_lists(project.id, by=by)
    rights = Rights(by)
    return jsonify([dump_list(facts, rights) for facts in found])


@bp.post("")
def create(project_id: int) -> Response:
    by = identify().caller
    project = get_project(project_id)
    given = read(NewList())
    with transaction():
        curating.add_list(project.id, given["name"], _settings(given), by=by)
    return jsonify(dump_detail(get_list(project_id, given["name"], by=by), by))


@bp.get("/<segment:dataset>")
def get(project_id: int, dataset: str) -> Response:
    by = identify().caller
    return jsonify(dump_detail(get_list(project_id, dataset, by=by), by))


@bp.patch("/<segment:dataset>")
def update(project_id: int, dataset: str) -> Response:
    by = identify().caller
    facts = get_list(project_id, dataset, by=by)
    given = read(SettingsBody())
    if read_json().get("accessFilter") is not None:
        raise ParameterUnknown(feature="accessFilter")
    with transaction():
        curating.change_list(facts, _settings(given), convert=flag("convert"), by=by)
    return jsonify(dump_detail(get_list(project_id, dataset, by=by), by))


@bp.delete("/<segment:dataset>")
def delete(project_id: int, dataset: str) -> Response:
    by = identify().caller
    facts = get_list(project_id, dataset, by=by)
    with transaction():
        curating.drop_list(facts, by=by)
    return success()


@bp.post("/<segment:dataset>/properties")
def add_property(project_id: int, dataset: str) -> Response:
    by = identify().caller
    facts = get_list(project_id, dataset, by=by)
    given = read(NewProperty())
    with transaction():
        curating.add_property(facts, given["name"], by=by)
    return success()


@bp.delete("/<segment:dataset>/properties/<segment:name>")
def delete_property(project_id: int, dataset: str, name: str) -> Response:
    by = identify().caller
    facts = get_list(project_id, dataset, by=by)
    with transaction():
        curating.drop_property(facts, name, by=by)
    return success()


@bp.get("/<segment:dataset>/entities.csv")
def download(project_id: int, dataset: str) -> Response:
    """Newest first; nothing where nothing changed since the client's copy, if it has all."""
    by = identify().caller
    facts = get_list(project_id, dataset, by=by)
    access = require_access(facts, Verb.ENTITY_LIST, by=by)
    wanted = read_wanted(access)
    tag = PhoneList(facts, access.scope, access.properties, None).tag
    is_whole = wanted == Wanted()
    if is_whole and request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        log_reading(by, "dataset.entity.export", "dataset", facts.id)
        pages = entity_pages.iter_pages(facts.id, access.scope, wanted)
        lines = entities_csv(facts, pages, access.properties)
        response = Response(stream_with_context(lines), mimetype="text/csv")
        named = quote(f"{facts.name}.csv")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{named}"
    if is_whole:
        response.set_etag(tag)
    return response


def _settings(given: dict[str, Any]) -> Settings:
    return Settings(given.get("approval_required"), given.get("owner_only"))
