"""What a caller may do with the entities of a list: with which of them, and which properties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forms.data_classes import DataClass
from server.actions.entities.known import find_lists
from server.actions.entities.lists import is_case, list_scope, maker_keys, visible_properties
from server.auth.callers import Caller
from server.auth.gate import FormKey, Rights
from server.auth.roles import Verb
from server.errors import NotAllowed, NotFound, ReasonNeeded
from server.queries.datasets import DatasetFacts
from server.queries.entity_pages import VersionRow
from server.queries.scopes import NOTHING, Scope


@dataclass(frozen=True, slots=True)
class Access:
    """The entities of a list with which the caller may do something, and what of them."""

    facts: DatasetFacts
    scope: Scope
    properties: tuple[str, ...]


def require_access(facts: DatasetFacts, verb: Verb, *, by: Caller) -> Access:
    """Raises NotAllowed where there can be no entity, and ReasonNeeded as for submissions of cases.

    Without a stated reason what only cases write of other lists is left out (domain.md §7.1).
    """
    rights = Rights(by)
    scope = list_scope(facts, rights, verb)
    if scope == NOTHING:
        raise NotAllowed
    has_reason = bool(by.occasion.reason.strip())
    if is_case(facts) and not has_reason:
        raise ReasonNeeded
    restricted = () if has_reason else _restricted(facts)
    names = visible_properties(facts, rights, verb)
    return Access(facts, scope, tuple(name for name in names if name not in restricted))


def may_see_list(facts: DatasetFacts, verb: Verb, *, by: Caller) -> bool:
    """Whether the caller may know what the list is, if not what is in it."""
    rights = Rights(by)
    return any(
        rights.may(verb, project_id=facts.project_id, form=form) for form in maker_keys(facts)
    )


def get_list(project_id: int, name: str, *, by: Caller) -> DatasetFacts:
    """A list that the caller may know of; raises NotFound for every other one."""
    facts = find_lists(by.catalogue, project_id).get(name)
    if facts is None or not may_see_list(facts, Verb.DATASET_READ, by=by):
        raise NotFound(subject="dataset", name=name)
    return facts


def list_lists(project_id: int, *, by: Caller) -> list[DatasetFacts]:
    """The lists of which the caller may know, by name."""
    found = find_lists(by.catalogue, project_id)
    return [
        found[name] for name in sorted(found) if may_see_list(found[name], Verb.DATASET_LIST, by=by)
    ]


def may_see_source(facts: DatasetFacts, *, by: Caller) -> Callable[[VersionRow], bool]:
    """Whether the caller may know what a version came from; what no submission brought, yes."""
    rights = Rights(by)
    has_reason = bool(by.occasion.reason.strip())

    def may_see(row: VersionRow) -> bool:
        if row.form_id is None:
            return True
        if row.data_class is DataClass.CASE and not has_reason:
            return False
        key = FormKey(row.form_id, row.data_class)
        return rights.may(Verb.SUBMISSION_READ, project_id=facts.project_id, form=key)

    return may_see


def _restricted(facts: DatasetFacts) -> set[str]:
    """The properties that restricted forms alone write."""
    return {
        found.name
        for found in facts.properties
        if found.forms and all(data_class is DataClass.CASE for _, data_class in found.forms)
    }
