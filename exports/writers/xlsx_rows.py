"""Rows as the XML of a sheet, many at a time: an expression for each column makes its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import polars as pl
from xlsxwriter.utility import xl_col_to_name

from exports.tables import Column
from exports.utf16 import cut
from exports.writers.xlsx_cells import Styles, number_cell, text_cell, value_of
from exports.writers.xlsx_long import MAX_TEXT
from exports.writers.xlsx_text import find_strange

_ROW = "row"
_HEADING = {"text": pl.String(), "place": pl.String()}


@dataclass(frozen=True, slots=True)
class Look:
    """How the cells of a workbook look, and the zone in which its moments are read."""

    styles: Styles
    tz: tzinfo


class Rows:
    """Makes the rows of some columns; an expression is built once it is needed."""

    def __init__(self, columns: Sequence[Column], look: Look) -> None:
        self._columns = columns
        self._look = look
        self._names = [f"c{i}" for i in range(len(columns))]
        self._values: dict[str, pl.Expr] = {}
        for name, column in zip(self._names, columns, strict=True):
            value = value_of(pl.col(name), column.type, look.tz)
            if value is not None:
                self._values[f"v{name}"] = value.alias(f"v{name}")
        self._cells: dict[tuple[int, bool], pl.Expr] = {}

    def heading(self) -> bytes:
        """The first row of a sheet."""
        texts = [cut(column.heading, MAX_TEXT) for column in self._columns]
        places = [f"{xl_col_to_name(i)}1" for i in range(len(texts))]
        frame = pl.DataFrame({"text": texts, "place": places}, schema_overrides=_HEADING)
        style = self._look.styles.heading
        cells = frame.select(text_cell(pl.col("text"), pl.col("place"), style, is_strange=True))
        return "".join(['<row r="1">', *cells.to_series(), "</row>"]).encode()

    def xml(self, frame: pl.DataFrame, *, first: int) -> bytes:
        """The frame's rows; the first of them is row `first` of the sheet, counted from 1."""
        frame = frame.rename(dict(zip(frame.columns, self._names, strict=True)))
        cells = [self._cell(i, strange) for i, strange in enumerate(find_strange(frame))]
        numbers = pl.int_range(first, first + frame.height, eager=True).cast(pl.String)
        opened = pl.format('<row r="{}">', _ROW)
        whole = pl.concat_str(opened, *cells, pl.lit("</row>"), ignore_nulls=True)
        rows = frame.lazy().with_columns(numbers.alias(_ROW), *self._values.values())
        return b"".join(rows.select(whole.cast(pl.Binary)).collect().to_series().to_list())

    def _cell(self, at: int, is_strange: bool) -> pl.Expr:
        if (at, is_strange) not in self._cells:
            self._cells[at, is_strange] = self._make_cell(at, is_strange=is_strange)
        return self._cells[at, is_strange]

    def _make_cell(self, at: int, *, is_strange: bool) -> pl.Expr:
        text, styles = pl.col(self._names[at]), self._look.styles
        place = pl.format(f"{xl_col_to_name(at)}{{}}", _ROW)
        value = f"v{self._names[at]}"
        if value not in self._values:
            return text_cell(text, place, styles.text, is_strange=is_strange)
        number = number_cell(pl.col(value), self._columns[at].type, place, styles)
        rest = pl.when(pl.col(value).is_null()).then(text)
        return pl.coalesce(number, text_cell(rest, place, styles.text, is_strange=is_strange))
