"""The gate: may this actor do this verb here, and which rows may it see? Every door asks here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from forms.data_classes import DataClass
from server.auth.callers import Caller
from server.auth.roles import (
    APP_USER,
    FILLING,
    NEEDS_UNIT,
    ON_ROWS,
    PARTNER,
    PUBLIC_LINK,
    ROLES,
    WITHIN_UNIT,
    Role,
    Verb,
)
from server.auth.territories import find_scope
from server.errors import NotAllowed, NotFound, ReasonNeeded
from server.models import Form, Submission
from server.queries import assignments
from server.queries.assignments import AssignmentRow
from server.queries.catalogues import remembered
from server.queries.lineages import Place
from server.queries.scopes import EVERYTHING, NOTHING, Scope, is_within, joined

_list_assignments = remembered(assignments.list_assignments)
_find_scope = remembered(find_scope)
_NOBODY = Role(frozenset())


@dataclass(frozen=True, slots=True)
class FormKey:
    """What the gate needs to know of a form."""

    id: int
    data_class: DataClass

    @classmethod
    def of(cls, form: Form) -> FormKey:
        return cls(form.id, form.data_class)


class Rights:
    """What one caller may do, read once for a request."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._scopes: dict[frozenset[Place], Scope] = {}
        self._assignments = (
            ()
            if caller.is_revoked or caller.actor_id is None
            else _list_assignments(caller.catalogue, caller.actor_id)
        )

    def may(self, verb: Verb, *, project_id: int, form: FormKey | None = None) -> bool:
        """True if an assignment at the site, the project or the form holds the verb today.

        An assignment at a unit holds it for some rows; `rows` says for which.
        """
        draft = self._caller.draft
        if draft is not None:
            verbs = ROLES[APP_USER].verbs(DataClass.REGISTER)
            return verb in verbs and form is not None and form.id == draft.form_id
        if self._caller.is_operator:
            return _operator_may(verb, form)
        return any(True for _ in self._holding(verb, project_id, form))

    def may_somewhere(self, verb: Verb, *, project_id: int) -> bool:
        """True if the caller may do it with some form of the project, be it there yet or not."""
        return self._caller.is_operator or any(
            verb in _role(row).verbs(data_class)
            for row in self._in_force(project_id)
            for data_class in DataClass
        )

    def rows(self, verb: Verb, *, project_id: int, form: FormKey) -> Scope:
        """The submissions of a form with which the caller may do it today."""
        if self._caller.is_operator:
            return EVERYTHING if _operator_may(verb, form) else NOTHING
        held = [r for r in self._holding(verb, project_id, form) if r.role_id != PUBLIC_LINK]
        if any(row.unit_code is None and row.submission_id is None for row in held):
            return EVERYTHING
        places = frozenset((r.edition, r.unit_code) for r in held if r.edition and r.unit_code)
        single = frozenset(r.submission_id for r in held if r.submission_id is not None)
        scopes = [Scope(submissions=single)] if single else []
        if places:
            scopes.append(self._scope_of(places))
        return joined(scopes)

    def _scope_of(self, places: frozenset[Place]) -> Scope:
        known = self._scopes.get(places)
        if known is None:
            known = _find_scope(self._caller.catalogue, places, self._caller.occasion.on)
            self._scopes[places] = known
        return known

    def _holding(
        self, verb: Verb, project_id: int, form: FormKey | None
    ) -> Iterator[AssignmentRow]:
        if self._caller.only_fills and verb not in FILLING:
            return
        for row in self._in_force(project_id):
            at_form = row.form_id is None or (form is not None and row.form_id == form.id)
            holds = verb in _role(row).verbs(form.data_class if form else None)
            whole = row.unit_code is None and row.submission_id is None
            if at_form and holds and (whole or verb in WITHIN_UNIT):
                yield row

    def _in_force(self, project_id: int) -> Iterator[AssignmentRow]:
        day = self._caller.occasion.on
        for row in self._assignments:
            in_time = (row.valid_from or day) <= day <= (row.valid_to or day)
            if in_time and row.project_id in (None, project_id) and _is_placed(row):
                yield row


def require(caller: Caller, verb: Verb, *, project_id: int, form: FormKey | None = None) -> None:
    """Raise NotAllowed unless the caller may."""
    if not Rights(caller).may(verb, project_id=project_id, form=form):
        raise NotAllowed


def require_rows(caller: Caller, verb: Verb, *, project_id: int, form: FormKey) -> Scope:
    """The rows of a form with which the caller may do it.

    Raises NotAllowed where there can be none, and ReasonNeeded where cases are read for no stated
    reason (domain.md §7.1).
    """
    scope = Rights(caller).rows(verb, project_id=project_id, form=form)
    if scope == NOTHING:
        raise NotAllowed
    if form.data_class is DataClass.CASE and not caller.occasion.reason.strip():
        raise ReasonNeeded
    return scope


class Edited(Protocol):
    """What an edit replaces."""

    @property
    def submission_id(self) -> int: ...
    @property
    def submitter_id(self) -> int | None: ...


def require_edit(caller: Caller, edited: Edited, *, project_id: int, form: FormKey) -> None:
    """Raise NotAllowed unless the caller sent what is edited, or it lies where the caller works.

    Whoever holds a public link edits what came by it, and nothing else.
    """
    if caller.is_operator or caller.draft is not None:
        return
    if caller.actor_id is not None and edited.submitter_id == caller.actor_id:
        return
    rights = Rights(caller)
    verbs = (Verb.SUBMISSION_CREATE, Verb.SUBMISSION_UPDATE)
    scope = joined(rights.rows(verb, project_id=project_id, form=form) for verb in verbs)
    if not is_within(edited.submission_id, scope):
        raise NotAllowed


def require_submission(
    caller: Caller, verb: Verb, submission: Submission, form: Form, *, asked: str
) -> None:
    """Raise NotFound where the caller must not even know of it; else as `require_rows`.

    `asked` is the instanceID that was asked for, which may be an edit's.
    """
    key = FormKey.of(form)
    scope = Rights(caller).rows(verb, project_id=form.project_id, form=key)
    if not caller.is_operator and not is_within(submission.id, scope):
        raise NotFound(subject="submission", name=asked)
    require_rows(caller, verb, project_id=form.project_id, form=key)


def _is_placed(row: AssignmentRow) -> bool:
    """False for a duty that was given nowhere, though it is never had everywhere."""
    if row.role_id == PARTNER:
        return row.submission_id is not None
    return row.role_id not in NEEDS_UNIT or row.unit_code is not None


def _role(row: AssignmentRow) -> Role:
    return ROLES.get(row.role_id, _NOBODY)


def _operator_may(verb: Verb, form: FormKey | None) -> bool:
    """Whoever runs commands reads no case, but brings in what another server held."""
    is_case = form is not None and form.data_class is DataClass.CASE
    return not is_case or verb not in ON_ROWS or verb is Verb.SUBMISSION_CREATE
