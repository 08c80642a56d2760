"""The rows of slips, as they were sent: what a projection keeps and an export is made of.

One frame for the form and one for each repeat, over all versions of the form. A column is named by
the path of its field (`/g_hh/hh_size`; `/gps#Latitude` of a position), so that it stays the same
whatever later versions add. Beside the answers: `version`, the number of the slip's version, and in
repeats `key` and `parent_key` without the slip's own key before them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

import polars as pl
from lxml import etree

from exports.values import DTYPES, value_of
from forms.definitions import Field, FormDefinition
from forms.flatten import FlatRow, flatten_instance
from forms.layouts import Column, TableLayout, build_layout, see_as

VERSION = "version"
KEY = "key"
PARENT_KEY = "parent_key"
_OF_FORM = {VERSION: pl.Int64()}
_OF_REPEAT = {VERSION: pl.Int64(), KEY: pl.String(), PARENT_KEY: pl.String()}


@dataclass(frozen=True, slots=True)
class Slip:
    """One version of a submission, read: which it is, of which version of the form."""

    version: int
    form_version: int
    root: etree._Element


class FormRows:
    """The tables of a form, and how slips fill them.

    `definitions` are its versions by id, newest first.
    """

    def __init__(self, definitions: Mapping[int, FormDefinition]) -> None:
        self.layouts: Sequence[TableLayout] = build_layout(list(definitions.values()))
        self._seen = {id_: see_as(self.layouts, d) for id_, d in definitions.items()}

    def frames(self, slips: Iterable[Slip]) -> list[pl.DataFrame]:
        """The rows of every table, in document order; each slip is read once and let go."""
        rows: list[list[tuple[int, FlatRow]]] = [[] for _ in self.layouts]
        for slip in slips:
            nodes = self._seen.get(slip.form_version)
            for of_table, flat in zip(
                rows, flatten_instance(slip.root, self.layouts, "", nodes), strict=True
            ):
                of_table.extend((slip.version, row) for row in flat)
        return [_frame(layout, r) for layout, r in zip(self.layouts, rows, strict=True)]


def column_id(column: Column) -> str:
    return f"{column.field.path}#{column.part}" if column.part else column.field.path


def key_columns(layout: TableLayout) -> dict[str, pl.DataType]:
    """The columns of a table before its answers."""
    return dict(_OF_REPEAT if layout.path else _OF_FORM)


def table_schema(layout: TableLayout) -> dict[str, pl.DataType]:
    """All columns of a table but the values."""
    return key_columns(layout) | {column_id(column): pl.String() for column in layout.columns}


def value_type(column: Column) -> str:
    """The type of a column's values. A calculation is text to the form; one of `now()` is a moment
    to people.
    """
    return "decimal" if column.part else _type_of(column.field)


def with_values(frame: pl.DataFrame, layout: TableLayout, tz: tzinfo) -> pl.DataFrame:
    """The frame, and beside each answer that is a number, a date or a time its value: `{id}:value`.

    Null where the text is no such value (`exports.values`).
    """
    typed = (c for c in layout.columns if value_type(c) in DTYPES)
    return frame.with_columns(
        value_of(pl.col(column_id(c)), value_type(c), tz).alias(f"{column_id(c)}:value")
        for c in typed
    )


def _type_of(field: Field) -> str:
    is_moment = field.bind.type == "string" and "now()" in field.bind.calculate
    return "dateTime" if is_moment else field.bind.type


def _frame(layout: TableLayout, rows: Sequence[tuple[int, FlatRow]]) -> pl.DataFrame:
    series = [pl.Series(VERSION, [version for version, _ in rows], dtype=pl.Int64)]
    if layout.path:
        series.append(pl.Series(KEY, [row.key for _, row in rows], dtype=pl.String))
        series.append(pl.Series(PARENT_KEY, [row.parent_key for _, row in rows], dtype=pl.String))
    answers = zip(*(row.values for _, row in rows), strict=True) if rows else ()
    columns = list(answers) or [()] * len(layout.columns)
    series.extend(
        pl.Series(column_id(column), values, dtype=pl.String)
        for column, values in zip(layout.columns, columns, strict=True)
    )
    return pl.DataFrame(series)
