"""The projection of a form: what its rows are made by, and if it tells the truth."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import tzinfo

import polars as pl

from exports.rows import Slip, column_id, key_columns
from forms.errors import InstanceRefused
from forms.instances import is_encrypted
from forms.xml import parse_xml
from server.actions.definitions import get_definitions
from server.db import db
from server.models import Form, ProjectionFile
from server.projection.files import RowFiles, RowsDamaged
from server.projection.filling import ProjectedForm, project_waiting
from server.projection.gathering import gather_by_commune, retire
from server.queries import projection

_AT_ONCE = 200


@dataclass(slots=True)
class Verdict:
    """What a comparison of the projection with the slips has found.

    `waiting` versions have no rows yet; exports read their XML. `different` are versions whose rows
    are not what the slips say, `damaged` files that cannot be read.
    """

    compared: int = 0
    waiting: int = 0
    different: int = 0
    damaged: int = 0

    @property
    def is_right(self) -> bool:
        return not (self.different or self.damaged)


def list_projected(tz: tzinfo) -> Iterator[ProjectedForm]:
    """Every form that has a version whose slips can be read."""
    ids = [form.id for form in projection.list_forms()]
    for id_ in ids:
        form = load_projected(id_, tz)
        if form.form_versions:
            yield form


def load_projected(form_id: int, tz: tzinfo) -> ProjectedForm:
    form = db.session.get_one(Form, form_id)
    return ProjectedForm.of(form, get_definitions(form), tz)


def count_projectable(form: ProjectedForm) -> int:
    """How many current versions could have rows."""
    return projection.count_current(form.id, form.form_versions)


def rebuild_projection(form: ProjectedForm, files: RowFiles) -> Iterator[int]:
    """Make all rows anew, by commune; yield how many submissions each step brought.

    Exports under way read on what was there before; those that begin meanwhile read the slips.
    """
    retire(files, projection.list_files(form.id))
    yield from project_waiting(form, files)
    gather_by_commune(form, files, all_=True)


def verify_projection(
    form: ProjectedForm,
    files: RowFiles,
    *,
    one_in: int = 1,
    progress: Callable[[int], None] = lambda count: None,
) -> Verdict:
    """Compare rows with the slips they were made of, one of every `one_in`; in a `snapshot`."""
    verdict = Verdict(waiting=projection.count_waiting(form.id, form.form_versions))
    for file in projection.list_files(form.id):
        held = (row.version_id for row in projection.list_versions_of([file.id]))
        chosen = [id_ for id_ in held if id_ % one_in == 0]
        for at in range(0, len(chosen), _AT_ONCE):
            ids = chosen[at : at + _AT_ONCE]
            _compare(form, files, file, ids, verdict)
            progress(len(ids))
    return verdict


def _compare(
    form: ProjectedForm, files: RowFiles, file: ProjectionFile, ids: list[int], verdict: Verdict
) -> None:
    slips = list(_iter_slips(ids))
    different = set(ids) - {slip.version for slip in slips}
    for at, frame in enumerate(form.rows.frames(slips)):
        try:
            held = _held(form, files, file, at, ids)
        except RowsDamaged:
            verdict.damaged += 1
            return
        different |= _differing(frame, held)
    verdict.compared += len(ids)
    verdict.different += len(different)


def _iter_slips(ids: list[int]) -> Iterator[Slip]:
    """Those that can be read; what cannot has no rows."""
    for id_, form_version, xml in projection.load_slips(ids):
        with contextlib.suppress(InstanceRefused):
            root = parse_xml(xml, lenient=True)
            if not is_encrypted(root):
                yield Slip(id_, form_version, root)


def _held(
    form: ProjectedForm, files: RowFiles, file: ProjectionFile, at: int, ids: list[int]
) -> pl.DataFrame:
    layout = form.rows.layouts[at]
    schema = {
        **key_columns(layout),
        **{column_id(column): pl.String() for column in layout.columns},
    }
    empty = pl.DataFrame(schema=schema)
    if layout.path not in file.tables:
        return empty
    frame = files.read(file, layout.path, set(schema), pl.Series(ids))
    return pl.concat([empty, frame], how="diagonal")


def _differing(made: pl.DataFrame, held: pl.DataFrame) -> set[int]:
    """The versions whose rows are not the same, in the same order."""
    made, held = (_numbered(frame) for frame in (made, held))
    both = [made.join(held, on=made.columns, how="anti", nulls_equal=True)]
    both.append(held.join(made, on=made.columns, how="anti", nulls_equal=True))
    return {version for frame in both for version in frame.get_column("version")}


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.int_range(pl.len()).over("version").alias("#"))
