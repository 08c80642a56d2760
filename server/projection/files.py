"""Files of rows: written whole or not at all, read in part.

`projection/form=…/table=…/edition=…/commune=…/{name}.parquet`: a folder tree that other programs
read as it lies. Files of restricted forms are sealed with the installation's key.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import time
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exports.rows import VERSION
from server.models import ProjectionFile
from server.storage import Kept, Storage

ROOT_TABLE = "submissions"
_FOLDER = "projection"
_ASIDE = "projection-aside"
_NEW = "new"
_UNKNOWN = "unknown"
_NONCE = 12
_NAME_LENGTH = 24
_ROW_GROUP = 8_192
_FAULTS = (OSError, pl.exceptions.PolarsError, ValueError)


class RowsDamaged(Exception):
    """A file of the projection that is gone or cannot be read; the slips themselves count."""


class RowFiles:
    """The files of the projection, in the storage."""

    def __init__(self, storage: Storage, secret_key: str) -> None:
        self._storage = storage
        key = hashlib.blake2b(secret_key.encode(), digest_size=32, person=b"phieu-rows").digest()
        self._cipher = AESGCM(key)

    def write(self, file: ProjectionFile, table: str, frame: pl.DataFrame) -> None:
        """Write one table of a file, durably."""
        content = io.BytesIO()
        frame.write_parquet(
            content, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP
        )
        data = content.getvalue()
        if file.is_sealed:
            nonce = secrets.token_bytes(_NONCE)
            data = nonce + self._cipher.encrypt(nonce, data, file.name.encode())
        self._storage.write(self._key(file, table), data)

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
            self._storage.move(self._key(file, table), to=self._aside(file, table))

    def remove(self, file: ProjectionFile) -> None:
        for table in file.tables:
            self._storage.remove((self._key(file, table), self._aside(file, table)))

    def list_older_than(self, age: timedelta) -> Iterator[str]:
        """The names of files, also of unfinished ones, that were written before that time."""
        before = time.time() - age.total_seconds()
        seen = {_name(kept) for kept in self._iter_kept() if kept.written_at < before}
        yield from sorted(seen)

    def remove_named(self, names: Collection[str]) -> None:
        found = (kept for kept in self._iter_kept() if _name(kept) in names) if names else ()
        self._storage.remove([kept.key for kept in found])

    def _iter_kept(self) -> Iterator[Kept]:
        for folder in (_FOLDER, _ASIDE):
            yield from self._storage.iter_kept(folder)

    def _source(self, file: ProjectionFile, table: str) -> Path | io.BytesIO:
        kept = self._storage.file(self._key(file, table))
        if not kept.is_file():
            kept = self._storage.file(self._aside(file, table))
        if isinstance(kept, Path) and not file.is_sealed:
            return kept
        data = kept.read_bytes()
        if not file.is_sealed:
            return io.BytesIO(data)
        try:
            plain = self._cipher.decrypt(data[:_NONCE], data[_NONCE:], file.name.encode())
        except InvalidTag as error:
            raise RowsDamaged(file.name) from error
        return io.BytesIO(plain)

    def _key(self, file: ProjectionFile, table: str) -> str:
        edition, commune = (_NEW, _NEW)
        if file.is_by_commune:
            edition, commune = file.edition or _UNKNOWN, file.commune_code or _UNKNOWN
        folder = f"{_FOLDER}/form={file.form_id}/table={_table_name(table)}"
        suffix = "parquet.sealed" if file.is_sealed else "parquet"
        return f"{folder}/edition={edition}/commune={commune}/{file.name}.{suffix}"

    def _aside(self, file: ProjectionFile, table: str) -> str:
        return f"{_ASIDE}/{file.name}-{_table_name(table)}"


def _table_name(table: str) -> str:
    return ROOT_TABLE + table.replace("/", ".")


def make_name() -> str:
    return secrets.token_hex(_NAME_LENGTH // 2)


def _name(kept: Kept) -> str:
    return kept.key.rpartition("/")[2][:_NAME_LENGTH]
