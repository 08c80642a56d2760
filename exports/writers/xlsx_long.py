"""Answers longer than a cell: the cell has the beginning, a file beside the workbook the whole."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import polars as pl

from exports.formulas import neutralise
from exports.pieces import NewFile
from exports.tables import Column, TableHead
from exports.utf16 import count_units, cut

MAX_TEXT = 32_767
SUFFIX = "-long-texts.csv"
_HEADINGS = ("table", "KEY", "column", "text")
_BOM = b"\xef\xbb\xbf"
# The file is called after the workbook, whatever name that was given.
_NOTICES = {
    "vi": f"… [toàn văn ở tệp …{SUFFIX}, KEY {{key}}, cột {{column}}]",
    "en": f"… [whole text in file …{SUFFIX}, KEY {{key}}, column {{column}}]",
}
_LONGEST_OF_KEY = 500


def key_columns(columns: Sequence[Column]) -> list[int]:
    """Where PARENT_KEY and KEY stand; a question with such a name has a path and is none."""
    ids = [column.id.removeprefix("__") if not column.path else "" for column in columns]
    return [i for i, id_ in enumerate(ids) if id_ in ("PARENT_KEY", "KEY")]


class LongTexts:
    """The long answers of one table, written as they are met."""

    def __init__(self, head: TableHead, new_file: NewFile, *, table: str, language: str) -> None:
        self.count = 0
        self.file = new_file()
        self._head = head
        self._table = table
        self._notice = _NOTICES[language]
        self._keys = key_columns(head.columns)[-1:]

    def cut(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with no text longer than a cell; what was cut is kept."""
        lengths = frame.select(pl.all().str.len_bytes().max()).row(0)
        places = [i for i, length in enumerate(lengths) if (length or 0) > MAX_TEXT]
        if not places:
            return frame
        keys = [frame.to_series(i).to_list() for i in self._keys] or [[None] * frame.height]
        cut = [self._cut_column(frame.to_series(i), self._head.columns[i], keys[0]) for i in places]
        return frame.with_columns(cut)

    def _cut_column(
        self, texts: pl.Series, column: Column, keys: Sequence[str | None]
    ) -> pl.Series:
        values: list[str | None] = texts.to_list()
        for row, (value, key) in enumerate(zip(values, keys, strict=True)):
            if value is not None and count_units(value) > MAX_TEXT:
                values[row] = self._keep(value, column.id, key or "")
        return pl.Series(texts.name, values, dtype=pl.String)

    def _keep(self, text: str, column: str, key: str) -> str:
        self.count += 1
        row = pl.DataFrame([[self._table, key, column, text]], schema=_HEADINGS, orient="row")
        _write_csv(row, self.file)
        said = {"key": cut(key, _LONGEST_OF_KEY), "column": cut(column, _LONGEST_OF_KEY)}
        notice = self._notice.format(**said)
        return cut(text, MAX_TEXT - count_units(notice)) + notice


def write_long_texts(tables: Sequence[LongTexts], workbook: Path) -> list[Path]:
    """Write those that there are into a file beside the workbook, and return it."""
    if not any(texts.count for texts in tables):
        return []
    path = workbook.with_name(workbook.stem + SUFFIX)
    with path.open("wb") as out:
        out.write(_BOM)
        _write_csv(pl.DataFrame([_HEADINGS], schema=_HEADINGS, orient="row"), out)
        for texts in tables:
            texts.file.seek(0)
            shutil.copyfileobj(texts.file, out, 1 << 20)
    return [path]


def _write_csv(frame: pl.DataFrame, file: IO[bytes]) -> None:
    neutralise(frame).write_csv(file, include_header=False, line_terminator="\r\n")
