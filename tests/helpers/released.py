"""Everything that can be read in an export, whatever its format."""

from __future__ import annotations

import io
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyreadstat


def iter_texts(name: str, content: bytes) -> Iterator[str]:
    """The name of a file and all that it says, as bytes and as programs read it."""
    yield name
    yield content.decode("utf-8", "ignore")
    suffix = Path(name).suffix
    if suffix in (".zip", ".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.namelist():
                yield from iter_texts(entry, archive.read(entry))
    elif suffix == ".parquet":
        yield str(pl.read_parquet_metadata(io.BytesIO(content)))
        yield pl.read_parquet(io.BytesIO(content)).write_csv()
    elif suffix in (".sav", ".dta", ".gpkg"):
        with tempfile.NamedTemporaryFile(suffix=suffix) as file:
            file.write(content)
            file.flush()
            yield from _iter_sqlite(file.name) if suffix == ".gpkg" else _iter_table(file.name)


def _iter_sqlite(path: str) -> Iterator[str]:
    with sqlite3.connect(path) as database:
        yield from database.iterdump()


def _iter_table(path: str) -> Iterator[str]:
    read = pyreadstat.read_sav if path.endswith(".sav") else pyreadstat.read_dta
    frame, about = read(path, output_format="polars")
    yield frame.write_csv()
    yield str(vars(about))


def without_pseudonyms(text: str) -> str:
    return re.sub(r"p[0-9a-f]{20}", "", text)
