"""Positions as cells of a grid, a hundredth of a degree wide: about a kilometre in Viet Nam."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import polars as pl

LEAST = 20
"""Rows of one commune that share a cell, for it to be told (domain.md §7.4)."""
_BETWEEN = "\x1f"

CellCounts = Counter[str]


def cells(north: pl.Series, east: pl.Series, place: pl.Series) -> pl.Series:
    """The cell of each row, with the commune it is counted in; null where there is no position."""
    frame = pl.DataFrame([place.alias("p"), _middle(north).alias("n"), _middle(east).alias("e")])
    return frame.select(pl.concat_str("p", "n", "e", separator=_BETWEEN)).to_series()


def count_cells(counts: CellCounts, found: pl.Series) -> None:
    counts.update(dict(found.drop_nulls().value_counts(name="count").iter_rows()))


def allowed_cells(counts: Mapping[str, int], hidden: frozenset[str]) -> frozenset[str]:
    """Those with enough rows, of communes that are told."""
    return frozenset(
        cell
        for cell, number in counts.items()
        if number >= LEAST and cell.rsplit(_BETWEEN, 2)[0] not in hidden
    )


def coordinate(found: pl.Series, allowed: frozenset[str], *, is_north: bool) -> pl.Series:
    """The middle of the cell, where it may be told."""
    by_cell = {cell: cell.rsplit(_BETWEEN, 2)[1 if is_north else 2] for cell in allowed}
    old = pl.Series(list(by_cell), dtype=pl.String)
    new = pl.Series(list(by_cell.values()), dtype=pl.String)
    return found.replace_strict(old, new, default=None)


def _middle(degrees: pl.Series) -> pl.Series:
    number = degrees.cast(pl.Float64, strict=False)
    return (((number * 100).floor() + 0.5) / 100).round(3).cast(pl.String)
