"""Bring new files together by commune, and write files anew without what was erased.

Whoever reads one commune then reads few files, and none of another's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

import polars as pl

from exports.rows import VERSION
from server.db import db, transaction, utc_now
from server.models import ProjectionFile
from server.projection.files import RowFiles, RowsDamaged
from server.projection.filling import MAX_BYTES, ProjectedForm, written
from server.queries import projection

_MANY_NEW = 20
_MUCH_NEW = MAX_BYTES // 2
_SMALL = MAX_BYTES // 4
"""A commune's files below that size are written anew when something is added to them."""
GRACE = timedelta(days=1)
"""How long an export may read files that count no more."""


def gather_by_commune(form: ProjectedForm, files: RowFiles, *, all_: bool = False) -> int:
    """Bring together what is new, if it is much or many (or `all_`); return how many files went."""
    found = projection.list_files(form.id)
    new = [file for file in found if not file.is_by_commune]
    is_worth = len(new) >= _MANY_NEW or sum(file.xml_size for file in new) >= _MUCH_NEW
    if not new or not (is_worth or all_):
        return 0
    rows = projection.list_versions_of([file.id for file in new])
    touched = {(row.edition, row.commune_code) for row in rows}
    small = [
        file
        for file in found
        if file.is_by_commune
        and file.xml_size < _SMALL
        and (file.edition, file.commune_code) in touched
    ]
    replaced = [*new, *small]
    rows = projection.list_versions_of([file.id for file in replaced])
    db.session.rollback()
    _write_by_commune(form, files, replaced, rows)
    return len(replaced)


def write_anew(form: ProjectedForm, files: RowFiles, file_ids: Sequence[int]) -> None:
    """Files of which something was erased; what they were made of is destroyed at once."""
    found = list(projection.load_files(file_ids).values())
    rows = projection.list_versions_of([file.id for file in found])
    db.session.rollback()
    _write_by_commune(form, files, [f for f in found if f.retired_at is None], rows)
    remove_retired(files, form_id=form.id, grace=timedelta(0))


def retire(files: RowFiles, found: Sequence[ProjectionFile]) -> None:
    """Files that count no more; what they still hold waits again."""
    with transaction():
        projection.retire([file.id for file in found])
    for file in found:
        files.set_aside(file)


def remove_retired(
    files: RowFiles, *, form_id: int | None = None, grace: timedelta = GRACE
) -> None:
    """Destroy files that count no more, when no export can be reading them."""
    db.session.rollback()
    retired = projection.list_retired(before=utc_now() - grace, form_id=form_id)
    for file in retired:
        files.remove(file)
    if retired:
        with transaction():
            projection.forget_files([file.id for file in retired])


def _write_by_commune(
    form: ProjectedForm, files: RowFiles, replaced: Sequence[ProjectionFile], rows: Sequence[Any]
) -> None:
    """Write what the files hold, commune by commune, and retire them.

    What is not current any more is left out. A damaged file is given up: its versions wait again.
    """

    def place(row: Any) -> tuple[str, str]:
        return row.edition or "", row.commune_code or ""

    by_id = {file.id: file for file in replaced}
    current = sorted((row for row in rows if row.is_current), key=place)
    for (edition, code), of_commune in groupby(current, key=place):
        for some in _by_size(list(of_commune)):
            file = ProjectionFile(
                form_id=form.id,
                edition=edition or None,
                commune_code=code or None,
                is_by_commune=True,
                is_sealed=form.is_sealed,
            )
            _write_one(form, files, file, by_id, some)
    retire(files, replaced)


def _write_one(
    form: ProjectedForm,
    files: RowFiles,
    file: ProjectionFile,
    replaced: Mapping[int, ProjectionFile],
    rows: Sequence[Any],
) -> None:
    sizes = {row.version_id: row.xml_size for row in rows}
    with contextlib.suppress(RowsDamaged):
        frames = _collect(form, files, replaced, rows)
        with written(form, files, file, frames, sizes), transaction():
            if projection.move_versions(list(sizes), file) < len(sizes):
                raise RowsDamaged(file.name)  # something was erased meanwhile


def _collect(
    form: ProjectedForm,
    files: RowFiles,
    replaced: Mapping[int, ProjectionFile],
    rows: Sequence[Any],
) -> list[pl.DataFrame]:
    """The rows of versions out of some files, in the order given."""
    order = pl.DataFrame({VERSION: [row.version_id for row in rows]}, schema={VERSION: pl.Int64})
    by_file: dict[int, list[int]] = {}
    for row in rows:
        by_file.setdefault(row.file_id, []).append(row.version_id)
    frames = []
    for layout in form.rows.layouts:
        parts = [
            files.read(replaced[id_], layout.path, None, pl.Series(versions))
            for id_, versions in by_file.items()
            if layout.path in replaced[id_].tables
        ]
        if not parts:
            frames.append(pl.DataFrame(schema={VERSION: pl.Int64}))
            continue
        frame = pl.concat(parts, how="diagonal_relaxed")
        frames.append(order.join(frame, on=VERSION, how="inner", maintain_order="left_right"))
    return frames


def _by_size(rows: Sequence[Any]) -> Iterator[list[Any]]:
    some: list[Any] = []
    size = 0
    for row in rows:
        if some and size + row.xml_size > MAX_BYTES:
            yield some
            some, size = [], 0
        some.append(row)
        size += row.xml_size
    if some:
        yield some
