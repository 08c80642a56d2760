"""Tables that come in batches side by side, to be read one after the other, each as a whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from exports.tables import Table, TableHead

_PIECE = 8_000_000  # bytes of a table that are held before they go to disk


@contextmanager
def spooled(
    heads: Sequence[TableHead], batches: Iterable[Sequence[Table]], folder: Path
) -> Iterator[list[pl.LazyFrame]]:
    """Every table with all its rows, parallel to `heads`; the rows wait in `folder`, then go."""
    with tempfile.TemporaryDirectory(prefix=".spool", dir=folder) as name:
        spools = [_Spool(head, Path(name) / str(i)) for i, head in enumerate(heads)]
        for batch in batches:
            for spool, table in zip(spools, batch, strict=True):
                spool.add(table.frame)
        yield [spool.rows() for spool in spools]


class _Spool:
    """The rows of one table."""

    def __init__(self, head: TableHead, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._held = [pl.DataFrame(schema={c.heading: pl.String() for c in head.columns})]
        self._size = 0
        self._pieces: list[Path] = []

    def add(self, frame: pl.DataFrame) -> None:
        self._held.append(frame)
        self._size += int(frame.estimated_size())
        if self._size > _PIECE:
            self._write()

    def rows(self) -> pl.LazyFrame:
        if self._held:
            self._write()
        return pl.scan_ipc(self._pieces)

    def _write(self) -> None:
        path = self._folder / f"{len(self._pieces):06}.arrow"
        pl.concat(self._held).write_ipc(path, compression="lz4")
        self._pieces.append(path)
        self._held, self._size = [], 0
