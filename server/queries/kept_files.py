"""Which files the storage must have, as far as the database knows."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from server.db import db
from server.models import FormAttachment, ServedFile, SubmissionAttachment
from server.queries import held_edits, quarantine


def sample_keys(size: int) -> tuple[list[str], int]:
    """Keys to look for, and how many there are in all.

    Of the forms' files and of the submissions' the oldest and the newest ones: a storage that was
    lost or not restored shows there, without reading millions of rows.
    """
    waiting = [*quarantine.list_keys(), *held_edits.list_keys()]
    keys, count = waiting[:size], len(waiting)
    for table in (FormAttachment, ServedFile, SubmissionAttachment):
        key, is_kept = table.storage_key, table.storage_key.is_not(None)
        for order in (table.id.asc(), table.id.desc()):
            query = select(key).where(is_kept).order_by(order).limit(size // 2)
            keys += [found for found in db.session.scalars(query) if found]
        count += db.session.scalars(select(func.count(table.id)).where(is_kept)).one()
    return list(dict.fromkeys(keys)), count


def list_shared(keys: Collection[str]) -> set[str]:
    """Those of the keys that some row still speaks of."""
    shared = {*quarantine.list_keys(), *held_edits.list_keys()} & set(keys)
    for table in (FormAttachment, ServedFile, SubmissionAttachment):
        query = select(table.storage_key).where(table.storage_key.in_(keys))
        shared |= {key for key in db.session.scalars(query) if key}
    return shared
