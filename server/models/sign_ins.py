"""Failed sign-ins, counted in the database because memory is each process's own; and successes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base


class FailedSignIn(Base):
    """How often somebody failed since `since`; `key` is a hash of who and from where."""

    __tablename__ = "failed_sign_ins"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    since: Mapped[datetime]


class ProvenPlace(Base):
    """An account signed in from there; `key` is a hash of both."""

    __tablename__ = "proven_places"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime]
