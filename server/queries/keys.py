"""Keys of encrypted forms."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from server.db import db
from server.models import Key, Project


def find_project_key(project_id: int, *, lock: bool = False) -> Key | None:
    """The project's key. `lock` keeps it as it is until the end of the transaction.

    Whoever publishes locks: turning encryption on at the same time must not miss the new version.
    """
    query = select(Project.key_id).where(Project.id == project_id)
    key_id = db.session.scalar(query.with_for_update() if lock else query)
    return db.session.get(Key, key_id) if key_id is not None else None


def find_key(id_: int) -> Key | None:
    return db.session.get(Key, id_)


def add_managed_key(project: Project, *, public: str, private: str, hint: str | None) -> Key:
    key = Key(public=public, private=private, managed=True, hint=hint)
    db.session.add(key)
    db.session.flush()
    project.key_id = key.id
    db.session.flush()
    return key


def ensure_key(public: str) -> None:
    """A row for the key of a form's owner, whose private half we do not have."""
    if db.session.scalar(select(Key.id).where(Key.public == public)) is not None:
        return
    try:
        with db.session.begin_nested():
            db.session.add(Key(public=public, managed=False))
    except IntegrityError:
        return  # another publication was faster


def list_keys() -> Sequence[Key]:
    """All keys, newest first."""
    return db.session.scalars(select(Key).order_by(Key.id.desc())).all()
