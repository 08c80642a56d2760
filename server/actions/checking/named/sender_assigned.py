"""V02: whoever sent the slip was assigned to its village on its day (domain.md §3.7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from forms.checking import Finding
from server.actions.checking.asked import Asked
from server.actions.checking.named.kinds import Named, found
from server.auth.territories import find_scope
from server.queries import assignments
from server.queries.catalogues import remembered
from server.queries.scopes import EVERYTHING, Scope


def find(asked: Asked) -> Iterator[Finding]:
    """Nothing where the commune is not known, or the sender has no units: it may go anywhere."""
    about = asked.about
    if about.actor_id is None or about.commune_code is None or about.edition is None:
        return
    scope = _territory(about.catalogue, about.actor_id, asked.filled_on)
    if not scope.holds(about.village_code, about.edition, about.commune_code):
        for node in asked.nodes:
            yield found(asked.declared, node.path, node.text)


def find_territory(actor_id: int, on: date) -> Scope:
    rows = [
        row
        for row in assignments.list_assignments(actor_id)
        if row.unit_code is not None and row.edition is not None and _is_valid(row, on)
    ]
    return find_scope([(r.edition, r.unit_code) for r in rows], on) if rows else EVERYTHING


def _is_valid(row: assignments.AssignmentRow, on: date) -> bool:
    begins, ends = row.valid_from, row.valid_to
    return (begins is None or begins <= on) and (ends is None or on <= ends)


_territory = remembered(find_territory)
CHECK = Named(find=find)
