"""…/datasets/{name}/entities: read, made, changed, deleted, restored (central-api.md §15.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, stream_with_context

from server.actions.entities import changing
from server.actions.entities.access import Access, get_list, may_see_source, require_access
from server.actions.entities.restricting import list_facts, require_facts
from server.actions.readings import log_reading
from server.auth.callers import Caller
from server.auth.gate import Rights
from server.auth.roles import Verb
from server.db import transaction
from server.errors import NotFound
from server.models import Audit
from server.queries import entity_pages
from server.queries.datasets import DatasetFacts
from server.queries.entity_pages import PageRow

from .actors import ActorSchema
from .bodies import flag, number, stamp
from .callers import identify
from .entity_answers import dump_changed, dump_one, list_makers
from .entity_bodies import read_edit, read_entities, read_ids, user_agent
from .entity_filters import read_listed
from .entity_schemas import Shows, dump_entity
from .entity_versions import dump_diffs, dump_versions
from .envelopes import success

bp = Blueprint(
    "entities",
    __name__,
    url_prefix="/projects/<id:project_id>/datasets/<segment:dataset>/entities",
)


@bp.url_value_preprocessor
def _take_any_case(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """UUIDs are one in capitals and small letters; the register has the latter."""
    if values and "uuid" in values:
        values["uuid"] = values["uuid"].lower()


@bp.get("")
def list_all(project_id: int, dataset: str) -> Response:
    """The whole list, as it is read: there may be a million."""
    access, by = _access(project_id, dataset, Verb.ENTITY_LIST)
    wanted = read_listed(access)
    log_reading(by, "dataset.entity.export", "dataset", access.facts.id)
    pages = entity_pages.iter_pages(access.facts.id, access.scope, wanted)
    return Response(
        stream_with_context(_json_array(pages, access, may_see_source(access.facts, by=by))),
        mimetype="application/json",
    )


@bp.post("")
def create(project_id: int, dataset: str) -> Response:
    """One, which is answered, or many, all or none of them."""
    facts, by = _list(project_id, dataset)
    new, origin, in_bulk = read_entities()
    with transaction():
        uuids = changing.create_entities(facts, new, origin, by=by, in_bulk=in_bulk)
        answer = None if in_bulk else dump_changed(facts, uuids[0], by)
    return success() if answer is None else jsonify(answer)


@bp.get("/creators")
def list_creators(project_id: int, dataset: str) -> Response:
    access, _ = _access(project_id, dataset, Verb.ENTITY_LIST)
    found = entity_pages.list_creators(access.facts.id, access.scope)
    return jsonify(ActorSchema(many=True).dump(found))


@bp.post("/bulk-delete")
def delete_many(project_id: int, dataset: str) -> Response:
    facts, by = _list(project_id, dataset)
    ids = read_ids()
    with transaction():
        count = changing.delete_entities(facts, ids, by=by)
    return jsonify(count=count)


@bp.post("/bulk-restore")
def restore_many(project_id: int, dataset: str) -> Response:
    facts, by = _list(project_id, dataset)
    ids = read_ids()
    with transaction():
        count = changing.restore_entities(facts, ids, by=by)
    return jsonify(count=count)


@bp.get("/<segment:uuid>")
def get(project_id: int, dataset: str, uuid: str) -> Response:
    access, row, by = _read_one(project_id, dataset, uuid)
    return jsonify(dump_one(row, access, by))


@bp.patch("/<segment:uuid>")
def update(project_id: int, dataset: str, uuid: str) -> Response:
    facts, by = _list(project_id, dataset)
    edit = read_edit()
    origin = changing.Origin("api", user_agent())
    with transaction():
        changing.update_entity(facts, uuid, edit, origin, by=by)
        answer = dump_changed(facts, uuid, by)
    return jsonify(answer)


@bp.delete("/<segment:uuid>")
def delete(project_id: int, dataset: str, uuid: str) -> Response:
    facts, by = _list(project_id, dataset)
    with transaction():
        changing.delete_entity(facts, uuid, by=by)
    return success()


@bp.post("/<segment:uuid>/restore")
def restore(project_id: int, dataset: str, uuid: str) -> Response:
    facts, by = _list(project_id, dataset)
    with transaction():
        changing.restore_entity(facts, uuid, by=by)
    return success()


@bp.get("/<segment:uuid>/restricted")
def get_restricted(project_id: int, dataset: str, uuid: str) -> Response:
    """What restricted forms said of it: in no other answer."""
    access, by = _access(project_id, dataset, Verb.ENTITY_READ)
    scopes = require_facts(access.facts, Verb.ENTITY_READ, by=by)
    row = _find(access, uuid)
    known = list_facts(row, scopes)
    log_reading(by, "entity.read", "entity", row.id, restricted=True)
    dumped = {k: {"value": v.value, "notedAt": stamp(v.noted_at)} for k, v in known.items()}
    return jsonify(dumped)


@bp.get("/<segment:uuid>/versions")
def list_versions(project_id: int, dataset: str, uuid: str) -> Response:
    access, row, by = _read_one(project_id, dataset, uuid)
    rows = entity_pages.list_versions(row.id)
    makers = list_makers([r.version_creator_id for r in rows])
    dumped = dump_versions(rows, access.properties, makers, may_see_source(access.facts, by=by))
    if flag("relevantToConflict"):
        dumped = [version for version in dumped if version["relevantToConflict"]]
    return jsonify(dumped)


@bp.get("/<segment:uuid>/diffs")
def list_diffs(project_id: int, dataset: str, uuid: str) -> Response:
    access, row, _ = _read_one(project_id, dataset, uuid)
    return jsonify(dump_diffs(entity_pages.list_versions(row.id), access.properties))


@bp.get("/<segment:uuid>/audits")
def list_audits(project_id: int, dataset: str, uuid: str) -> Response:
    access, row, by = _read_one(project_id, dataset, uuid)
    limit, offset = number("limit"), number("offset") or 0
    shows = may_see_source(access.facts, by=by)
    untold = [v.number for v in entity_pages.list_versions(row.id) if not shows(v)]
    logged = entity_pages.list_audits(row.id, limit=limit, offset=offset, without=untold)
    known = entity_pages.list_actors([audit.actor_id for audit in logged])
    dumped = [_dump_audit(audit, row, access.facts, known) for audit in logged]
    if not Rights(by).may(Verb.AUDIT_READ, project_id=project_id):
        dumped = [d if d["actorId"] == by.actor_id else d | {"notes": None} for d in dumped]
    return jsonify(dumped)


def _list(project_id: int, dataset: str) -> tuple[DatasetFacts, Caller]:
    by = identify().caller
    return get_list(project_id, dataset, by=by), by


def _access(project_id: int, dataset: str, verb: Verb) -> tuple[Access, Caller]:
    facts, by = _list(project_id, dataset)
    return require_access(facts, verb, by=by), by


def _read_one(project_id: int, dataset: str, uuid: str) -> tuple[Access, PageRow, Caller]:
    """What the caller may read of it, which is logged; deleted ones if it asks for such.

    Of one that was merged the refusal says into what.
    """
    access, by = _access(project_id, dataset, Verb.ENTITY_READ)
    row = _find(access, uuid)
    log_reading(by, "entity.read", "entity", row.id)
    return access, row, by


def _find(access: Access, uuid: str) -> PageRow:
    is_deleted = flag("deleted") is True
    row = entity_pages.find_entity(access.facts.id, uuid, access.scope, is_deleted=is_deleted)
    if row is None:
        gone = entity_pages.find_entity(access.facts.id, uuid, access.scope, is_deleted=True)
        if gone is not None and gone.merged_into is not None:
            raise NotFound(subject="merged", name=uuid, into=gone.merged_into)
        raise NotFound(subject="entity", name=uuid)
    return row


def _json_array(pages: Iterator[Sequence[PageRow]], access: Access, shows: Shows) -> Iterator[str]:
    properties = access.properties
    yield "["
    comma = ""
    for page in pages:
        ids = [id_ for row in page for id_ in (row.creator_id, row.version_creator_id)]
        makers = list_makers(ids)
        dumped = (dump_entity(row, properties, makers, shows) for row in page)
        yield comma + ",".join(map(current_app.json.dumps, dumped))
        comma = ","
    yield "]"


def _dump_audit(audit: Audit, row: PageRow, facts: DatasetFacts, known: Any) -> dict[str, Any]:
    """Without the numbers by which the audit log names submissions."""
    kept = {"version", "conflict"}
    details = {name: value for name, value in (audit.details or {}).items() if name in kept}
    entity = {"entity": {"uuid": row.uuid, "dataset": facts.name}, "entityId": row.id}
    actor = known.get(audit.actor_id)
    return {
        "actorId": audit.actor_id,
        "action": audit.action,
        "acteeId": None,
        "details": entity | details,
        "loggedAt": stamp(audit.logged_at),
        "notes": audit.notes,
        "actor": ActorSchema().dump(actor) if actor is not None else None,
    }
