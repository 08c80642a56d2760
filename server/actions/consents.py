"""The consent that a household's slip tells, derived at receipt and whenever it is asked for anew.

It is noted in a savepoint: a fault there never costs the slip (design, promise 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from forms.definitions import FormDefinition
from forms.instances import Instance
from server.db import DatabaseFault, statement_savepoint
from server.log import get_logger
from server.models import ConsentState
from server.queries import consents
from server.queries.consents import NewConsent

_STATES = {"1": ConsentState.GIVEN, "0": ConsentState.REFUSED}


@dataclass(frozen=True, slots=True)
class ConsentPaths:
    """Where one form version asks for consent."""

    consent: str
    basis: str | None
    given_at: str | None
    household_key: str | None


@dataclass(frozen=True, slots=True)
class Visit:
    """Which version of which submission tells it, who collected it and when."""

    project_id: int
    form_id: int
    submission_id: int
    version_id: int
    submitter_id: int | None
    received_at: datetime


def find_consent_paths(definition: FormDefinition) -> ConsentPaths | None:
    """None for a form that does not ask; look once for each form version."""
    names = ("consent", "consent_basis", "consent_at", "hh_uid")
    fields = (definition.find_field(name) for name in names)
    consent, basis, given_at, key = (field.path if field else None for field in fields)
    return ConsentPaths(consent, basis, given_at, key) if consent else None


def note_consent(
    visit: Visit, paths: ConsentPaths | None, instance: Instance, *, is_edit: bool, tz: ZoneInfo
) -> None:
    """Record what the slip tells; nothing of a form that does not ask, or of what is encrypted."""
    if paths is None or instance.is_encrypted:
        return
    consent = read_consent(visit, paths, instance, tz=tz)
    if consent is None and not is_edit:
        return
    try:
        with statement_savepoint():
            if consent is not None:
                consents.record_consent(consent)
            else:
                consents.drop_consent(visit.submission_id)
    except DatabaseFault as error:
        kind, of = type(error).__name__, visit.submission_id
        get_logger().error("consent not recorded", kind=kind, submission=of)


def read_consent(
    visit: Visit, paths: ConsentPaths, instance: Instance, *, tz: ZoneInfo
) -> NewConsent | None:
    """None where the question was not answered: silence is no consent."""
    state = _STATES.get(_answer(instance, paths.consent) or "")
    if state is None:
        return None
    return NewConsent(
        project_id=visit.project_id,
        form_id=visit.form_id,
        submission_id=visit.submission_id,
        submission_version_id=visit.version_id,
        state=state,
        household_key=_answer(instance, paths.household_key, 249),
        basis=_answer(instance, paths.basis, 64),
        given_at=_moment(_answer(instance, paths.given_at), tz),
        text_version=instance.version,
        collected_by_id=visit.submitter_id,
        recorded_at=visit.received_at,
    )


def _answer(instance: Instance, path: str | None, length: int = 249) -> str | None:
    return (instance.value(path).strip()[:length] or None) if path else None


def _moment(text: str | None, tz: ZoneInfo) -> datetime | None:
    """The phone's own time, which is the installation's where it says no other."""
    try:
        moment = datetime.fromisoformat(text or "")
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=tz)
        return moment if 1900 < moment.year < 9000 else None
    except ValueError:
        return None
