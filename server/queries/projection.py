"""Which versions of submissions have their rows in the projection, and in which file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, func, insert, select, text, update

from server.db import db, execute, utc_now
from server.models import Form, ProjectedVersion, ProjectionFile, Submission, SubmissionVersion

CURRENT = text("submission_versions.is_current")
"""Written as in the index of current versions: SQLite finds it by that, and reads no XML for it."""
WaitingRow = Row[int, int, int]
"""(id, form_version_id, xml_size) of a version"""
_BATCH = 500  # SQLite plans a short statement sooner
_LATELY = 20_000


def list_waiting(
    form_id: int, form_version_ids: Collection[int], *, after_id: int, limit: int
) -> Sequence[WaitingRow]:
    """Current versions that no file holds, by id from `after_id` on."""
    query = (
        _waiting(form_id, form_version_ids)
        .where(SubmissionVersion.id > after_id)
        .order_by(SubmissionVersion.id)
        .limit(limit)
    )
    rows: Sequence[WaitingRow] = execute(query).all()
    return rows


def count_current(form_id: int, form_version_ids: Collection[int]) -> int:
    query = select(func.count(Submission.id)).where(
        Submission.form_id == form_id,
        Submission.is_draft.is_(False),
        Submission.hidden_at.is_(None),
        Submission.form_version_id.in_(form_version_ids),
    )
    return int(execute(query).scalar_one())


def count_waiting(form_id: int, form_version_ids: Collection[int]) -> int:
    waiting = _waiting(form_id, form_version_ids).subquery()
    return int(execute(select(func.count()).select_from(waiting)).scalar_one())


def _waiting(form_id: int, form_version_ids: Collection[int]) -> Select[Any]:
    return (
        select(
            SubmissionVersion.id,
            SubmissionVersion.form_version_id,
            func.length(SubmissionVersion.xml).label("xml_size"),
        )
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .outerjoin(ProjectedVersion, ProjectedVersion.submission_version_id == SubmissionVersion.id)
        .where(
            CURRENT,
            ProjectedVersion.submission_version_id.is_(None),
            Submission.form_id == form_id,
            Submission.is_draft.is_(False),
            Submission.hidden_at.is_(None),
            SubmissionVersion.form_version_id.in_(form_version_ids),
        )
    )


def find_start() -> int:
    """From which version on one may wait that came lately.

    Ids are given before they are committed, so some come after greater ones; what is older waits
    for the daily run.
    """
    newest = select(func.max(SubmissionVersion.id))
    return max((execute(newest).scalar_one_or_none() or 0) - _LATELY, 0)


def list_forms_waiting(after_id: int) -> Sequence[int]:
    """Forms of which some current version after that one is in no file; also encrypted ones."""
    query = (
        select(Submission.form_id)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .outerjoin(ProjectedVersion, ProjectedVersion.submission_version_id == SubmissionVersion.id)
        .where(
            SubmissionVersion.id > after_id,
            CURRENT,
            ProjectedVersion.submission_version_id.is_(None),
            Submission.is_draft.is_(False),
        )
    )
    ids: Sequence[int] = execute(query.distinct().order_by(Submission.form_id)).scalars().all()
    return ids


def list_forms() -> Sequence[Form]:
    """Every form, also a deleted one: its submissions are still there."""
    return db.session.scalars(select(Form).order_by(Form.id)).all()


def load_slips(version_ids: Collection[int]) -> Sequence[Any]:
    """(id, form_version_id, xml, erased_at) by id."""
    query = select(
        SubmissionVersion.id,
        SubmissionVersion.form_version_id,
        SubmissionVersion.xml,
        SubmissionVersion.erased_at,
    ).where(SubmissionVersion.id.in_(sorted(version_ids)))
    rows: Sequence[Any] = execute(query.order_by(SubmissionVersion.id)).all()
    return rows


def add_file(file: ProjectionFile, sizes: Mapping[int, int]) -> None:
    """A file and the versions it holds, each with the size of its XML."""
    db.session.add(file)
    db.session.flush()
    rows = [
        {"submission_version_id": id_, "file_id": file.id, "xml_size": size}
        for id_, size in sizes.items()
    ]
    execute(insert(ProjectedVersion), rows)


def lock_erased(version_ids: Sequence[int]) -> dict[int, datetime]:
    """When those were erased that were; none is erased until the transaction ends."""
    found: dict[int, datetime] = {}
    for ids in _batches(version_ids):
        query = (
            select(SubmissionVersion.id, SubmissionVersion.erased_at)
            .where(SubmissionVersion.id.in_(ids))
            .order_by(SubmissionVersion.id)
            .with_for_update(read=True)
        )
        found |= {id_: at for id_, at in execute(query) if at is not None}
    return found


def list_files(form_id: int) -> Sequence[ProjectionFile]:
    """The files of a form that count, oldest first."""
    query = select(ProjectionFile).where(
        ProjectionFile.form_id == form_id, ProjectionFile.retired_at.is_(None)
    )
    return _detached(query)


def load_files(ids: Collection[int]) -> dict[int, ProjectionFile]:
    query = select(ProjectionFile).where(ProjectionFile.id.in_(sorted(ids)))
    return {file.id: file for file in _detached(query)}


def find_names(names: Sequence[str]) -> set[str]:
    """Those of the names that a file has, one that counts or a retired one."""
    query = select(ProjectionFile.name).where(ProjectionFile.name.in_(names))
    return set(execute(query).scalars())


def _detached(query: Select[ProjectionFile]) -> Sequence[ProjectionFile]:
    """What is read stays as it is, over transactions."""
    files = db.session.scalars(query.order_by(ProjectionFile.id)).all()
    for file in files:
        db.session.expunge(file)
    return files


def list_versions_of(file_ids: Collection[int]) -> Sequence[Any]:
    """(version_id, xml_size, file_id, submission_id, edition, commune_code, is_current) of all that
    files hold, by submission.
    """
    is_current = select(1).where(
        SubmissionVersion.submission_id == Submission.id,
        CURRENT,
        SubmissionVersion.id == ProjectedVersion.submission_version_id,
    )
    version = SubmissionVersion.__table__.alias("held")
    query = (
        select(
            ProjectedVersion.submission_version_id.label("version_id"),
            ProjectedVersion.xml_size,
            ProjectedVersion.file_id,
            Submission.id.label("submission_id"),
            Submission.edition,
            Submission.commune_code,
            is_current.correlate(Submission, ProjectedVersion).exists().label("is_current"),
        )
        .join(version, version.c.id == ProjectedVersion.submission_version_id)
        .join(Submission, Submission.id == version.c.submission_id)
        .where(ProjectedVersion.file_id.in_(sorted(file_ids)))
        .order_by(Submission.id, ProjectedVersion.submission_version_id)
    )
    rows: Sequence[Any] = execute(query).all()
    return rows


def move_versions(version_ids: Sequence[int], file: ProjectionFile) -> int:
    """A new file that holds them from now on; return how many were still held by one."""
    db.session.add(file)
    db.session.flush()
    moved = 0
    for ids in _batches(version_ids):
        query = update(ProjectedVersion).where(ProjectedVersion.submission_version_id.in_(ids))
        moved += execute(query.values(file_id=file.id)).rowcount
    return moved


def drop_version(version_id: int) -> set[int]:
    """Forget that it is projected: its XML counts. Return the files that may hold it: the one that
    did, and the form's retired ones, which may have held it before.
    """
    is_version = ProjectedVersion.submission_version_id == version_id
    query = delete(ProjectedVersion).where(is_version).returning(ProjectedVersion.file_id)
    form_id = select(SubmissionVersion.form_id).where(SubmissionVersion.id == version_id)
    retired = select(ProjectionFile.id).where(
        ProjectionFile.form_id == form_id.scalar_subquery(), ProjectionFile.retired_at.is_not(None)
    )
    return {*execute(query).scalars(), *execute(retired).scalars()}


def _batches(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[at : at + _BATCH] for at in range(0, len(ids), _BATCH)]


def retire(file_ids: Collection[int]) -> None:
    """Files that count no more; what they still hold is forgotten."""
    ids = sorted(file_ids)
    execute(delete(ProjectedVersion).where(ProjectedVersion.file_id.in_(ids)))
    condition: ColumnElement[bool] = ProjectionFile.id.in_(ids)
    execute(update(ProjectionFile).where(condition).values(retired_at=utc_now()))


def list_retired(*, before: datetime, form_id: int | None = None) -> Sequence[ProjectionFile]:
    query = select(ProjectionFile).where(
        ProjectionFile.retired_at.is_not(None), ProjectionFile.retired_at <= before
    )
    if form_id is not None:
        query = query.where(ProjectionFile.form_id == form_id)
    return _detached(query)


def forget_files(file_ids: Collection[int]) -> None:
    execute(delete(ProjectionFile).where(ProjectionFile.id.in_(sorted(file_ids))))
