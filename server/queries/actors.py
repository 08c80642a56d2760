"""Actors: users, app users, their assignments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from server.db import db, fetch, utc_now
from server.errors import AlreadyExists, NotFound
from server.models import (
    Actor,
    ActorType,
    AppUser,
    Project,
    Role,
    User,
)
from server.queries.public_links import list_sealed as list_sealed_links

SignInRow = Row[int, str, str, str | None, str | None, datetime | None]
"""(actor_id, display_name, email, password_hash, digest_ha1, disabled_at)"""


_SIGN_IN = (
    select(
        User.actor_id,
        Actor.display_name,
        User.email,
        User.password_hash,
        User.digest_ha1,
        User.disabled_at,
    )
    .join(Actor, Actor.id == User.actor_id)
    .where(func.lower(User.email) == bindparam("email"))
)


def get_name(actor_id: int) -> str:
    """What people read of an actor in lists."""
    return db.session.scalars(select(Actor.display_name).where(Actor.id == actor_id)).one()


def get_actor(actor_id: int) -> Actor:
    actor = db.session.get(Actor, actor_id)
    if actor is None:
        raise NotFound(subject="actor", name=actor_id)
    return actor


def get_actor_of(who: str) -> Actor:
    """The user of that e-mail address, or the app user of that id."""
    if who.isascii() and who.isdecimal():
        return get_app_user(int(who[:9])).actor
    return get_user(who).actor


def list_sealed() -> Sequence[str]:
    """What the secret key must open: tokens of app users and links, and what Digest needs."""
    tokens = db.session.scalars(select(AppUser.token_sealed).where(AppUser.revoked_at.is_(None)))
    links = list_sealed_links()
    digests = db.session.scalars(select(User.digest_ha1).where(User.digest_ha1.is_not(None)))
    return [*tokens, *links, *(sealed for sealed in digests if sealed)]


def find_operator() -> Actor:
    """The actor behind commands; the first migration makes it."""
    return db.session.scalars(select(Actor).where(Actor.type == ActorType.OPERATOR)).one()


def find_absent(actor_id: int) -> Actor | None:
    """The operator, or a user whose account is not ended."""
    query = (
        select(Actor)
        .outerjoin(User, User.actor_id == Actor.id)
        .where(
            Actor.id == actor_id,
            Actor.deleted_at.is_(None),
            User.disabled_at.is_(None),
            Actor.type.in_((ActorType.OPERATOR, ActorType.USER)),
        )
    )
    return db.session.scalar(query)


def find_sign_in(email: str) -> SignInRow | None:
    """What a request with a name and a password needs to know, in one query of its own."""
    rows: Sequence[SignInRow] = fetch(_SIGN_IN, {"email": email.lower()})
    return rows[0] if rows else None


def find_role(system: str) -> Role | None:
    return db.session.scalar(select(Role).where(Role.system == system))


def list_roles() -> Sequence[Role]:
    return db.session.scalars(select(Role).order_by(Role.id)).all()


def add_user(email: str, password_hash: str | None, *, one_time: bool) -> User:
    actor = Actor(type=ActorType.USER, display_name=email)
    user = User(
        actor=actor, email=email, password_hash=password_hash, must_change_password=one_time
    )
    db.session.add(user)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise AlreadyExists(subject="email", value=email) from error
    return user


def find_user(email: str) -> User | None:
    return db.session.scalar(select(User).where(func.lower(User.email) == email.lower()))


def get_user(email: str) -> User:
    user = find_user(email)
    if user is None:
        raise NotFound(subject="user", name=email)
    return user


def find_living_user(email: str) -> User | None:
    """Whoever can sign in with that address."""
    user = find_user(email) if "\0" not in email else None
    return user if user is not None and user.disabled_at is None else None


def get_living_user(email: str) -> User:
    user = find_living_user(email)
    if user is None:
        raise NotFound(subject="user", name=email)
    return user


def find_user_by_id(actor_id: int) -> User | None:
    return db.session.get(User, actor_id)


def get_user_by_id(actor_id: int) -> User:
    user = find_user_by_id(actor_id)
    if user is None:
        raise NotFound(subject="user", name=actor_id)
    return user


def list_users() -> Sequence[User]:
    return db.session.scalars(select(User).order_by(User.email)).all()


def add_app_user(project: Project, name: str, *, token_hash: str, sealed: str) -> AppUser:
    actor = Actor(type=ActorType.APP_USER, display_name=name)
    app_user = AppUser(
        actor=actor, project_id=project.id, token_hash=token_hash, token_sealed=sealed
    )
    db.session.add(app_user)
    db.session.flush()
    return app_user


def get_app_user(actor_id: int) -> AppUser:
    app_user = db.session.get(AppUser, actor_id)
    if app_user is None:
        raise NotFound(subject="app_user", name=actor_id)
    return app_user


def list_app_users(project: Project) -> Sequence[AppUser]:
    query = select(AppUser).where(AppUser.project_id == project.id).order_by(AppUser.actor_id)
    return db.session.scalars(query).all()


def revoke_app_user(app_user: AppUser) -> None:
    app_user.revoked_at = app_user.revoked_at or utc_now()
    db.session.flush()
