"""The tables of a dataset, whole: a commune's rows fit into memory, and people want them sorted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from exports.tables import Column, Dataset, TableHead

ROOT = "root"
"""The column with the KEY of a row's submission."""


class WholeTable:
    """All rows of a table, whose columns are called `c0`, `c1` … and ROOT."""

    def __init__(self, head: TableHead, frame: pl.DataFrame) -> None:
        self.head = head
        self.frame = frame.rename({name: f"c{i}" for i, name in enumerate(frame.columns)})

    def find_field(self, name: str) -> int | None:
        """Where the answers to a question are, by the question's name."""
        paths = ((i, c.path.rpartition("/")[2]) for i, c in enumerate(self.head.columns))
        return next((i for i, found in paths if found == name), None)

    def find_system(self, name: str) -> int | None:
        """Where a column is that no question fills."""
        columns = enumerate(self.head.columns)
        return next((i for i, c in columns if is_system(c) and system_name(c) == name), None)

    def texts(self, at: int | None) -> pl.Series:
        """The cells of a column; nulls where there is none."""
        if at is None:
            return pl.Series([None] * self.frame.height, dtype=pl.String)
        return self.frame.get_column(f"c{at}")


def is_system(column: Column) -> bool:
    return not column.path


def system_name(column: Column) -> str:
    return column.id.removeprefix("__")


def gather(dataset: Dataset) -> list[WholeTable]:
    """Every table with the column ROOT."""
    parts: list[list[pl.DataFrame]] = [[] for _ in dataset.heads]
    for batch in dataset.batches():
        for of_table, table in zip(parts, batch, strict=True):
            of_table.append(table.frame)
    tables = [
        WholeTable(head, pl.concat([_no_rows(head), *frames]))
        for head, frames in zip(dataset.heads, parts, strict=True)
    ]
    _add_roots(tables)
    return tables


def ranked(texts: pl.Series, key: Callable[[str], Any]) -> pl.Series:
    """The place of each text in the order of the key."""
    known = texts.drop_nulls().unique().to_list()
    order = {text: i for i, text in enumerate(sorted(known, key=lambda t: (key(t), t)))}
    return texts.replace_strict(order, default=None, return_dtype=pl.Int64)


def _no_rows(head: TableHead) -> pl.DataFrame:
    return pl.DataFrame(schema={column.heading: pl.String() for column in head.columns})


def _add_roots(tables: Sequence[WholeTable]) -> None:
    known = pl.DataFrame(schema={"key": pl.String, ROOT: pl.String})
    for table in tables:
        key, parent = (table.find_system(name) for name in ("KEY", "PARENT_KEY"))
        if parent is None:
            table.frame = table.frame.with_columns(pl.col(f"c{key}").alias(ROOT))
        else:
            table.frame = table.frame.join(
                known, left_on=f"c{parent}", right_on="key", how="left", maintain_order="left"
            )
        known = pl.concat([known, table.frame.select(pl.col(f"c{key}").alias("key"), ROOT)])
