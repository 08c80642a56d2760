"""A part of a list's entities as OData asks for it: after a row, some of them, in some order."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from server.db import fetch
from server.models import Entity
from server.odata.orders import Order
from server.queries import filtering
from server.queries.entity_pages import ENTITIES, FIELDS, PAGE, PageRow, Wanted, limits
from server.queries.scopes import Scope, placed_within


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` rows (None: all), less those that are skipped, after the one of an id."""

    limit: int | None = None
    skip: int = 0
    after: int | None = None
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows there are at all."""

    dataset_id: int
    scope: Scope
    wanted: Wanted


def count_rows(rows: Rows) -> int:
    query = select(func.count(Entity.id)).where(*limits(rows.dataset_id, rows.scope, rows.wanted))
    [[count]] = fetch(query)
    return int(count)


def find_after(rows: Rows, uuid: str) -> int | None:
    """The id of a row that the caller was given, and may still know of, whatever became of it."""
    within = (Entity.dataset_id == rows.dataset_id, placed_within(rows.scope, Entity))
    found = fetch(select(Entity.id).where(*within, Entity.uuid == uuid))
    return found[0].id if found else None


def iter_window(rows: Rows, window: Window) -> Iterator[Sequence[PageRow]]:
    """Newest first, or in the order that is asked for; each page is a query of its own."""
    if window.limit == 0:
        return
    yield from _iter_ordered(rows, window) if window.orders else _iter_newest(rows, window)


def _iter_newest(rows: Rows, window: Window) -> Iterator[Sequence[PageRow]]:
    """A page costs the same wherever it lies: it begins below an id."""
    wanted = [*limits(rows.dataset_id, rows.scope, rows.wanted)]
    query = ENTITIES.where(*wanted).order_by(Entity.id.desc())
    below = window.after
    if window.skip:
        below = _skip(rows, window)
        if below is None:
            return
    left = window.limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        part = query if below is None else query.where(Entity.id < below)
        page: Sequence[PageRow] = fetch(part.limit(size))
        if page:
            yield page
            below = page[-1].id
        if len(page) < size:
            return
        left = None if left is None else left - size


def _skip(rows: Rows, window: Window) -> int | None:
    """The id of the last row that is skipped; None where there is nothing behind it."""
    query = select(Entity.id).where(*limits(rows.dataset_id, rows.scope, rows.wanted))
    if window.after is not None:
        query = query.where(Entity.id < window.after)
    found = fetch(query.order_by(Entity.id.desc()).offset(window.skip - 1).limit(1))
    return found[0].id if found else None


def _iter_ordered(rows: Rows, window: Window) -> Iterator[Sequence[PageRow]]:
    """All ids are put in order at once, and their rows are read page by page."""
    wanted = [*limits(rows.dataset_id, rows.scope, rows.wanted)]
    query = select(Entity.id).where(*wanted)
    query = query.order_by(*filtering.to_order(window.orders, FIELDS), Entity.id.desc())
    query = query.offset(window.skip).limit(window.limit)
    ids = array("q", (row.id for row in fetch(query)))
    for start in range(0, len(ids), PAGE):
        part = ids[start : start + PAGE].tolist()
        found = {row.id: row for row in fetch(ENTITIES.where(*wanted, Entity.id.in_(part)))}
        yield [found[id_] for id_ in part if id_ in found]
