"""Text too long for a file's cells: whole in a CSV beside it, and the cell says so."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from exports.formulas import neutralise
from exports.names import file_name
from exports.tables import Column, Dataset, TableHead
from exports.writers.nesting import system_column

_HEADER = b"\xef\xbb\xbftable,KEY,column,text\r\n"


class LongTexts:
    """Takes text of more than `limit` bytes out of tables; the file is made when there is one."""

    def __init__(self, dataset: Dataset, folder: Path, limit: int) -> None:
        self._path = folder / f"{file_name(f'{dataset.name}-long-texts')}.csv"
        self._limit = limit
        self._mark = f"… [{self._path.name}]"

    def put_aside(self, head: TableHead, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with as much of such text as fits, and the name of the file that has it all."""
        for column in head.columns:
            is_long = pl.col(column.heading).str.len_bytes() > self._limit
            rows = frame.filter(is_long)
            if rows.height:
                self._write(head, column, rows)
                texts = [self._shorten(text) for text in frame[column.heading]]
                frame = frame.with_columns(pl.Series(column.heading, texts, dtype=pl.String))
        return frame

    def files(self) -> list[Path]:
        return [self._path] if self._path.exists() else []

    def _write(self, head: TableHead, column: Column, rows: pl.DataFrame) -> None:
        key = system_column(head, "KEY")
        texts = rows.select(
            pl.lit(head.name).alias("table"),
            (pl.col(key) if key else pl.lit("")).alias("KEY"),
            pl.lit(column.id).alias("column"),
            pl.col(column.heading).alias("text"),
        )
        with self._path.open("ab") as file:
            if not file.tell():
                file.write(_HEADER)
            neutralise(texts).write_csv(file, include_header=False, line_terminator="\r\n")

    def _shorten(self, text: str | None) -> str | None:
        if text is None or len(text.encode()) <= self._limit:
            return text
        room = self._limit - len(self._mark.encode())
        return text.encode()[:room].decode(errors="ignore") + self._mark
