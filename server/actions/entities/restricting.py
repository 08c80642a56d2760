"""Restricted facts of entities: noted with the slip that says them, read by duty alone.

They are in no list, so in no phone, export or answer that does not ask for them (domain.md §2.2).
"""

from __future__ import annotations

from collections.abc import Mapping

from forms.data_classes import DataClass
from forms.entities import Statement, read_statements
from server.actions.entities.lists import is_case
from server.actions.entities.sources import Source
from server.auth.callers import Caller
from server.auth.gate import FormKey, Rights
from server.auth.roles import Verb
from server.db import statement_savepoint
from server.errors import NotAllowed, ReasonNeeded
from server.log import get_logger
from server.queries import audits, entities, restricted_facts
from server.queries.datasets import DatasetFacts
from server.queries.entities import EntityRow, Key, Place
from server.queries.entity_pages import PageRow
from server.queries.restricted_facts import KnownFact
from server.queries.scopes import NOTHING, Scope


def note_facts(source: Source, ids: Mapping[Key, int]) -> None:
    """What the slip says of the entities that it has just written."""
    stated = read_statements(source.root, source.declarations, source.facts)
    if stated:
        known = [(ids.get(_key(source, said)), said.name, said.value) for said in stated]
        own = [(id_, name, value) for id_, name, value in known if id_ is not None]
        restricted_facts.replace_facts(source.submission_id, source.version_id, own)


def correct_facts(source: Source, *, by: Caller) -> None:
    """What an edit says counts, though it changes entities no more: there is no other correction.

    A fault here does not cost the slip.
    """
    try:
        with statement_savepoint():
            _correct(source)
    except Exception as error:  # noqa: BLE001 - the register must not cost the slip
        kind, id_ = type(error).__name__, source.submission_id
        get_logger().error("restricted facts not written", kind=kind, submission=id_)
        audits.log(by, "entity.error", "submission", id_, problem="500.1", dataset=kind)


def require_facts(facts: DatasetFacts, verb: Verb, *, by: Caller) -> dict[int, Scope]:
    """By restricted form, where the caller may read what it says of entities of the list.

    Raises NotAllowed where there can be nothing, and ReasonNeeded without a stated reason.
    """
    rights = Rights(by)
    writers = {w.form_id for w in facts.writers if w.data_class is DataClass.CASE}
    scopes = {
        form_id: rights.rows(
            verb, project_id=facts.project_id, form=FormKey(form_id, DataClass.CASE)
        )
        for form_id in sorted(writers)
    }
    found = {form_id: scope for form_id, scope in scopes.items() if scope != NOTHING}
    if not found:
        raise NotAllowed
    if not by.occasion.reason.strip():
        raise ReasonNeeded
    return found


def list_facts(row: PageRow, scopes: Mapping[int, Scope]) -> dict[str, KnownFact]:
    """What is known of one entity, by name.

    Raises NotAllowed where the caller reads nothing of the kind: blank would say that there is
    nothing.
    """
    place = (row.village_code, row.edition or "", row.commune_code or "")
    if not any(scope.holds(*place) for scope in scopes.values()):
        raise NotAllowed
    return restricted_facts.list_known([row.id], scopes).get(row.id, {})


def _correct(source: Source) -> None:
    stated = read_statements(source.root, source.declarations, source.facts)
    rows = entities.lock_entities({_key(source, said) for said in stated})
    ids = {key: row.id for key, row in rows.items() if _may_be_about(row, source)}
    restricted_facts.replace_facts(
        source.submission_id,
        source.version_id,
        [
            (ids[key], said.name, said.value)
            for said in stated
            if (key := _key(source, said)) in ids
        ],
    )


def _may_be_about(row: EntityRow, source: Source) -> bool:
    """Of an erased entity nothing is said, and of a foreign case neither."""
    if row.deleted_at is not None and not row.label:
        return False
    facts = next(facts for facts in source.lists.values() if facts.id == row.dataset_id)
    place = Place(row.village_code, row.edition, row.commune_code)
    return not is_case(facts) or source.may_see(facts, place)


def _key(source: Source, said: Statement) -> Key:
    facts = source.lists.get(said.dataset)
    return (facts.id if facts is not None else 0, said.id)
