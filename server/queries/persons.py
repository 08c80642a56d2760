"""All versions of a form's submissions, in pages: where a person is looked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from server.db import db
from server.models import Form, HeldEdit, QuarantinedSubmission, Submission, SubmissionVersion
from server.queries.scopes import Scope, within

PAGE_ROWS = 1000
PAGE_BYTES = 4_000_000


def iter_version_pages(form: Form, rows: Scope) -> Iterator[Sequence[Any]]:
    """Yield pages of versions, superseded and deleted ones too, each as cheap as the first."""
    sizes = _select(form, rows, SubmissionVersion.id, func.length(SubmissionVersion.xml))
    columns = _select(
        form,
        rows,
        SubmissionVersion.id,
        SubmissionVersion.submission_id,
        SubmissionVersion.instance_id,
        SubmissionVersion.form_version_id,
        SubmissionVersion.is_current,
        SubmissionVersion.received_at,
        SubmissionVersion.xml,
        Submission.commune_code,
    )
    last = 0
    while found := db.session.execute(
        sizes.where(SubmissionVersion.id > last).limit(PAGE_ROWS)
    ).all():
        for end in _page_ends((id_, length) for id_, length in found):
            yield db.session.execute(
                columns.where(SubmissionVersion.id.between(last + 1, end))
            ).all()
            last = end


def count_versions(project_id: int | None = None) -> int:
    """About how many versions there are to read, of a project or of all."""
    query = select(func.count(SubmissionVersion.id)).join(
        Form, Form.id == SubmissionVersion.form_id
    )
    if project_id is not None:
        query = query.where(Form.project_id == project_id)
    return db.session.scalars(query).one()


def count_waiting(project_id: int) -> tuple[int, int]:
    """(held edits, bodies in quarantine): kept too, but not part of any submission."""
    held, quarantined = (
        db.session.scalars(select(func.count(table.id)).where(table.project_id == project_id)).one()
        for table in (HeldEdit, QuarantinedSubmission)
    )
    return held, quarantined


def _select(form: Form, rows: Scope, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .where(
            Submission.project_id == form.project_id,
            Submission.form_id == form.id,
            Submission.is_draft.is_(False),
            Submission.hidden_at.is_(None),
            within(rows),
        )
        .order_by(SubmissionVersion.id)
    )


def _page_ends(lengths: Iterator[tuple[int, int]]) -> Iterator[int]:
    """The last id of each page that keeps within PAGE_BYTES."""
    total, last = 0, 0
    for id_, length in lengths:
        if total and total + length > PAGE_BYTES:
            yield last
            total = 0
        total, last = total + length, id_
    yield last
