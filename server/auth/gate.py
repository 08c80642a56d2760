"""The gate: may this actor do this verb here? Every door asks here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from server.auth.callers import Caller
from server.auth.roles import APP_USER, VERBS, Verb
from server.errors import NotAllowed
from server.queries import actors
from server.queries.catalogues import remembered

_list_assignments = remembered(actors.list_assignments)


class Rights:
    """What one caller may do, read once for a request."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._assignments = (
            ()
            if caller.is_revoked or caller.actor_id is None
            else _list_assignments(caller.catalogue, caller.actor_id)
        )

    def may(self, verb: Verb, *, project_id: int, form_id: int | None = None) -> bool:
        """True if an assignment at the site, the project or the form holds the verb today."""
        if self._caller.draft is not None:
            return verb in VERBS[APP_USER] and form_id == self._caller.draft.form_id
        return self._caller.is_operator or any(
            at_form in (None, form_id) for at_form in self._forms(verb, project_id)
        )

    def may_somewhere(self, verb: Verb, *, project_id: int) -> bool:
        """True if the caller may do it with some form of the project, be it there yet or not."""
        return self._caller.is_operator or any(True for _ in self._forms(verb, project_id))

    def _forms(self, verb: Verb, project_id: int) -> Iterator[int | None]:
        """The forms (None: all) for which an assignment holds the verb today."""
        day = today()
        for role_id, at_project, at_form, valid_from, valid_to in self._assignments:
            in_time = (valid_from or day) <= day <= (valid_to or day)
            covers = at_project in (None, project_id)
            if in_time and covers and verb in VERBS.get(role_id, ()):
                yield at_form


def today() -> date:
    """The day on which assignments begin and end, the same everywhere."""
    return datetime.now(UTC).date()


def require(caller: Caller, verb: Verb, *, project_id: int, form_id: int | None = None) -> None:
    """Raise NotAllowed unless the caller may."""
    if not Rights(caller).may(verb, project_id=project_id, form_id=form_id):
        raise NotAllowed
