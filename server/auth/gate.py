"""The gate: may this actor do this verb here? Every door asks here and nowhere else."""

from __future__ import annotations

from datetime import UTC, date, datetime

from server.auth.callers import Caller
from server.auth.roles import VERBS, Verb
from server.errors import NotAllowed
from server.queries import actors
from server.queries.catalogues import remembered

_list_assignments = remembered(actors.list_assignments)


class Rights:
    """What one caller may do, read once for a request."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._assignments = (
            () if caller.is_revoked else _list_assignments(caller.catalogue, caller.actor_id)
        )

    def may(self, verb: Verb, *, project_id: int, form_id: int | None = None) -> bool:
        """True if an assignment at the site, the project or the form holds the verb today."""
        if self._caller.is_operator:
            return True
        day = today()
        for role_id, at_project, at_form, valid_from, valid_to in self._assignments:
            in_time = (valid_from or day) <= day <= (valid_to or day)
            covers = at_project in (None, project_id) and at_form in (None, form_id)
            if in_time and covers and verb in VERBS.get(role_id, ()):
                return True
        return False


def today() -> date:
    """The day on which assignments begin and end, the same everywhere."""
    return datetime.now(UTC).date()


def require(caller: Caller, verb: Verb, *, project_id: int, form_id: int | None = None) -> None:
    """Raise NotAllowed unless the caller may."""
    if not Rights(caller).may(verb, project_id=project_id, form_id=form_id):
        raise NotAllowed
