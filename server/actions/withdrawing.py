"""A household withdraws its consent: hidden at once, then erased by a job (domain.md §2.6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from server.actions.entities.erasing import hide_made
from server.actions.exporting.keeping import withdraw_exports
from server.auth.callers import Caller
from server.auth.gate import FormKey, Rights, require
from server.auth.roles import Verb
from server.errors import NotFound
from server.models import Consent, ConsentState
from server.queries import audits, consents, erasures, forms, jobs
from server.queries.scopes import is_within


def withdraw_consent(key: str, *, project_id: int, by: Caller) -> int:
    """Record the withdrawal for every visit of the household; return how many slips it hides."""
    require(by, Verb.CONSENT_UPDATE, project_id=project_id)
    found = [
        consent
        for consent in consents.list_of_household(project_id, key)
        if consent.state is ConsentState.GIVEN
    ]
    found = list(_within_rights(found, by))
    if not found:
        raise NotFound(subject="household", name=key)
    record_withdrawal(found, by=by)
    ids = [consent.submission_id for consent in found]
    erasures.hide(ids)
    hide_made(ids)
    withdraw_exports(ids)
    jobs.add_job("erase_submissions", submission_ids=ids, household_key=key, actor_id=by.actor_id)
    audits.log(by, "consent.withdraw", "project", project_id, key=key, submissions=len(ids))
    return len(ids)


def record_withdrawal(found: Sequence[Consent], *, by: Caller) -> None:
    ids = [consent.id for consent in found]
    consents.withdraw(ids, actor_id=by.actor_id, reason=by.occasion.reason)


def _within_rights(found: Sequence[Consent], by: Caller) -> Iterator[Consent]:
    rights = Rights(by)
    for consent in found:
        form = FormKey.of(forms.get_form_by_id(consent.form_id))
        rows = rights.rows(Verb.CONSENT_UPDATE, project_id=consent.project_id, form=form)
        if is_within(consent.submission_id, rows):
            yield consent
