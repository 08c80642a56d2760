"""Rows as the XML of a sheet, many at a time: an expression for each column makes its cells."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

import polars as pl
from xlsxwriter.utility import xl_col_to_name

from exports.tables import Column
from exports.utf16 import cut
from exports.writers.xlsx_cells import Styles, number_cell, text_cell, value_of
from exports.writers.xlsx_long import MAX_TEXT
from exports.writers.xlsx_text import find_strange

_ROW = "row"
_LINE = 15  # the height of a line, in points
_MOST_LINES = 25
_FILLED = 0.95
_OTHER_HEADING = 20
_HEADING = {"text": pl.String(), "place": pl.String()}


@dataclass(frozen=True, slots=True)
class Look:
    """How the cells of a workbook look, and the zone in which its moments are read.

    Text under the headings of `wraps` goes on in further lines of its cell, which is so many
    characters wide; then rows are as high as that needs, and empty cells have their lines too.
    """

    styles: Styles
    tz: tzinfo
    wraps: Mapping[str, int] = field(default_factory=dict)

    def text_style(self, column: Column) -> int:
        return self.styles.wrapped if column.heading in self.wraps else self.styles.text


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
        return "".join([self._heading_row(), *cells.to_series(), "</row>"]).encode()

    def xml(self, frame: pl.DataFrame, *, first: int) -> bytes:
        """The frame's rows; the first of them is row `first` of the sheet, counted from 1."""
        frame = frame.rename(dict(zip(frame.columns, self._names, strict=True)))
        cells = [self._cell(i, strange) for i, strange in enumerate(find_strange(frame))]
        numbers = pl.int_range(first, first + frame.height, eager=True).cast(pl.String)
        opened = self._row()
        whole = pl.concat_str(opened, *cells, pl.lit("</row>"), ignore_nulls=True)
        rows = frame.lazy().with_columns(numbers.alias(_ROW), *self._values.values())
        return b"".join(rows.select(whole.cast(pl.Binary)).collect().to_series().to_list())

    def _heading_row(self) -> str:
        wraps = self._look.wraps
        if not wraps:
            return '<row r="1">'
        widths = ((c.heading, wraps.get(c.heading, _OTHER_HEADING)) for c in self._columns)
        lines = max(len(textwrap.wrap(heading, width)) for heading, width in widths)
        return f'<row r="1" ht="{_LINE * min(lines, _MOST_LINES)}" customHeight="1">'

    def _row(self) -> pl.Expr:
        """What opens a row; some programs make none higher than a line by themselves."""
        wraps = self._look.wraps
        if not wraps:
            return pl.format('<row r="{}">', _ROW)
        lines = pl.max_horizontal(
            _lines(self._length(name), wraps[column.heading])
            for name, column in zip(self._names, self._columns, strict=True)
            if column.heading in wraps
        )
        height = lines.clip(1, _MOST_LINES).fill_null(1).cast(pl.Int64) * _LINE
        return pl.format('<row r="{}" ht="{}" customHeight="1">', _ROW, height)

    def _length(self, name: str) -> pl.Expr:
        """Of the text in a cell; numbers and days are one line, however they were written."""
        length = pl.col(name).str.len_chars()
        value = f"v{name}"
        return pl.when(pl.col(value).is_null()).then(length) if value in self._values else length

    def _cell(self, at: int, is_strange: bool) -> pl.Expr:
        if (at, is_strange) not in self._cells:
            self._cells[at, is_strange] = self._make_cell(at, is_strange=is_strange)
        return self._cells[at, is_strange]

    def _make_cell(self, at: int, *, is_strange: bool) -> pl.Expr:
        text, styles = pl.col(self._names[at]), self._look.styles
        place = pl.format(f"{xl_col_to_name(at)}{{}}", _ROW)
        style = self._look.text_style(self._columns[at])
        value = f"v{self._names[at]}"
        blank = pl.format(f'<c r="{{}}" s="{style}"/>', place)
        last = [blank] if self._columns[at].heading in self._look.wraps else []
        if value not in self._values:
            cell = text_cell(text, place, style, is_strange=is_strange)
            return pl.coalesce(cell, *last)
        number = number_cell(pl.col(value), self._columns[at].type, place, styles)
        rest = pl.when(pl.col(value).is_null()).then(text)
        return pl.coalesce(number, text_cell(rest, place, style, is_strange=is_strange), *last)


def _lines(length: pl.Expr, width: int) -> pl.Expr:
    """How many a text takes; a line ends with a word, so that it is seldom full."""
    return pl.when(length <= width).then(1).otherwise((length / (width * _FILLED)).ceil())
