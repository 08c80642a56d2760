"""/v1/sessions: sign in, ask for the session in use, sign out, end another's way in."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from marshmallow import Schema, fields

from server.actions.signing_in import end_way_in, find_way_in, sign_in
from server.auth.credentials import check_password
from server.auth.tokens import hash_token
from server.db import transaction
from server.errors import NotFound
from server.http import cookies
from server.http.requests import source
from server.queries.sessions import SessionRow, end_session

from .bodies import Body, Secret, Timestamp, read
from .callers import identify, nobody
from .envelopes import success

bp = Blueprint("sessions", __name__, url_prefix="/sessions")


class Credentials(Body):
    """What somebody signs in with."""

    email = fields.String(required=True)
    password = Secret(required=True)


class SessionSchema(Schema):
    """How long a session lives."""

    created_at = Timestamp(data_key="createdAt")
    expires_at = Timestamp(data_key="expiresAt")


class NewSessionSchema(SessionSchema):
    """What is told only at its beginning."""

    token = fields.String()
    csrf = fields.String()


@bp.post("")
def create() -> Response:
    given = read(Credentials(), together=True)
    by = nobody()
    user = check_password(given["email"], given["password"], source=source(), is_logged=False)
    with transaction():
        session = sign_in(user, user_agent=request.headers.get("User-Agent", ""), by=by)
    response = jsonify(NewSessionSchema().dump(session))
    cookies.set_session(response, session)
    return response


@bp.get("/restore")
def restore() -> Response:
    return jsonify(SessionSchema().dump(_own_session()))


@bp.delete("/current")
def end_current() -> Response:
    session = _own_session()
    with transaction():
        end_session(session.token_hash)
    return _signed_out(session.token_hash)


@bp.delete("/<token>")
def end(token: str) -> Response:
    by = identify().caller
    way_in = find_way_in(token, by=by)
    with transaction():
        end_way_in(way_in, by=by)
    return _signed_out(hash_token(token))


def _own_session() -> SessionRow:
    """NotFound for whoever asks without one, by Basic for example."""
    session = identify().session
    if session is None:
        raise NotFound(subject="session", what="session")
    return session


def _signed_out(token_hash: str) -> Response:
    """The browser forgets its cookies where it is its own session that has ended."""
    response = success()
    cookie = cookies.session_token()
    if cookie is not None and hash_token(cookie) == token_hash:
        cookies.clear_session(response)
    return response
