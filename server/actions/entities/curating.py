"""Lists that staff declare and change by hand (central-api.md §15.1)."""

from __future__ import annotations

from dataclasses import dataclass

from forms.entities import is_dataset_name, is_property_name
from server.actions.entities.registering import list_waiting, register_approved
from server.auth.callers import Caller
from server.auth.gate import require
from server.auth.roles import Verb
from server.errors import (
    AlreadyExists,
    DatasetCaseTwin,
    DatasetInUse,
    NotFound,
    PropertyCaseTwin,
    PropertyInUse,
    SubmissionsWait,
    TextTooLong,
    ValueNotAllowed,
)
from server.queries import audits, dataset_uses, datasets, entity_pages, projects
from server.queries.dataset_uses import Use
from server.queries.datasets import DatasetFacts, Property

_MAX_NAME = 249


@dataclass(frozen=True, slots=True)
class Settings:
    """What is to be another of a list; None stays."""

    approval_required: bool | None = None
    owner_only: bool | None = None


def add_list(project_id: int, name: str, settings: Settings, *, by: Caller) -> None:
    require(by, Verb.DATASET_CREATE, project_id=project_id)
    _check_name(name, is_dataset_name(name), subject="list_name")
    known = datasets.find_row(project_id, name)
    if known is not None and known.name != name:
        raise DatasetCaseTwin(current=known.name, provided=name)
    if known is not None:
        fields, values = ["name", "projectId"], [name, project_id]
        raise AlreadyExists(
            subject="dataset", value=name, table="datasets", fields=fields, values=values
        )
    added = datasets.add_dataset(
        project_id,
        name,
        approval_required=bool(settings.approval_required),
        owner_only=bool(settings.owner_only),
    )
    projects.touch_catalogue(project_id)
    audits.log(by, "dataset.create", "dataset", added.id)


def change_list(
    facts: DatasetFacts, settings: Settings, *, convert: bool | None, by: Caller
) -> None:
    """With `convert`, slips that wait for approval make their entities as it is switched off.

    Raises SubmissionsWait where nobody said what becomes of them.
    """
    require(by, Verb.DATASET_UPDATE, project_id=facts.project_id)
    values = {
        name: value
        for name in ("approval_required", "owner_only")
        if (value := getattr(settings, name)) is not None
    }
    if not values:
        return
    is_switched_off = facts.approval_required and settings.approval_required is False
    waiting = list_waiting(facts, by=by) if is_switched_off and convert is not False else []
    if waiting and convert is None:
        raise SubmissionsWait(count=len(waiting))
    datasets.set_settings(facts.id, values)
    projects.touch_catalogue(facts.project_id)
    audits.log(by, "dataset.update", "dataset", facts.id, **values)
    for submission_id in waiting:
        register_approved(submission_id, by=by)


def drop_list(facts: DatasetFacts, *, by: Caller) -> None:
    """A list that no form has to do with and that never had an entity: nothing is lost."""
    require(by, Verb.DATASET_DELETE, project_id=facts.project_id)
    sources = dataset_uses.list_sources(facts.id)
    linked = dataset_uses.list_linked(facts.project_id, facts.name)
    drafts = dataset_uses.list_linked(facts.project_id, facts.name, drafts=True)
    if sources or linked or drafts:
        raise DatasetInUse(
            sourceForms=_named(sources), linkedForms=_named(linked), draftLinkedForms=_named(drafts)
        )
    if dataset_uses.has_entities(facts.id):
        raise DatasetInUse(subject="entities", sourceForms=[], linkedForms=[])
    dataset_uses.drop_dataset(facts.id)
    projects.touch_catalogue(facts.project_id)
    audits.log(by, "dataset.delete", "dataset", facts.id)


def add_property(facts: DatasetFacts, name: str, *, by: Caller) -> None:
    require(by, Verb.DATASET_UPDATE, project_id=facts.project_id)
    _check_name(name, is_property_name(name), subject="property_name")
    known = {row.name_key: row.name for row in datasets.list_properties(facts.id)}
    twin = known.get(name.casefold())
    if twin == name:
        fields, values = ["name", "datasetId"], [name, facts.id]
        raise AlreadyExists(
            subject="property", value=name, table="ds_properties", fields=fields, values=values
        )
    if twin is not None:
        pairs = [{"current": twin, "provided": name}]
        raise PropertyCaseTwin(current=twin, provided=name, duplicateProperties=pairs)
    datasets.add_property(facts.id, name)
    projects.touch_catalogue(facts.project_id)
    audits.log(by, "dataset.update", "dataset", facts.id, properties=1)


def drop_property(facts: DatasetFacts, name: str, *, by: Caller) -> None:
    """One that no form writes and that is blank in every entity."""
    require(by, Verb.DATASET_UPDATE, project_id=facts.project_id)
    found = _find_property(facts, name)
    forms = dataset_uses.list_property_sources(found.id)
    filled = entity_pages.has_value(facts.id, name)
    if forms or filled:
        prerequisites = {"dependentForms": _named(forms), "nonEmptyEntities": len(filled)}
        raise PropertyInUse(propertyName=name, prerequisites=prerequisites)
    dataset_uses.drop_property(found.id)
    projects.touch_catalogue(facts.project_id)
    audits.log(by, "dataset.update.property.delete", "dataset", facts.id)


def _find_property(facts: DatasetFacts, name: str) -> Property:
    for found in facts.properties:
        if found.name == name:
            return found
    raise NotFound(subject="property", name=name)


def _check_name(name: str, is_one: bool, *, subject: str) -> None:
    if len(name) > _MAX_NAME:
        raise TextTooLong(limit=_MAX_NAME)
    if not is_one:
        raise ValueNotAllowed(subject=subject, field="name", value=name, reason="no such name")


def _named(uses: list[Use]) -> list[dict[str, str]]:
    return [{"name": use.title, "xmlFormId": use.xml_form_id} for use in uses]
