"""Users and app users: add, disable, revoke."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from server.actions.assigning import Duty, assign, find_role
from server.auth.callers import Caller
from server.auth.digest import make_ha1
from server.auth.gate import require
from server.auth.passwords import (
    hash_password,
    is_right,
    make_one_time_password,
    require_strong,
)
from server.auth.roles import NEEDS_UNIT, PERSON_ROLES, PHONE_ROLES, Verb
from server.auth.tokens import hash_token, make_token, seal
from server.db import utc_now
from server.errors import (
    AlreadyExists,
    FieldMissing,
    NotFound,
    TextTooLong,
    Unauthenticated,
    UnitNeeded,
    ValueNotAllowed,
)
from server.models import AppUser, Project, User
from server.queries import (
    actors,
    assignments,
    audits,
    forms,
    password_resets,
    projects,
    sessions,
    units,
)

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_MAX_NAME = 255


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user, and the password to tell the person where none was given."""

    user: User
    one_time_password: str | None


def add_user(
    email: str,
    *,
    role: str,
    password: str | None,
    unit_code: str | None,
    project: Project,
    on: date,
    by: Caller,
    submission: str | None = None,
    valid_to: date | None = None,
) -> NewUser:
    """Add a person with a first role; `assign` gives more."""
    require(by, Verb.USER_CREATE, project_id=project.id)
    if not _EMAIL.fullmatch(email):
        raise ValueNotAllowed(field="email", value=email, reason="name@example.vn")
    _check_name(email)
    find_role(role, PERSON_ROLES)
    if actors.find_user(email) is not None:
        raise AlreadyExists(subject="email", value=email)
    if password is not None:
        require_strong(password, email)
    one_time = make_one_time_password() if password is None else None
    hashed = hash_password(one_time or password or "")
    user = actors.add_user(email, hashed, one_time=one_time is not None)
    audits.log(by, "user.create", "user", user.actor_id)
    duty = Duty(role, unit_code, submission=submission, valid_to=valid_to)
    assign(user.actor, duty, project=project, on=on, by=by)
    return NewUser(user, one_time)


def enable_digest(
    email: str, password: str, *, secret_key: str, by: Caller, project: Project
) -> User:
    """Keep what Digest needs, so that Collect can sign in over plain http (openrosa.md §3.3).

    The password must be the person's own, and of printable ASCII, as the name: Collect sends no
    other letters right. Raises ValueNotAllowed.
    """
    require(by, Verb.USER_UPDATE, project_id=project.id)
    user = actors.get_user(email)
    if not (email + password).isascii() or not (email + password).isprintable():
        raise ValueNotAllowed(field="password", value="…", reason="ASCII: A–Z a–z 0–9 …")
    if user.password_hash is None or not is_right(password, user.password_hash):
        raise Unauthenticated
    user.digest_ha1 = seal(make_ha1(user.email, password), secret_key)
    audits.log(by, "user.update", "user", user.actor_id, digest=True)
    return user


def disable_digest(email: str, *, by: Caller, project: Project) -> User:
    require(by, Verb.USER_UPDATE, project_id=project.id)
    user = actors.get_user(email)
    user.digest_ha1 = None
    audits.log(by, "user.update", "user", user.actor_id, digest=False)
    return user


def disable_user(email: str, *, by: Caller, project: Project) -> User:
    require(by, Verb.USER_UPDATE, project_id=project.id)
    user = actors.get_user(email)
    user.disabled_at = user.disabled_at or utc_now()
    sessions.end_sessions(user.actor_id)
    password_resets.drop_resets(user.actor_id)
    audits.log(by, "user.disable", "user", user.actor_id)
    return user


def add_app_user(
    name: str,
    *,
    project: Project,
    form_ids: Sequence[str],
    unit_codes: Sequence[str],
    on: date,
    secret_key: str,
    by: Caller,
    language: str | None = None,
    role: str = "app-user",
) -> tuple[AppUser, str]:
    """Add a phone's way in and return its token: to all forms of the project, or to those named.

    A role of PHONE_ROLES says what its owner is; restricted forms are for a commune officer's.
    """
    require(by, Verb.FIELD_KEY_CREATE, project_id=project.id)
    _check_name(name)
    found = find_role(role, PHONE_ROLES)
    if found.id in NEEDS_UNIT and not unit_codes:
        raise UnitNeeded(role=role)
    named = [forms.get_form(project.id, form_id) for form_id in form_ids]
    places = [units.get_current_unit(code, on) for code in unit_codes]
    token = make_token()
    app_user = actors.add_app_user(
        project, name, token_hash=hash_token(token), sealed=seal(token, secret_key)
    )
    app_user.created_by_id = by.actor_id
    app_user.language = language
    at_forms: list[int | None] = [form.id for form in named] or [None]
    at_units: list[tuple[str | None, str | None]] = [(p.edition, p.code) for p in places]
    for form_id, (edition, code) in product(at_forms, at_units or [(None, None)]):
        assignments.assign(
            app_user.actor_id,
            found.id,
            project_id=project.id,
            form_id=form_id,
            edition=edition,
            unit_code=code,
        )
    audits.log(by, "field_key.create", "field_key", app_user.actor_id, language=language)
    granted = {"roleId": found.id, "formIds": at_forms, "units": [p.code for p in places]}
    audits.log(by, "field_key.assignment.create", "field_key", app_user.actor_id, **granted)
    return app_user, token


def revoke_app_user(actor_id: int, *, project: Project, by: Caller) -> AppUser:
    require(by, Verb.FIELD_KEY_DELETE, project_id=project.id)
    app_user = actors.get_app_user(actor_id)
    if app_user.project_id != project.id:
        raise NotFound(subject="app_user", name=actor_id)
    actors.revoke_app_user(app_user)
    projects.touch_catalogue(project.id)
    audits.log(by, "field_key.session.end", "field_key", actor_id)
    return app_user


def _check_name(name: str) -> None:
    if not name.strip():
        raise FieldMissing(subject="name", field="name")
    if len(name) > _MAX_NAME:
        raise TextTooLong(limit=_MAX_NAME)
