"""A list as a CSV file that a spreadsheet opens and the import takes again."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from exports.formulas import neutralise
from server.actions.entities.access import Access
from server.queries import entity_pages
from server.queries.entity_pages import Wanted


def iter_csv(access: Access) -> Iterator[tuple[bytes, int]]:
    """Pieces of the file and how many rows are in each; it begins with the mark of UTF-8, by which
    Excel knows Vietnamese letters. What a spreadsheet would run as a formula is made text.
    """
    header = ("name", "label", *access.properties, "__version")
    yield "\ufeff".encode() + _lines([header]), 0
    for page in entity_pages.iter_pages(access.facts.id, access.scope, Wanted()):
        rows = [
            (
                row.uuid,
                neutralise(row.label),
                *(neutralise(row.data.get(name, "")) for name in access.properties),
                row.number,
            )
            for row in page
        ]
        yield _lines(rows), len(rows)


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
