"""The lists of entities on one caller's phone: rows of its villages, properties it may see.

Nothing is made before it is asked for: whether a list is another one than the phone's is told by
the marks of its places alone.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from io import StringIO

from forms.data_classes import DataClass
from server.actions.entities.known import find_list_files
from server.actions.entities.references import follow
from server.auth.callers import Caller
from server.auth.gate import FormKey, Rights
from server.auth.roles import Verb
from server.odata.names import to_identifiers
from server.queries import entity_lists
from server.queries.datasets import DatasetFacts
from server.queries.entities import Place
from server.queries.scopes import NOTHING, Scope, joined

_HAND_MADE = FormKey(0, DataClass.REGISTER)


@dataclass(frozen=True, slots=True)
class PhoneList:
    """One list as one caller has it; without any place in scope it is a header and no rows."""

    facts: DatasetFacts
    scope: Scope
    properties: tuple[str, ...]
    owner_id: int | None

    @property
    def tag(self) -> str:
        """32 hex digits that change whenever the caller's rows, columns or rights do."""
        marks = entity_lists.list_marks(self.facts.id, self.scope)
        parts = (self.facts.id, self.facts.name, self.properties, self.owner_id, list(marks))
        return hashlib.md5(repr(parts).encode(), usedforsecurity=False).hexdigest()

    def to_csv(self) -> bytes:
        """`name,label,__version` and the properties (openrosa.md §9.2)."""
        rows = entity_lists.list_live(self.facts.id, self.scope, owner_id=self.owner_id)
        values = follow(self.facts, [row.data for row in rows])
        return _csv(
            ("name", "label", "__version", *self.properties),
            (
                (row.uuid, row.label, row.version, *map(data.get, self.properties))
                for row, data in zip(rows, values, strict=True)
            ),
        )

    def find_gone(self, uuids: Collection[str]) -> dict[str, bool]:
        """Of entities that the server has seen: whether they are off this list for good."""
        if self.scope == NOTHING:  # not even that there is such an entity
            return {}
        return entity_lists.list_gone(self.facts.id, uuids, self.scope, owner_id=self.owner_id)


def find_phone_lists(
    caller: Caller, project_id: int, filenames: Iterable[str]
) -> dict[str, PhoneList]:
    """Those of the files that are lists of the project: `child.csv` is the list child."""
    wanted = find_list_files(caller.catalogue, project_id, filenames)
    if not wanted:
        return {}
    rights = Rights(caller)
    return {name: _of_caller(facts, rights, caller) for name, facts in wanted.items()}


def is_case(facts: DatasetFacts) -> bool:
    """True if restricted forms make entities of the list."""
    return any(maker.data_class is DataClass.CASE for maker in facts.makers)


def may_see(sender: Caller) -> Callable[[DatasetFacts, Place], bool]:
    """Whether what a list has at a place is on the sender's phone."""
    rights = Rights(sender)

    def ask(facts: DatasetFacts, place: Place) -> bool:
        if sender.actor_id is None or sender.is_operator:
            return True
        scope = list_scope(facts, rights, Verb.SUBMISSION_CREATE)
        return scope.holds(place.village_code, place.edition or "", place.commune_code or "")

    return ask


def list_scope(facts: DatasetFacts, rights: Rights, verb: Verb) -> Scope:
    """The entities with which the caller may do it, as with slips of the forms that make them."""
    return joined(
        rights.rows(verb, project_id=facts.project_id, form=form) for form in maker_keys(facts)
    )


def maker_keys(facts: DatasetFacts) -> list[FormKey]:
    """By which the gate judges a list; one that no form makes is as those of register forms."""
    return [FormKey(maker.form_id, maker.data_class) for maker in facts.makers] or [_HAND_MADE]


def visible_properties(facts: DatasetFacts, rights: Rights, verb: Verb) -> tuple[str, ...]:
    """What some form writes that the caller has to do with; what cases write only, others lack."""
    return tuple(
        found.name
        for found in facts.properties
        if not found.forms
        or any(
            rights.may(verb, project_id=facts.project_id, form=FormKey(form_id, data_class))
            for form_id, data_class in found.forms
        )
    )


def odata_names(facts: DatasetFacts) -> dict[str, str]:
    """By property, the same for every caller, whatever of them it may see."""
    names = [found.name for found in facts.properties]
    return to_identifiers(names, taken=("__id", "__system", "label"))


def _of_caller(facts: DatasetFacts, rights: Rights, caller: Caller) -> PhoneList:
    verb = Verb.SUBMISSION_CREATE
    return PhoneList(
        facts,
        list_scope(facts, rights, verb),
        visible_properties(facts, rights, verb),
        caller.actor_id if facts.owner_only else None,
    )


def _whole(cell: object) -> object:
    """A lone carriage return would end the row for whoever reads it."""
    return cell.replace("\r\n", "\n").replace("\r", "\n") if isinstance(cell, str) else cell


def _csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_whole(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
