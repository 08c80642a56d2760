"""Bring in what slips said before their lists were declared, or while something was at fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from server.actions.definitions import get_definition
from server.actions.entities.declaring import declare_lists
from server.actions.entities.registering import register_row
from server.auth.callers import Caller
from server.db import db, transaction
from server.queries import datasets, forms, projects, registered

_PAGE = 100


@dataclass(slots=True)
class Reapplied:
    """How many submissions were looked at, and of how many something came."""

    submissions: int = 0
    applied: int = 0


def declare_missing(project_id: int, *, by: Caller) -> int:
    """Declare the lists of forms whose offered version nobody declared; return how many forms."""
    declared = 0
    for form in forms.list_forms(project_id):
        version = forms.find_current_version(form)
        if version is None or datasets.has_sources(form.id):
            continue
        definition = get_definition(version.id, version.sha256, version.commune_field)
        if definition.entities:
            declare_lists(definition, form, by=by)
            declared += 1
    if declared:
        projects.touch_catalogue(project_id)
    return declared


def apply_again(
    project_id: int,
    *,
    by: Caller,
    form_id: int | None = None,
    submission_id: int | None = None,
    progress: Callable[[int], object] = lambda count: None,
) -> Reapplied:
    """In the order of receipt, in pages; what came of a submission before is never done twice."""
    outcome = Reapplied()
    last = 0
    while ids := registered.list_without_entities(
        project_id, last, limit=_PAGE, form_id=form_id, submission_id=submission_id
    ):
        with transaction():
            outcome.applied += sum(register_row(id_, by=by) for id_ in ids)
        db.session.rollback()
        outcome.submissions += len(ids)
        last = ids[-1]
        progress(len(ids))
    return outcome
