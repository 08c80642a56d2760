"""Refused submissions kept for the operator, within bounds."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from server.db import db
from server.errors import NotFound
from server.models import QuarantinedSubmission

MAX_BYTES_OF_ALL = 2_000_000_000
MAX_BYTES_OF_ONE = 200_000_000


def has_room(actor_id: int, size: int) -> bool:
    """False once this sender or all senders together have filled their share."""
    total = select(func.coalesce(func.sum(QuarantinedSubmission.size), 0))
    of_one = db.session.scalars(total.where(QuarantinedSubmission.actor_id == actor_id)).one()
    of_all = db.session.scalars(total).one()
    return of_one + size <= MAX_BYTES_OF_ONE and of_all + size <= MAX_BYTES_OF_ALL


def is_known(actor_id: int, sha256: str) -> bool:
    query = select(QuarantinedSubmission.id).where(
        QuarantinedSubmission.actor_id == actor_id, QuarantinedSubmission.sha256 == sha256
    )
    return db.session.scalar(query) is not None


def add(entry: QuarantinedSubmission) -> None:
    """Add it; the same body from the same sender is kept once."""
    try:
        with db.session.begin_nested():
            db.session.add(entry)
    except IntegrityError:
        return


def get(entry_id: int, *, lock: bool = False) -> QuarantinedSubmission:
    """The body; `lock` keeps two operators from releasing it at once."""
    entry = db.session.get(QuarantinedSubmission, entry_id, with_for_update=lock or None)
    if entry is None:
        raise NotFound(subject="quarantine", name=entry_id)
    return entry


def list_entries() -> Sequence[QuarantinedSubmission]:
    """Everything that is kept, oldest first, without the XML."""
    query = select(QuarantinedSubmission).order_by(QuarantinedSubmission.id)
    return db.session.scalars(query).all()


def remove(entry: QuarantinedSubmission) -> None:
    db.session.delete(entry)
    db.session.flush()


def list_keys() -> list[str]:
    """Where the files of all that is kept are."""
    lists = db.session.scalars(select(QuarantinedSubmission.files)).all()
    return [file["key"] for files in lists for file in json.loads(files)]


def count() -> int:
    return db.session.scalars(select(func.count(QuarantinedSubmission.id))).one()
