"""Lists of entities in JSON (central-api.md §15.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields

from server.actions.entities.lists import list_scope, odata_names, visible_properties
from server.auth.callers import Caller
from server.auth.gate import FormKey, Rights
from server.auth.roles import Verb
from server.queries import dataset_uses, entity_pages
from server.queries.dataset_uses import Use
from server.queries.datasets import DatasetFacts

from .bodies import Timestamp, is_extended, stamp


class DatasetSchema(Schema):
    """A list; none is in a trash."""

    name = fields.String()
    created_at = Timestamp(data_key="createdAt")
    project_id = fields.Integer(data_key="projectId")
    approval_required = fields.Boolean(data_key="approvalRequired")
    owner_only = fields.Boolean(data_key="ownerOnly")
    deleted_at = fields.Constant(None, data_key="deletedAt")


def dump_list(facts: DatasetFacts, rights: Rights) -> dict[str, Any]:
    dumped = dict(DatasetSchema().dump(facts))
    if is_extended():
        counted = entity_pages.summarize(facts.id, list_scope(facts, rights, Verb.ENTITY_LIST))
        dumped |= {
            "entities": counted.entities,
            "lastEntity": stamp(counted.last_entity) if counted.last_entity else None,
            "conflicts": counted.conflicts,
        }
    return dumped


def dump_detail(facts: DatasetFacts, by: Caller) -> dict[str, Any]:
    """Of forms and properties, those of which the caller may know."""
    rights = Rights(by)
    last = entity_pages.summarize(facts.id, list_scope(facts, rights, Verb.ENTITY_LIST)).last_update
    linked = dataset_uses.list_linked(facts.project_id, facts.name)
    drafts = dataset_uses.list_linked(facts.project_id, facts.name, drafts=True)
    return {
        **dump_list(facts, rights),
        "lastUpdate": stamp(last) if last else None,
        "linkedForms": _dump_uses(linked, facts, rights),
        "sourceForms": _dump_uses(dataset_uses.list_sources(facts.id), facts, rights),
        "draftLinkedForms": _dump_uses(drafts, facts, rights),
        "draftSourceForms": [],
        "properties": _dump_properties(facts, rights),
    }


def _dump_properties(facts: DatasetFacts, rights: Rights) -> list[dict[str, Any]]:
    shown = visible_properties(facts, rights, Verb.DATASET_READ)
    names = odata_names(facts)
    forms = dataset_uses.list_forms({id_ for p in facts.properties for id_, _ in p.forms})
    return [
        {
            "name": found.name,
            "publishedAt": stamp(found.published_at),
            "odataName": names[found.name],
            "forms": _dump_uses(
                [forms[id_] for id_, _ in found.forms if id_ in forms], facts, rights
            ),
        }
        for found in facts.properties
        if found.name in shown
    ]


def _dump_uses(uses: Iterable[Use], facts: DatasetFacts, rights: Rights) -> list[dict[str, str]]:
    return [
        {"name": use.title, "xmlFormId": use.xml_form_id}
        | ({"repeatPath": use.path} if use.path else {})
        for use in uses
        if rights.may(
            Verb.FORM_LIST,
            project_id=facts.project_id,
            form=FormKey(use.form_id, use.data_class),
        )
    ]
