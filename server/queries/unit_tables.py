"""Bring a table of units to what a list says: add what is missing, change what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, inspect, select, update

from server.db import Base, db, execute


@dataclass(frozen=True, slots=True)
class Changed:
    """How many rows were added, changed, and were so already."""

    added: int = 0
    changed: int = 0
    same: int = 0


def bring(table: type[Base], rows: Iterable[Mapping[str, Any]]) -> Changed:
    """Add and change, in two statements; rows that the list does not name stay."""
    columns = table.__table__.columns
    keys = [column.name for column in inspect(table).primary_key]
    others = [column.name for column in columns if column.name not in keys]
    query = select(*(columns[name] for name in [*keys, *others]))
    known = {tuple(row[: len(keys)]): tuple(row[len(keys) :]) for row in execute(query)}
    new: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    same = 0
    for row in rows:
        held = known.get(tuple(row[key] for key in keys))
        if held is None:
            new.append(dict(row))
        elif held != tuple(row[name] for name in others):
            other.append({f"_{name}": row[name] for name in [*keys, *others]})
        else:
            same += 1
    _write(table, keys, others, new=new, other=other)
    return Changed(len(new), len(other), same)


def _write(
    table: type[Base],
    keys: Sequence[str],
    others: Sequence[str],
    *,
    new: list[dict[str, Any]],
    other: list[dict[str, Any]],
) -> None:
    columns = table.__table__.columns
    if new:
        execute(insert(table), new)
    if other:
        change = update(table).values({name: bindparam(f"_{name}") for name in others})
        execute(change.where(*(columns[key] == bindparam(f"_{key}") for key in keys)), other)
    db.session.expire_all()
