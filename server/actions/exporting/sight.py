"""What whoever asked for an export may see, kept with its file for its download."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exports.workbooks import FORMAT as WORKBOOK
from server.actions.definitions import get_definitions
from server.actions.due.listing import find_readable
from server.actions.exporting.entity_labels import find_registers
from server.actions.exporting.writing import readable_rows
from server.auth.callers import Caller
from server.models import Form
from server.queries.scopes import NOTHING, Scope

_LISTS = "lists"


@dataclass(frozen=True, slots=True)
class Sight:
    """`rows` of the form; of each list of what is due, all of its scopes must let a row through.

    `lists` also has those whose entities are called by name, by the names of their files.
    """

    rows: Scope
    lists: Mapping[str, tuple[Scope, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, format_: str, form: Form, *, by: Caller) -> Sight:
        """Today; raises as the gate."""
        rows = readable_rows(form, by=by)
        if format_ != WORKBOOK:
            return cls(rows)
        versions, project_id = get_definitions(form).values(), form.project_id
        registers = find_registers(versions, project_id=project_id, by=by)
        named = {name: (register.scope,) for name, register in registers.items()}
        return cls(rows, {**find_readable(project_id=project_id, by=by), **named})

    def covers(self, other: Sight) -> bool:
        """True only if nothing was in sight of the other that is not in sight of this one."""
        return self.rows.covers(other.rows) and all(
            len(own := self.lists.get(name, ())) == len(scopes)
            and all(mine.covers(theirs) for mine, theirs in zip(own, scopes, strict=True))
            for name, scopes in other.lists.items()
        )

    def to_json(self) -> dict[str, Any]:
        lists = {name: [scope.to_json() for scope in scopes] for name, scopes in self.lists.items()}
        return {**self.rows.to_json(), _LISTS: lists}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any] | None) -> Sight:
        """What `to_json` made."""
        if kept is None:
            return cls(NOTHING)
        lists = {name: tuple(map(Scope.of_json, s)) for name, s in kept.get(_LISTS, {}).items()}
        return cls(Scope.of_json(kept), lists)
