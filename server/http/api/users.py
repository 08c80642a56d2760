"""/v1/users: who is asking, another password, a forgotten one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from marshmallow import Schema, fields

from server.actions.passwords import ask_for_reset, change_password, use_reset_link
from server.auth.callers import Caller
from server.auth.credentials import check_password
from server.auth.gate import Rights
from server.auth.roles import Verb
from server.auth.sessions import get_reset
from server.auth.throttling import require_patience, slow_down
from server.db import transaction
from server.errors import NotAllowed, NotFound, Unauthenticated
from server.http.requests import occasion, settings, source
from server.queries import actors
from server.queries.projects import get_project

from .bodies import Body, Secret, Timestamp, is_extended, read
from .callers import bearer, identify, identify_user, nobody
from .envelopes import success

bp = Blueprint("users", __name__, url_prefix="/users")
_NO_PROJECT = 0  # what one may do there, one may do everywhere


class UserSchema(Schema):
    """A person, as the world may read of one."""

    id = fields.Integer(attribute="actor_id")
    type = fields.String(attribute="actor.type")
    email = fields.String()
    display_name = fields.String(attribute="actor.display_name", data_key="displayName")
    last_login_at = Timestamp(data_key="lastLoginAt")
    created_at = Timestamp(attribute="actor.created_at", data_key="createdAt")
    updated_at = Timestamp(attribute="actor.updated_at", data_key="updatedAt")
    deleted_at = Timestamp(attribute="actor.deleted_at", data_key="deletedAt")


class PasswordChange(Body):
    """The password that was, and the one to be."""

    old = Secret(required=True)
    new = Secret(required=True)


class ResetRequest(Body):
    """Whose password is forgotten."""

    email = fields.String(required=True)


class NewPassword(Body):
    """What a one-time link is used for."""

    new = Secret(required=True)


@bp.get("/current")
def current() -> Response:
    signed = identify()
    if not signed.is_user:
        raise NotFound(subject="user", name="")
    user = actors.get_user_by_id(signed.caller.actor_id or 0)
    answer: dict[str, Any] = dict(UserSchema().dump(user))
    if is_extended():
        answer |= {"verbs": _verbs(signed.caller), "preferences": {"site": {}, "projects": {}}}
    return jsonify(answer)


@bp.put("/<id:actor_id>/password")
def set_password(actor_id: int) -> Response:
    """One's own; for another's an administrator makes a one-time link."""
    signed = identify_user()
    if signed.caller.actor_id != actor_id:
        raise NotAllowed
    given = read(PasswordChange())
    user = actors.get_user_by_id(actor_id)
    check_password(user.email, given["old"], source=source())
    with transaction():
        user = actors.get_user_by_id(actor_id)
        change_password(
            user,
            given["new"],
            session_hash=signed.session.token_hash if signed.session else None,
            secret_key=settings().secret_key,
            by=signed.caller,
        )
    return success()


@bp.post("/reset/initiate")
def initiate_reset() -> Response:
    """Always success: whether there is such an account is not told."""
    invalidate = request.args.get("invalidate", "").lower() == "true"
    by = identify_user().caller if invalidate else nobody()
    email = read(ResetRequest())["email"]
    account = f"reset {email}"
    require_patience(account, source())
    with transaction():
        ask_for_reset(email, invalidate=invalidate, project=get_project(), by=by)
    slow_down(account, source())
    return success()


@bp.post("/reset/verify")
def verify_reset() -> Response:
    token = bearer()
    reset = get_reset(token, source=source(), refusal=Unauthenticated)
    given = read(NewPassword())
    with transaction():
        use_reset_link(token, given["new"], by=Caller(reset.actor_id, reset.email, occasion()))
    return success()


def _verbs(caller: Caller) -> list[str]:
    rights = Rights(caller)
    return sorted(verb for verb in Verb if rights.may(verb, project_id=_NO_PROJECT))
