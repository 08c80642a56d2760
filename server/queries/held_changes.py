"""Submissions whose changes of the register wait for a predecessor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from server.db import db, execute, utc_now
from server.models import HeldChange
from server.queries.entities import Key

_WAITING = (
    select(HeldChange.submission_version_id)
    .where(HeldChange.key.in_(bindparam("keys", expanding=True)))
    .order_by(HeldChange.submission_version_id)
    .with_for_update()
)


def hold(version_id: int, submission_id: int, entity: Key, key: str) -> None:
    """Wait for what `key` names; since when it waits stays what it was."""
    row = {
        "submission_version_id": version_id,
        "submission_id": submission_id,
        "dataset_id": entity[0],
        "uuid": entity[1],
        "key": key,
        "since": utc_now(),
    }
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[db.session.connection().dialect.name]
    add = dialect.insert(HeldChange)
    execute(
        add.on_conflict_do_update(
            index_elements=["submission_version_id"], set_={"key": add.excluded.key}
        ),
        row,
    )


def list_waiting(keys: Collection[str]) -> Sequence[int]:
    """The versions that wait for one of the keys, in the order of receipt."""
    return list(execute(_WAITING, {"keys": sorted(keys)}).scalars())


def list_held_since(before: datetime, *, limit: int) -> Sequence[int]:
    query = (
        select(HeldChange.submission_version_id)
        .where(HeldChange.since < before)
        .order_by(HeldChange.submission_version_id)
        .limit(limit)
        .with_for_update()
    )
    return list(execute(query).scalars())


def release(version_id: int) -> None:
    execute(delete(HeldChange).where(HeldChange.submission_version_id == version_id))


def drop_of(submission_ids: Collection[int]) -> list[int]:
    """Of all versions of these submissions; return those of which something waited."""
    wanted = HeldChange.submission_id.in_(sorted(submission_ids))
    dropped = execute(delete(HeldChange).where(wanted).returning(HeldChange.submission_id))
    return sorted(set(dropped.scalars()))


def count_held() -> int:
    return int(execute(select(func.count()).select_from(HeldChange)).scalar_one())
