"""Failed sign-ins: count one, read the counts, forget the old."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from server.db import db, execute, fetch
from server.models import FailedSignIn, ProvenPlace

_COUNTS = select(FailedSignIn.key, FailedSignIn.count, FailedSignIn.since).where(
    FailedSignIn.key.in_(bindparam("keys", expanding=True)),
    FailedSignIn.since > bindparam("after"),
)


_PROVEN = select(ProvenPlace.key).where(ProvenPlace.key == bindparam("key"))


def list_failures(keys: Collection[str], *, after: datetime) -> dict[str, tuple[int, datetime]]:
    """(count, since) by key, of those that began after a moment."""
    rows = fetch(_COUNTS, {"keys": list(keys), "after": after})
    return {row.key: (row.count, row.since) for row in rows}


def add_failure(key: str, *, now: datetime, after: datetime) -> None:
    """Count one more; a count that began before `after` begins anew."""
    dialect = sqlite if db.session.connection().dialect.name == "sqlite" else postgresql
    is_over = FailedSignIn.since <= after
    statement = dialect.insert(FailedSignIn).values(key=key, count=1, since=now)
    counted = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((is_over, 1), else_=FailedSignIn.count + 1),
            "since": case((is_over, now), else_=FailedSignIn.since),
        },
    )
    execute(counted)


def is_proven(key: str) -> bool:
    return bool(fetch(_PROVEN, {"key": key}))


def add_proven(key: str, *, now: datetime) -> None:
    dialect = sqlite if db.session.connection().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(ProvenPlace).values(key=key, since=now)
    execute(statement.on_conflict_do_nothing(index_elements=["key"]))


def forget_failures(*, before: datetime) -> None:
    db.session.execute(delete(FailedSignIn).where(FailedSignIn.since < before))
