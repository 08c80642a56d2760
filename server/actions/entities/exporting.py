"""A list as a CSV file that a spreadsheet opens and the import takes again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from exports.formulas import neutralise
from server.actions.entities.access import Access
from server.actions.entities.references import follow
from server.queries import entity_pages, restricted_facts
from server.queries.entity_pages import PageRow, Wanted
from server.queries.scopes import Scope

_NOWHERE: Mapping[int, Scope] = {}


def iter_csv(
    access: Access, *, restricted: Mapping[int, Scope] = _NOWHERE
) -> Iterator[tuple[bytes, int]]:
    """Pieces of the file and how many rows are in each; it begins with the mark of UTF-8, by which
    Excel knows Vietnamese letters. What a spreadsheet would run as a formula is made text.

    `restricted` says of which forms the restricted facts are joined, and where
    (`restricting.require_facts`).
    """
    names = restricted_facts.list_names(access.facts.id, restricted) if restricted else ()
    own = [f"restricted:{name}" for name in names]  # a property has no colon
    header = ("name", "label", *access.properties, "__version", *own)
    yield b"\xef\xbb\xbf" + ",".join(header).encode() + b"\n", 0
    for page in entity_pages.iter_pages(access.facts.id, access.scope, Wanted()):
        values = follow(access.facts, [row.data for row in page])
        columns: dict[str, list[str]] = {
            "name": [row.uuid for row in page],
            "label": [row.label for row in page],
            **{name: [data.get(name, "") for data in values] for name in access.properties},
            "__version": [str(row.number) for row in page],
            **_facts_of(page, names, restricted),
        }
        frame = neutralise(pl.DataFrame(columns))
        yield frame.write_csv(include_header=False).encode(), len(page)


def _facts_of(
    page: Sequence[PageRow], names: Sequence[str], restricted: Mapping[int, Scope]
) -> dict[str, list[str]]:
    if not names:
        return {}
    known = restricted_facts.list_known([row.id for row in page], restricted)
    return {
        f"restricted:{name}": [
            fact.value if (fact := known.get(row.id, {}).get(name)) else "" for row in page
        ]
        for name in names
    }
