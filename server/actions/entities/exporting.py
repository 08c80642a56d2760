"""A list as a CSV file that a spreadsheet opens and the import takes again."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from exports.formulas import neutralise
from server.actions.entities.access import Access
from server.actions.entities.references import follow
from server.queries import entity_pages
from server.queries.entity_pages import Wanted


def iter_csv(access: Access) -> Iterator[tuple[bytes, int]]:
    """Pieces of the file and how many rows are in each; it begins with the mark of UTF-8, by which
    Excel knows Vietnamese letters. What a spreadsheet would run as a formula is made text.
    """
    header = ("name", "label", *access.properties, "__version")
    yield b"\xef\xbb\xbf" + ",".join(header).encode() + b"\n", 0
    for page in entity_pages.iter_pages(access.facts.id, access.scope, Wanted()):
        values = follow(access.facts, [row.data for row in page])
        columns: dict[str, list[str]] = {
            "name": [row.uuid for row in page],
            "label": [row.label for row in page],
            **{name: [data.get(name, "") for data in values] for name in access.properties},
            "__version": [str(row.number) for row in page],
        }
        frame = neutralise(pl.DataFrame(columns))
        yield frame.write_csv(include_header=False).encode(), len(page)
