"""Assignments: who has which role where, and from when to when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select

from server.db import db, execute
from server.models import Actor, AppUser, Assignment, Form, Role, Submission, Unit, User
from server.queries.projects import touch_catalogue

AssignmentRow = Row[
    int, int | None, int | None, str | None, str | None, int | None, date | None, date | None
]
"""(role_id, project_id, form_id, edition, unit_code, submission_id, valid_from, valid_to)"""
DutyRow = Row[*tuple[Any, ...]]
"""(id, actor_id, display_name, system, project_id, xml_form_id,
edition, unit_code, instance_id, valid_from, valid_to)"""
HolderRow = Row[int, str | None, str | None, int, str, bool]
"""(role_id, edition, unit_code, actor_id, display_name, is_user)"""
_ASSIGNMENTS = select(
    Assignment.role_id,
    Assignment.project_id,
    Assignment.form_id,
    Assignment.edition,
    Assignment.unit_code,
    Assignment.submission_id,
    Assignment.valid_from,
    Assignment.valid_to,
).where(Assignment.actor_id == bindparam("actor_id"))


def list_assignments(actor_id: int) -> Sequence[AssignmentRow]:
    """Every assignment of the actor."""
    return execute(_ASSIGNMENTS, {"actor_id": actor_id}).all()


def list_unit_codes(actor_id: int) -> list[str]:
    """Codes of the units that the actor is assigned to."""
    query = select(Assignment.unit_code).where(
        Assignment.actor_id == actor_id, Assignment.unit_code.is_not(None)
    )
    return [code for code in db.session.scalars(query) if code]


def list_units(actor_id: int) -> Sequence[Unit]:
    """The units that the actor is assigned to, by code."""
    query = select(Unit).join(
        Assignment,
        and_(Assignment.edition == Unit.edition, Assignment.unit_code == Unit.code),
    )
    query = query.where(Assignment.actor_id == actor_id).order_by(Unit.code)
    return db.session.scalars(query).unique().all()


def list_codes_above(actor_id: int) -> list[str]:
    """Codes of the actor's units and of the units that these lie in."""
    codes = []
    for unit in list_units(actor_id):
        above: Unit | None = unit
        while above is not None and above.code not in codes:
            codes.append(above.code)
            above = (
                db.session.get(Unit, (above.edition, above.parent_code))
                if above.parent_code
                else None
            )
    return codes


def assign(
    actor_id: int,
    role_id: int,
    *,
    project_id: int | None = None,
    form_id: int | None = None,
    edition: str | None = None,
    unit_code: str | None = None,
    submission_id: int | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Assignment:
    """Add an assignment, or return the one that is there."""
    columns = {
        "actor_id": actor_id,
        "role_id": role_id,
        "project_id": project_id,
        "form_id": form_id,
        "edition": edition,
        "unit_code": unit_code,
        "submission_id": submission_id,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    known = db.session.scalars(select(Assignment).filter_by(**columns)).first()
    if known is not None:
        return known
    assignment = Assignment(**columns)
    db.session.add(assignment)
    db.session.flush()
    touch_catalogue(project_id)
    return assignment


def list_holders(
    role_ids: Collection[int], codes: Collection[str], *, project_id: int, on: date
) -> Sequence[HolderRow]:
    """Who has one of the roles on a day in a unit of these codes, whatever its edition."""
    query = (
        select(
            Assignment.role_id,
            Assignment.edition,
            Assignment.unit_code,
            Actor.id.label("actor_id"),
            Actor.display_name,
            User.actor_id.is_not(None).label("is_user"),
        )
        .join(Actor, Actor.id == Assignment.actor_id)
        .outerjoin(User, User.actor_id == Actor.id)
        .outerjoin(AppUser, AppUser.actor_id == Actor.id)
        .where(
            Assignment.role_id.in_(sorted(role_ids)),
            Assignment.unit_code.in_(sorted(codes)),
            or_(Assignment.project_id.is_(None), Assignment.project_id == project_id),
            or_(Assignment.valid_from.is_(None), Assignment.valid_from <= on),
            or_(Assignment.valid_to.is_(None), Assignment.valid_to >= on),
            Actor.deleted_at.is_(None),
            User.disabled_at.is_(None),
            AppUser.revoked_at.is_(None),
        )
        .order_by(Actor.display_name, Actor.id)
    )
    rows: Sequence[HolderRow] = execute(query).all()
    return rows


def find_assignment(assignment_id: int) -> Assignment | None:
    return db.session.get(Assignment, assignment_id)


def remove_assignment(assignment: Assignment) -> None:
    db.session.delete(assignment)
    db.session.flush()
    touch_catalogue(assignment.project_id)


def list_duties(actor_id: int | None) -> Sequence[DutyRow]:
    """The assignments of an actor, or of all, with the names that people know."""
    query = (
        select(
            Assignment.id,
            Assignment.actor_id,
            Actor.display_name,
            Role.system,
            Assignment.project_id,
            Form.xml_form_id,
            Assignment.edition,
            Assignment.unit_code,
            Submission.instance_id,
            Assignment.valid_from,
            Assignment.valid_to,
        )
        .join(Actor, Actor.id == Assignment.actor_id)
        .join(Role, Role.id == Assignment.role_id)
        .outerjoin(Form, Form.id == Assignment.form_id)
        .outerjoin(Submission, Submission.id == Assignment.submission_id)
        .order_by(Actor.display_name, Assignment.id)
    )
    if actor_id is not None:
        query = query.where(Assignment.actor_id == actor_id)
    return execute(query).all()
