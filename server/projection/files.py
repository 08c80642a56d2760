"""Files of rows: written whole or not at all, read in part.

`projection/form=…/table=…/edition=…/commune=…/{name}.parquet`: a folder tree that other programs
read as it lies. Files of restricted forms are sealed with the installation's key.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
from collections.abc import Collection
from pathlib import Path

import polars as pl
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exports.rows import VERSION
from server.models import ProjectionFile
from server.storage import PRIVATE, disk_errors

ROOT_TABLE = "submissions"
_NEW = "new"
_UNKNOWN = "unknown"
_NONCE = 12
_ROW_GROUP = 8_192
_FAULTS = (OSError, pl.exceptions.PolarsError, ValueError)


class RowsDamaged(Exception):
    """A file of the projection that is gone or cannot be read; the slips themselves count."""


class RowFiles:
    """The files of the projection, below the storage's folder."""

    def __init__(self, root: Path, secret_key: str) -> None:
        self._root = root / "projection"
        key = hashlib.blake2b(secret_key.encode(), digest_size=32, person=b"phieu-rows").digest()
        self._cipher = AESGCM(key)

    def write(self, file: ProjectionFile, table: str, frame: pl.DataFrame) -> None:
        """Write one table of a file, durably."""
        path = self._path(file, table)
        path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        content = io.BytesIO()
        frame.write_parquet(
            content, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP
        )
        data = content.getvalue()
        if file.is_sealed:
            nonce = secrets.token_bytes(_NONCE)
            data = nonce + self._cipher.encrypt(nonce, data, file.name.encode())
        with disk_errors():
            _write(path, data)

    def read(
        self,
        file: ProjectionFile,
        table: str,
        columns: Collection[str] | None = None,
        versions: pl.Series | None = None,
    ) -> pl.DataFrame:
        """The rows of some versions (None: of all), in the order in which they were written.

        Columns that the file does not have are left out. Raises RowsDamaged.
        """
        try:
            lazy = pl.scan_parquet(self._source(file, table), hive_partitioning=False)
            if columns is not None:
                known = lazy.collect_schema().names()
                lazy = lazy.select(name for name in known if name in columns)
            if versions is not None:
                within = pl.col(VERSION).is_between(versions.min(), versions.max())
                lazy = lazy.filter(within & pl.col(VERSION).is_in(versions.implode()))
            return lazy.collect()
        except _FAULTS as error:
            raise RowsDamaged(file.name) from error

    def set_aside(self, file: ProjectionFile) -> None:
        """Out of the tree that other programs read; exports that began before still find it."""
        for table in file.tables:
            path, aside = self._path(file, table), self._aside(file, table)
            aside.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                path.rename(aside)

    def remove(self, file: ProjectionFile) -> None:
        for table in file.tables:
            for path in (self._path(file, table), self._aside(file, table)):
                path.unlink(missing_ok=True)

    def _source(self, file: ProjectionFile, table: str) -> Path | io.BytesIO:
        path = self._path(file, table)
        if not path.exists():
            path = self._aside(file, table)
        if not file.is_sealed:
            return path
        data = path.read_bytes()
        try:
            plain = self._cipher.decrypt(data[:_NONCE], data[_NONCE:], file.name.encode())
        except Exception as error:
            raise RowsDamaged(file.name) from error
        return io.BytesIO(plain)

    def _path(self, file: ProjectionFile, table: str) -> Path:
        edition, commune = (_NEW, _NEW)
        if file.is_by_commune:
            edition, commune = file.edition or _UNKNOWN, file.commune_code or _UNKNOWN
        folder = self._root / f"form={file.form_id}" / f"table={_table_name(table)}"
        suffix = "parquet.sealed" if file.is_sealed else "parquet"
        return folder / f"edition={edition}" / f"commune={commune}" / f"{file.name}.{suffix}"

    def _aside(self, file: ProjectionFile, table: str) -> Path:
        return self._root.with_name("projection-aside") / f"{file.name}-{_table_name(table)}"


def _table_name(table: str) -> str:
    return ROOT_TABLE + table.replace("/", ".")


def make_name() -> str:
    return secrets.token_hex(12)


def _write(path: Path, data: bytes) -> None:
    waiting = path.with_suffix(".part")
    descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    waiting.replace(path)
