"""Edits that wait for what they edit."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, bindparam, delete, func, select

from server.db import db, fetch
from server.models import HeldEdit

_IS_AWAITED = (
    select(HeldEdit.id)
    .where(
        HeldEdit.form_id == bindparam("form_id"),
        HeldEdit.deprecated_id == bindparam("deprecated_id"),
    )
    .limit(1)
)


def find_held(form_id: int, instance_id: str) -> HeldEdit | None:
    query = select(HeldEdit).where(HeldEdit.form_id == form_id, HeldEdit.instance_id == instance_id)
    return db.session.scalar(query.with_for_update())


def is_awaited(form_id: int, deprecated_id: str) -> bool:
    """True if an edit waits for this instance; a query of its own, after the commit."""
    return bool(fetch(_IS_AWAITED, {"form_id": form_id, "deprecated_id": deprecated_id}))


def take_waiting(form_id: int, deprecated_id: str) -> Sequence[HeldEdit]:
    """Remove and return the edits of an instance, in the order in which they came."""
    query = select(HeldEdit).where(
        HeldEdit.form_id == form_id, HeldEdit.deprecated_id == deprecated_id
    )
    waiting = db.session.scalars(query.order_by(HeldEdit.id).with_for_update()).all()
    for held in waiting:
        db.session.expunge(held)
        db.session.execute(delete(HeldEdit).where(HeldEdit.id == held.id))
    return waiting


def add_held(held: HeldEdit) -> None:
    db.session.add(held)
    db.session.flush()


def size_held(actor_id: int) -> int:
    """Bytes that wait from one sender."""
    query = select(func.coalesce(func.sum(HeldEdit.size), 0)).where(HeldEdit.actor_id == actor_id)
    return db.session.scalars(query).one()


def list_awaited() -> Sequence[Row[int, str]]:
    """(form_id, deprecated_id) of everything that is waited for."""
    query = select(HeldEdit.form_id, HeldEdit.deprecated_id).distinct()
    return db.session.execute(query).all()


def list_keys() -> list[str]:
    """Where the files of all edits that wait are."""
    lists = db.session.scalars(select(HeldEdit.files)).all()
    return [file["key"] for files in lists for file in files]


def count_held() -> int:
    return db.session.scalars(select(func.count(HeldEdit.id))).one()
