"""The sheets of a table: further ones below where it is too long, and beside where too wide.

Rows are rendered so many at a time whatever batches they come in: same rows, same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from exports.pieces import NewFile, Piece
from exports.tables import Column, TableHead
from exports.writers.xlsx_long import LongTexts, key_columns
from exports.writers.xlsx_rows import Look, Rows
from exports.writers.xlsx_widths import Widths

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
_BYTES_AT_ONCE = 12_000_000
_BYTES_OF_CELL = 50  # in XML, besides its text


@dataclass(slots=True)
class Sheet:
    """Rows of some columns of a table, packed; `height` counts the row of headings too.

    `below` and `beside` count the sheets of the table that come before it in each way.
    """

    columns: Sequence[Column]
    widths: Widths
    rows: Piece
    below: int
    beside: int
    height: int = 1

    @property
    def last_column(self) -> int:
        return max(len(self.columns) - 1, 0)


class TableSheets:
    """What the rows of one table are written to."""

    def __init__(
        self, new_file: NewFile, look: Look, head: TableHead, *, name: str, language: str
    ) -> None:
        self.name = name
        self.long_texts = LongTexts(head, new_file, table=name, language=language)
        self._strips = [
            _Strip(i, head, places, new_file, look) for i, places in enumerate(_split(head.columns))
        ]
        self._waiting: list[pl.DataFrame] = []
        self._bytes = 0

    def write(self, frame: pl.DataFrame) -> None:
        if not frame.height:
            return
        frame = self.long_texts.cut(frame)
        sizes = _row_sizes(frame)
        while frame.height:
            sums = sizes.cum_sum() + self._bytes
            fit = int(sums.search_sorted(_BYTES_AT_ONCE)) + 1
            self._waiting.append(frame.head(fit))
            self._bytes = sums[-1]
            if fit <= frame.height:
                self._render()
            frame, sizes = frame.slice(fit), sizes.slice(fit)

    def finish(self) -> None:
        self._render()

    @property
    def sheets(self) -> list[Sheet]:
        return [sheet for strip in self._strips for sheet in strip.sheets]

    def _render(self) -> None:
        if self._waiting:
            rows = pl.concat(self._waiting)
            for strip in self._strips:
                strip.write(rows)
        self._waiting, self._bytes = [], 0


class _Strip:
    """As many columns of a table as a sheet has, in one sheet below the other."""

    def __init__(
        self,
        number: int,
        head: TableHead,
        places: Sequence[int],
        new_file: NewFile,
        look: Look,
    ) -> None:
        self.sheets: list[Sheet] = []
        self._number = number
        self._places = places
        self._columns = [head.columns[i] for i in places]
        self._new_file = new_file
        self._rows = Rows(self._columns, look)
        self._begin()

    def write(self, frame: pl.DataFrame) -> None:
        frame = frame.select(pl.nth(self._places))
        while frame.height:
            sheet = self.sheets[-1]
            if sheet.height == MAX_ROWS:
                sheet = self._begin()
            part = frame.head(MAX_ROWS - sheet.height)
            sheet.widths.look_at(part)
            sheet.rows.write(self._rows.xml(part, first=sheet.height + 1))
            sheet.height += part.height
            frame = frame.slice(part.height)

    def _begin(self) -> Sheet:
        widths = Widths(self._columns)
        rows = Piece(self._new_file())
        rows.write(self._rows.heading())
        sheet = Sheet(self._columns, widths, rows, len(self.sheets), self._number)
        self.sheets.append(sheet)
        return sheet


def _row_sizes(frame: pl.DataFrame) -> pl.Series:
    """About how long the XML of each row is."""
    texts = pl.sum_horizontal(pl.all().str.len_bytes().cast(pl.Int64))
    return frame.select(texts + _BYTES_OF_CELL * frame.width).to_series()


def _split(columns: Sequence[Column]) -> Iterator[list[int]]:
    """The places of each sheet's columns; where there are several, each begins with the keys."""
    if len(columns) <= MAX_COLUMNS:
        yield list(range(len(columns)))
        return
    keys = key_columns(columns)
    others = [i for i in range(len(columns)) if i not in keys]
    room = MAX_COLUMNS - len(keys)
    for at in range(0, len(others), room):
        yield keys + others[at : at + room]
