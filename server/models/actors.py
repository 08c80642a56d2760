"""Who asks: actors, the users and app users among them, roles and assignments."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base, CreatedAt, Id


class ActorType(StrEnum):
    """Central's words: an app user is a field_key."""

    USER = "user"
    APP_USER = "field_key"
    PUBLIC_LINK = "public_link"
    SINGLE_USE = "singleUse"
    OPERATOR = "operator"


class Actor(Base):
    """Someone or something that acts; the name is what people read in tables and logs."""

    __tablename__ = "actors"

    id: Mapped[Id]
    type: Mapped[ActorType]
    display_name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class User(Base):
    """A person who signs in. `digest_ha1` is sealed, and there only for who asked for Digest."""

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_lower_email", text("lower(email)"), unique=True),)

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    digest_ha1: Mapped[str | None] = mapped_column(String(500))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]

    actor: Mapped[Actor] = relationship(lazy="joined")


class AppUser(Base):
    """A phone's way in: the token is found by its hash, and sealed to be shown again."""

    __tablename__ = "app_users"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[str] = mapped_column(String(500))
    language: Mapped[str | None] = mapped_column(String(8))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    revoked_at: Mapped[datetime | None]

    actor: Mapped[Actor] = relationship(lazy="joined", foreign_keys=actor_id)


class Role(Base):
    """A name in `server.auth.roles`, which has its verbs; ids below 100 are Central's."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    system: Mapped[str | None] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(64))


class Assignment(Base):
    """An actor's role at the site (nothing set), a project or a form, from one day to another.

    It may be limited to a unit and all below it, or to one submission.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        Index("ix_assignments_actor_id", "actor_id", "role_id"),
        Index("ix_assignments_unit", "edition", "unit_code"),
    )

    id: Mapped[Id]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    form_id: Mapped[int | None] = mapped_column(ForeignKey("forms.id"))
    edition: Mapped[str | None] = mapped_column(String(32))
    unit_code: Mapped[str | None] = mapped_column(String(16))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    created_at: Mapped[CreatedAt]
