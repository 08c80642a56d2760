"""Versions that wait become rows: read, flattened, written, and only then named in the database.

The database says which file holds which version. A fault on the way leaves at most a file that
nothing names; the versions wait on, and exports read their XML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo

import polars as pl

from exports.rows import FormRows, with_values
from forms.data_classes import DataClass
from forms.definitions import FormDefinition
from server.db import db, transaction
from server.models import Form, ProjectionFile
from server.projection.files import RowFiles, make_name
from server.projection.slips import MAX_BYTES, by_size, read_slip
from server.queries import projection
from server.queries.projection import WaitingRow

_LISTED = 5_000
_READ_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class ProjectedForm:
    """A form whose submissions are projected: its tables over all versions.

    Versions whose slips are encrypted have no rows.
    """

    id: int
    rows: FormRows
    form_versions: frozenset[int]
    is_sealed: bool
    tz: tzinfo

    @classmethod
    def of(cls, form: Form, definitions: Mapping[int, FormDefinition], tz: tzinfo) -> ProjectedForm:
        """`definitions` are its published versions by id, newest first."""
        plain = frozenset(id_ for id_, d in definitions.items() if not d.public_key)
        is_sealed = form.data_class is DataClass.CASE
        return cls(form.id, FormRows(definitions), plain, is_sealed, tz)


def project_waiting(form: ProjectedForm, files: RowFiles, *, after_id: int = 0) -> Iterator[int]:
    """Project what waits, file by file; yield how many versions each step brought."""
    while batch := _next_batch(form, after_id):
        after_id = batch[-1].id
        yield _project(form, files, batch)


def _next_batch(form: ProjectedForm, after_id: int) -> list[WaitingRow]:
    """So many as one file holds."""
    db.session.rollback()
    rows = projection.list_waiting(form.id, form.form_versions, after_id=after_id, limit=_LISTED)
    return next(by_size(rows, MAX_BYTES), [])


def _project(form: ProjectedForm, files: RowFiles, batch: Sequence[WaitingRow]) -> int:
    read = _read(form, batch)
    db.session.rollback()
    if not read.sizes:
        return 0
    file = ProjectionFile(form_id=form.id, is_sealed=form.is_sealed, is_by_commune=False)
    with written(form, files, file, read.frames, read.sizes), transaction():
        if projection.lock_erased(list(read.sizes)) == read.erased:
            projection.add_file(file, read.sizes)
            return len(read.sizes)
    files.remove(file)  # erased since it was read: the next run reads what is left
    return 0


@contextmanager
def written(
    form: ProjectedForm,
    files: RowFiles,
    file: ProjectionFile,
    frames: Sequence[pl.DataFrame],
    sizes: Mapping[int, int],
) -> Iterator[None]:
    """Write a new file, for the database to name inside; it is gone again after a fault."""
    file.name = make_name()
    file.versions, file.xml_size = len(sizes), sum(sizes.values())
    held = [
        (layout.path, frame)
        for layout, frame in zip(form.rows.layouts, frames, strict=True)
        if frame.height
    ]
    file.tables = [table for table, _ in held]
    try:
        for table, frame in held:
            files.write(file, table, frame)
        yield
    except BaseException:
        files.remove(file)
        raise


@dataclass(frozen=True, slots=True)
class _Read:
    """The rows of every table, the size of each version that has some, and what was erased."""

    frames: list[pl.DataFrame]
    sizes: dict[int, int]
    erased: dict[int, datetime]


def _read(form: ProjectedForm, batch: Sequence[WaitingRow]) -> _Read:
    parts: list[list[pl.DataFrame]] = [[] for _ in form.rows.layouts]
    sizes: dict[int, int] = {}
    erased: dict[int, datetime] = {}
    for some in by_size(batch, _READ_BYTES):
        slips = []
        for row in projection.load_slips([row.id for row in some]):
            slip = read_slip(row.id, row.form_version_id, row.xml)
            if slip is None:
                continue
            slips.append(slip)
            sizes[row.id] = len(row.xml)
            if row.erased_at is not None:
                erased[row.id] = row.erased_at
        for of_table, frame in zip(parts, form.rows.frames(slips), strict=True):
            of_table.append(frame)
    frames = [
        with_values(pl.concat(of_table), layout, form.tz)
        for layout, of_table in zip(form.rows.layouts, parts, strict=True)
    ]
    return _Read(frames, sizes, erased)
