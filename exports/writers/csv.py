"""CSV for people: UTF-8 with BOM because Excel is where it is opened, RFC 4180, inert text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

import polars as pl

from exports.formulas import neutralise
from exports.names import file_name
from exports.tables import Dataset, Table, TableHead
from exports.writers.aside import Aside

_BOM = b"\xef\xbb\xbf"
_LONG_ROW = 100_000


def write(dataset: Dataset, folder: Path) -> list[Path]:
    """One file for each table, `{form}.csv` and `{form}-{repeat}.csv`; all rows pass once."""
    paths = [folder / f"{table_file_name(dataset.name, head)}.csv" for head in dataset.heads]
    for path, head in zip(paths, dataset.heads, strict=True):
        with path.open("wb") as file:
            _write_header(head, file)
    with Aside() as aside:
        for batch in dataset.batches():
            aside.do(_write_batch, paths, batch)
            if _is_of_long_rows(batch):  # two such batches are much memory for little time
                aside.wait()
            del batch  # or it would be held while the next is read
    return paths


def _is_of_long_rows(batch: Sequence[Table]) -> bool:
    return any(t.frame.estimated_size() > _LONG_ROW * t.frame.height for t in batch)


def _write_batch(paths: Sequence[Path], batch: Sequence[Table]) -> None:
    for path, table in zip(paths, batch, strict=True):
        if table.frame.height:
            with path.open("ab") as file:
                _write_rows(neutralise(table.frame), file)


def table_file_name(form: str, head: TableHead) -> str:
    return file_name(f"{form}-{head.name}" if head.name else form)


def _write_header(head: TableHead, file: IO[bytes]) -> None:
    headings = pl.DataFrame({f"c{i}": [c.heading] for i, c in enumerate(head.columns)})
    file.write(_BOM)
    _write_rows(neutralise(headings), file)


def _write_rows(frame: pl.DataFrame, file: IO[bytes]) -> None:
    frame.write_csv(file, include_header=False, line_terminator="\r\n", quote_style="necessary")
