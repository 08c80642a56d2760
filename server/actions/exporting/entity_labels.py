"""What a register calls the entities that slips name, as far as whoever asks may see them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forms.definitions import FormDefinition
from server.actions.entities.known import find_list_files
from server.actions.entities.lists import is_case, list_scope
from server.auth.callers import Caller
from server.auth.gate import Rights
from server.auth.roles import Verb
from server.queries.datasets import DatasetFacts
from server.queries.entity_lists import list_labels
from server.queries.scopes import NOTHING, Scope


@dataclass(frozen=True, slots=True)
class Register:
    """A list of entities, and what of it the caller may see."""

    facts: DatasetFacts
    scope: Scope

    def to_csv(self) -> bytes:
        """As forms have lists in files: `name` and `label`."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("name", "label"))
        writer.writerows(list_labels(self.facts.id, self.scope))
        return text.getvalue().encode()


def find_registers(
    definitions: Iterable[FormDefinition], *, project_id: int, by: Caller
) -> Mapping[str, Register]:
    """By the name of the file that a form knows each under; of cases only for a stated reason."""
    files = {e.filename for d in definitions for e in d.external_instances}
    rights, has_reason = Rights(by), bool(by.occasion.reason.strip())
    found = {
        name: Register(facts, list_scope(facts, rights, Verb.ENTITY_READ))
        for name, facts in find_list_files(by.catalogue, project_id, sorted(files)).items()
        if has_reason or not is_case(facts)
    }
    return {name: register for name, register in found.items() if register.scope != NOTHING}
