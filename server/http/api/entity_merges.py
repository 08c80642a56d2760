"""…/datasets/{name}/duplicates and …/entities/{uuid}/merge: two entities that are one, our own."""

from __future__ import annotations

from itertools import islice

from flask import Blueprint, Response, jsonify
from marshmallow import Schema, fields

from server.actions.entities.access import get_list
from server.actions.entities.changing import plain_uuid
from server.actions.entities.merging import merge_entities, propose_merges, split_entity
from server.actions.readings import log_reading
from server.db import transaction

from .bodies import Body, number, read
from .callers import identify
from .entity_answers import dump_changed

bp = Blueprint(
    "entity_merges", __name__, url_prefix="/projects/<id:project_id>/datasets/<segment:dataset>"
)
_LIMIT = 1000


class ProposalSchema(Schema):
    """Two entities that may be one, with the keys of `phieu entities duplicates --json`."""

    keep = fields.String()
    merge = fields.String(attribute="drop")
    label = fields.Function(lambda proposal: proposal.labels[0])
    merge_label = fields.Function(lambda proposal: proposal.labels[1], data_key="mergeLabel")
    village = fields.Function(lambda proposal: proposal.village_codes[0])
    merge_village = fields.Function(
        lambda proposal: proposal.village_codes[1], data_key="mergeVillage"
    )


class Merge(Body):
    """What is to be part of the entity of the address."""

    drop = fields.String(required=True)


@bp.get("/duplicates")
def list_duplicates(project_id: int, dataset: str) -> Response:
    """At most `limit` of them; a person decides."""
    by = identify().caller
    facts = get_list(project_id, dataset, by=by)
    limit = number("limit")
    found = list(islice(propose_merges(facts, by=by), _LIMIT if limit is None else limit))
    log_reading(by, "dataset.entity.export", "dataset", facts.id)
    return jsonify(ProposalSchema(many=True).dump(found))


@bp.post("/entities/<segment:uuid>/merge")
def merge(project_id: int, dataset: str, uuid: str) -> Response:
    """The entity of the address stays, and is answered with what it got."""
    by = identify().caller
    facts = get_list(project_id, dataset, by=by)
    kept, dropped = plain_uuid(uuid), plain_uuid(read(Merge())["drop"])
    with transaction():
        merge_entities(facts, kept, dropped, by=by)
        answer = dump_changed(facts, kept, by)
    return jsonify(answer)


@bp.delete("/entities/<segment:uuid>/merge")
def split(project_id: int, dataset: str, uuid: str) -> Response:
    """The entity of the address, which was merged, is itself again; the other is answered."""
    by = identify().caller
    facts = get_list(project_id, dataset, by=by)
    with transaction():
        kept = split_entity(facts, plain_uuid(uuid), by=by)
        answer = dump_changed(facts, kept, by)
    return jsonify(answer)
