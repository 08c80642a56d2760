"""A whole list as CSV, as it is read (central-api.md §15.1)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from server.actions.entities.references import follow
from server.queries import entity_pages
from server.queries.datasets import DatasetFacts
from server.queries.entity_pages import PageRow

from .bodies import stamp


def entities_csv(
    facts: DatasetFacts, pages: Iterator[Sequence[PageRow]], properties: Sequence[str]
) -> Iterator[str]:
    after = ("__createdAt", "__creatorId", "__creatorName", "__updates", "__updatedAt", "__version")
    yield _lines([("__id", "label", *properties, *after)])
    for page in pages:
        values = follow(facts, [row.data for row in page])
        makers = entity_pages.list_actors([row.creator_id for row in page])
        yield _lines(
            (
                row.uuid,
                row.label,
                *map(data.get, properties),
                stamp(row.created_at),
                row.creator_id,
                makers[row.creator_id].display_name if row.creator_id in makers else None,
                row.number - 1,
                stamp(row.updated_at) if row.updated_at else None,
                row.number,
            )
            for row, data in zip(page, values, strict=True)
        )


def _lines(rows: Iterable[Iterable[object]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
