"""Files that are made from a whole table in memory: one at a time, and not more than fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import polars as pl

from exports.errors import TableTooLarge
from exports.tables import Dataset, Table, TableHead
from exports.writers.csv import table_file_name
from exports.writers.spool import spooled

MAX_ROWS = 1_000_000
MAX_BYTES = 1_000_000_000
MAX_FILE_BYTES = 8_000_000_000  # every row of such a file is as wide as its longest texts

WriteTable = Callable[[TableHead, pl.DataFrame, Path], None]


def write_whole(dataset: Dataset, folder: Path, suffix: str, write: WriteTable) -> list[Path]:
    """One file for each table, `{form}.{suffix}` and `{form}-{repeat}.{suffix}`."""
    names = [table_file_name(dataset.name, head) for head in dataset.heads]
    paths = [folder / f"{name}.{suffix}" for name in names]
    with spooled(dataset.heads, _limited(dataset, paths), folder) as tables:
        for path, head, rows in zip(paths, dataset.heads, tables, strict=True):
            write(head, rows.collect(), path)
    return paths


def _limited(dataset: Dataset, paths: Sequence[Path]) -> Iterator[Sequence[Table]]:
    rows, size = [0] * len(paths), [0] * len(paths)
    for batch in dataset.batches():
        for i, table in enumerate(batch):
            rows[i] += table.frame.height
            size[i] += int(table.frame.estimated_size())
            if rows[i] > MAX_ROWS or size[i] > MAX_BYTES:
                raise TableTooLarge(paths[i], max_rows=MAX_ROWS, max_bytes=MAX_BYTES)
        yield batch


def require_fits(frame: pl.DataFrame, path: Path, longest: int = MAX_FILE_BYTES) -> None:
    """Raise TableTooLarge if the file would be; text above `longest` bytes is kept outside rows."""
    width = 0
    for series in frame:
        found = series.str.len_bytes().max() if series.dtype == pl.String else None
        of_text = int(str(found or 0))
        width += of_text if 8 < of_text <= longest else 8
    if width * frame.height > MAX_FILE_BYTES:
        raise TableTooLarge(path, max_rows=MAX_ROWS, max_bytes=MAX_FILE_BYTES)
