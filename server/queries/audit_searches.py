"""Search the audit log from its newest row on, in pages that cost the same at any depth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, false, func, select, tuple_, union_all

from server.db import db
from server.errors import NotFound
from server.models import Actor, Audit

AuditRow = Row[
    int, int | None, str | None, str, str, int | None, Any, str | None, str | None, datetime
]
"""(id, actor_id, actor, action, actee_type, actee_id, details, source, notes, logged_at)"""
Page = Select[int, datetime]
"""(id, logged_at)"""

BATCH = 1000
_ORDER = (Audit.logged_at, Audit.id)
_NEWEST_FIRST = (Audit.logged_at.desc(), Audit.id.desc())
_BY_PREFIX = (
    *("user", "field_key", "public_link", "project", "form", "submission", "dataset", "entity"),
    *("upgrade", "config", "unit", "audit"),
)
_VERBOSE = ("submission.", "entity.", "user.preference.")
_READING = (".read", ".export")
GROUPS = ("nonverbose", "reading", *_BY_PREFIX)
"""Central's groups (central-api.md §17), and ours: reading, unit, audit."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows are wanted; what is empty does not limit. `action` is a name or one of GROUPS."""

    action: str = ""
    actor_id: int | None = None
    actee_type: str = ""
    actee_id: int | None = None
    source: str = ""
    logged_from: datetime | None = None
    logged_before: datetime | None = None

    @property
    def has_one_index(self) -> bool:
        """True where no more is asked than the time, or one thing's history."""
        is_of_one = bool(self.actee_type) and self.actee_id is not None
        return not (self.action or self.actor_id is not None or self.source) and (
            is_of_one or not self.actee_type
        )


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the order of the log; the id decides between equal moments."""

    logged_at: datetime
    audit_id: int


def get_position(audit_id: int) -> Position:
    logged_at = db.session.scalar(select(Audit.logged_at).where(Audit.id == audit_id))
    if logged_at is None:
        raise NotFound(what=audit_id)
    return Position(logged_at, audit_id)


def iter_audits(wanted: AuditFilter, *, batch: int = BATCH) -> Iterator[Sequence[AuditRow]]:
    """Yield all rows in batches, newest first, without holding them all in memory."""
    after: Position | None = None
    while rows := list_audits(wanted, after=after, limit=batch):
        yield rows
        after = Position(rows[-1].logged_at, rows[-1].id)


def list_audits(
    wanted: AuditFilter, *, after: Position | None = None, limit: int
) -> Sequence[AuditRow]:
    """A page, newest first; it costs the same wherever it begins (docs/audit.md)."""
    found = select_page(wanted, after=after, limit=limit).subquery()
    query = (
        select(
            Audit.id,
            Audit.actor_id,
            Actor.display_name.label("actor"),
            Audit.action,
            Audit.actee_type,
            Audit.actee_id,
            Audit.details,
            Audit.source,
            Audit.notes,
            Audit.logged_at,
        )
        .join(found, found.c.id == Audit.id)
        .outerjoin(Actor, Actor.id == Audit.actor_id)
        .order_by(*_NEWEST_FIRST)
    )
    return db.session.execute(query).all()


def select_page(wanted: AuditFilter, *, after: Position | None, limit: int) -> Page:
    """The ids of a page.

    The indexes have each action's rows in the order of time, of everybody, of one actor and from
    one source: so each action gives its own first rows, and of these the first are taken.
    """
    base = select(Audit.id, Audit.logged_at).where(*_limits(wanted, after))
    newest = base.order_by(*_NEWEST_FIRST).limit(limit)
    if wanted.has_one_index:
        return newest
    actions = [name for name in list_actions() if is_wanted(name, wanted.action)]
    if not actions:
        return newest.where(false())
    branches = [select(newest.where(Audit.action == a).subquery()) for a in actions]
    merged = union_all(*branches).subquery()
    return (
        select(merged.c.id, merged.c.logged_at)
        .order_by(merged.c.logged_at.desc(), merged.c.id.desc())
        .limit(limit)
    )


def list_actions() -> Sequence[str]:
    """The actions that the log has, each found by one step into the index."""
    first = select(func.min(Audit.action).label("action")).cte("found", recursive=True)
    following = (
        select(func.min(Audit.action)).where(Audit.action > first.c.action).scalar_subquery()
    )
    found = first.union_all(select(following).where(first.c.action.is_not(None)))
    names = db.session.scalars(select(found.c.action).where(found.c.action.is_not(None)))
    return [name for name in names if name is not None]


def is_wanted(action: str, group: str) -> bool:
    """True for the action itself, and for what is in a group of that name."""
    if group not in GROUPS:
        return group in ("", action)
    if group == "nonverbose":
        return not action.startswith(_VERBOSE)
    if group == "reading":
        return action.endswith(_READING)
    return action.startswith(f"{group}.")


def _limits(wanted: AuditFilter, after: Position | None) -> Iterator[ColumnElement[bool]]:
    equal = (
        (Audit.actor_id, wanted.actor_id),
        (Audit.actee_type, wanted.actee_type or None),
        (Audit.actee_id, wanted.actee_id),
        (Audit.source, wanted.source or None),
    )
    yield from (column == value for column, value in equal if value is not None)
    if wanted.logged_from is not None:
        yield Audit.logged_at >= wanted.logged_from
    if wanted.logged_before is not None:
        yield Audit.logged_at < wanted.logged_before
    if after is not None:
        yield tuple_(*_ORDER) < (after.logged_at, after.audit_id)
