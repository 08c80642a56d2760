"""The rows of a page of submissions: out of files where they are, out of the XML where not yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import polars as pl

from exports.rows import FormRows, Slip, column_id, key_columns, table_schema
from server.log import get_logger
from server.models import ProjectionFile
from server.projection.files import RowFiles, RowsDamaged
from server.queries import projection
from server.queries.exports import RecordRow

PAGE: dict[str, pl.DataType] = {
    "id": pl.Int64(),
    "instance_id": pl.String(),
    "created_at": pl.Unknown(),
    "review_state": pl.String(),
    "device_id": pl.String(),
    "village_code": pl.String(),
    "commune_code": pl.String(),
    "edition": pl.String(),
    "version_id": pl.Int64(),
    "form_version_id": pl.Int64(),
    "submitter_id": pl.Int64(),
    "submitter": pl.String(),
    "file_id": pl.Int64(),
    "xml_size": pl.Int64(),
    "edits": pl.Int64(),
    "first_version_id": pl.Int64(),
}
"""A page as a frame: the columns of a RecordRow; the last two of `iter_newest` alone."""
ReadSlips = Callable[[pl.DataFrame], Iterable[Slip]]
"""How the slips of a page are read that no file holds: parsed, opened where encrypted."""


def frame_of(page: Sequence[RecordRow]) -> pl.DataFrame:
    columns = zip(page[0]._fields, zip(*page, strict=True), strict=True)
    return pl.DataFrame(
        pl.Series(name, values, dtype=None if PAGE[name] == pl.Unknown else PAGE[name])
        for name, values in columns
    )


class RowReader:
    """Reads rows of one form for an export.

    `columns` are what of the answers is wanted (None: all).
    """

    def __init__(
        self,
        rows: FormRows,
        files: RowFiles,
        read_slips: ReadSlips,
        columns: Collection[str] | None = None,
    ) -> None:
        self._rows = rows
        self._files = files
        self._read_slips = read_slips
        self._columns = columns

    def read(self, page: pl.DataFrame) -> list[pl.DataFrame]:
        """The rows of every table for the submissions of a page, each in document order."""
        parts: list[list[pl.DataFrame]] = [[] for _ in self._rows.layouts]
        waiting = page.filter(pl.col("file_id").is_null())
        held = page.filter(pl.col("file_id").is_not_null())
        files = projection.load_files(held["file_id"].unique().to_list())
        for id_, file in files.items():
            records = held.filter(pl.col("file_id") == id_)
            try:
                frames = self._of_file(file, records["version_id"])
            except RowsDamaged:
                get_logger().warning("rows damaged", file=file.name)
                waiting = pl.concat([waiting, records])
                continue
            for of_table, frame in zip(parts, frames, strict=True):
                of_table.append(frame)
        if waiting.height:
            frames = self._rows.frames(self._read_slips(waiting))
            for of_table, frame in zip(parts, frames, strict=True):
                of_table.append(frame)
        return [self._whole(at, of_table) for at, of_table in enumerate(parts)]

    def _of_file(self, file: ProjectionFile, versions: pl.Series) -> list[pl.DataFrame]:
        return [
            self._files.read(file, layout.path, self._wanted(at), versions)
            if layout.path in file.tables
            else pl.DataFrame(schema=key_columns(layout))
            for at, layout in enumerate(self._rows.layouts)
        ]

    def _wanted(self, at: int) -> list[str]:
        layout = self._rows.layouts[at]
        answers = (column_id(column) for column in layout.columns)
        chosen = (id_ for id_ in answers if self._columns is None or id_ in self._columns)
        return [*key_columns(layout), *chosen]

    def _whole(self, at: int, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """All columns of the table, also those that no file has."""
        layout = self._rows.layouts[at]
        schema = table_schema(layout)
        frame = pl.concat([pl.DataFrame(schema=key_columns(layout)), *parts], how="diagonal")
        missing = [
            pl.lit(None, dtype=type_).alias(name)
            for name, type_ in schema.items()
            if name not in frame.columns
        ]
        return frame.with_columns(missing).select(list(schema))
