"""Give somebody a role somewhere, and take it away; from the next request on it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from server.auth.callers import Caller
from server.auth.gate import Rights, require
from server.auth.roles import (
    COLLABORATOR,
    NEEDS_UNIT,
    PARTNER,
    PERSON_ROLES,
    PHONE_ROLES,
    ROLES,
    Verb,
)
from server.errors import (
    AssignmentOver,
    NotAllowed,
    NotFound,
    OwnRightsRefused,
    PeriodRefused,
    SubmissionNeeded,
    UnitNeeded,
    ValueNotAllowed,
)
from server.models import Actor, ActorType, Assignment, Project, Role, Unit
from server.queries import actors, assignments, audits, forms, submissions, units

_OF_SITE = frozenset({"admin", "sysadmin", "dpo"})


@dataclass(frozen=True, slots=True)
class Duty:
    """A role, and where and when it holds: None means no limit.

    `form` is an xml_form_id, `submission` an instanceID. A unit stands for all below it.
    """

    role: str
    unit_code: str | None = None
    form: str | None = None
    submission: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def assign(actor: Actor, duty: Duty, *, project: Project, on: date, by: Caller) -> Assignment:
    """Give the actor a duty; one that it has already is not given twice.

    The unit is that of the edition in force on `on`. Nobody gives rights to oneself. Raises a
    Problem where role, place and time do not fit each other.
    """
    if actor.id == by.actor_id:
        raise OwnRightsRefused
    role = find_role(duty.role, PERSON_ROLES if actor.type is ActorType.USER else PHONE_ROLES)
    _require_giving(by, role, project)
    _check_period(duty, on)
    if role.id in NEEDS_UNIT and not duty.unit_code:
        raise UnitNeeded(role=duty.role)
    if role.id == PARTNER and not (duty.submission and duty.valid_to):
        raise SubmissionNeeded(role=duty.role)
    if duty.role in _OF_SITE and duty.unit_code:
        raise ValueNotAllowed(subject="site_role", field="role", value=duty.role, reason="…")
    unit = find_place(duty.unit_code, on)
    form = forms.get_form(project.id, duty.form) if duty.form else None
    submission = submissions.get_submission(duty.submission)[0] if duty.submission else None
    before = {row.id for row in assignments.list_duties(actor.id)}
    assignment = assignments.assign(
        actor.id,
        role.id,
        project_id=None if duty.role in _OF_SITE else project.id,
        form_id=form.id if form else None,
        edition=unit.edition if unit else None,
        unit_code=unit.code if unit else None,
        submission_id=submission.id if submission else None,
        valid_from=duty.valid_from,
        valid_to=duty.valid_to,
    )
    if assignment.id not in before:
        _log("create", actor, assignment, by)
    return assignment


def end_assignment(assignment_id: int, *, project: Project, by: Caller) -> Assignment:
    """Take the duty away at once."""
    require(by, Verb.ASSIGNMENT_DELETE, project_id=project.id)
    assignment = assignments.find_assignment(assignment_id)
    if assignment is None or assignment.project_id not in (None, project.id):
        raise NotFound(subject="assignment", name=assignment_id)
    _log("delete", actors.get_actor(assignment.actor_id), assignment, by)
    assignments.remove_assignment(assignment)
    return assignment


def find_role(system: str, allowed: tuple[str, ...]) -> Role:
    """The role of that name; ValueNotAllowed names those that can be given."""
    found = actors.find_role(system) if system in allowed else None
    if found is None:
        raise ValueNotAllowed(field="role", value=system, reason=", ".join(allowed))
    return found


def find_place(unit_code: str | None, on: date) -> Unit | None:
    return units.get_current_unit(unit_code, on) if unit_code else None


def _require_giving(by: Caller, role: Role, project: Project) -> None:
    """One of Central's roles gives who has all its verbs (central-api.md §7); a duty, who looks
    after the people of the site, though a system administrator has none of its verbs.
    """
    require(by, Verb.ASSIGNMENT_CREATE, project_id=project.id)
    if role.id >= COLLABORATOR:
        require(by, Verb.USER_UPDATE, project_id=project.id)
        return
    rights = Rights(by)
    if not all(rights.may(verb, project_id=project.id) for verb in ROLES[role.id].general):
        raise NotAllowed


def _check_period(duty: Duty, on: date) -> None:
    start, end = duty.valid_from, duty.valid_to
    if start and end and end < start:
        raise PeriodRefused(start=start.isoformat(), end=end.isoformat())
    if end and end < on:
        raise AssignmentOver(end=end.isoformat())


def _log(change: str, actor: Actor, assignment: Assignment, by: Caller) -> None:
    audits.log(
        by,
        f"{actor.type.value}.assignment.{change}",
        actor.type.value,
        actor.id,
        roleId=assignment.role_id,
        projectId=assignment.project_id,
        formId=assignment.form_id,
        edition=assignment.edition,
        unit=assignment.unit_code,
        submissionId=assignment.submission_id,
    )
