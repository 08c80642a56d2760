"""Which submissions an export holds, and its pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from server.db import db
from server.models import Actor, ReviewState, Submission, SubmissionVersion


@dataclass(frozen=True, slots=True)
class ExportScope:
    """Which submissions of a form an export holds; None means no limit."""

    project_id: int
    form_id: int
    received_from: datetime | None = None
    received_before: datetime | None = None
    review_states: tuple[ReviewState, ...] = ()
    commune_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class ReportedCommune:
    """A commune as submissions report it; both empty where it cannot be told."""

    code: str = ""
    edition: str = ""


def count_by_commune(scope: ExportScope) -> dict[ReportedCommune, int]:
    """How many submissions each commune as reported has in scope, by code, the unknown last."""
    columns = (Submission.commune_code, Submission.edition)
    query = select(*columns, func.count()).where(*_in_scope(scope)).group_by(*columns)
    counts: dict[ReportedCommune, int] = {}
    for code, edition, count in db.session.execute(query):
        commune = ReportedCommune(code, edition or "") if code else ReportedCommune()
        counts[commune] = counts.get(commune, 0) + count
    return dict(sorted(counts.items(), key=lambda item: (not item[0].code, item[0])))


def list_version_ids(scope: ExportScope) -> list[int]:
    """The form versions that submissions in scope were filled with."""
    query = (
        select(SubmissionVersion.form_version_id)
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .where(SubmissionVersion.is_current, *_in_scope(scope))
        .distinct()
    )
    return list(db.session.scalars(query))


def iter_pages(
    scope: ExportScope, commune: ReportedCommune | None = None, *, size: int = 1000
) -> Iterator[Sequence[Any]]:
    """Yield pages of current versions, oldest submission first, each as cheap as the first."""
    query = (
        select(
            Submission.id,
            Submission.instance_id,
            Submission.created_at,
            Submission.review_state,
            Submission.device_id,
            Submission.commune_code,
            SubmissionVersion.id.label("version_id"),
            SubmissionVersion.form_version_id,
            SubmissionVersion.xml,
            Actor.display_name,
        )
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .outerjoin(Actor, Actor.id == Submission.submitter_id)
        .where(SubmissionVersion.is_current, *_in_scope(scope))
        .order_by(Submission.id)
        .limit(size)
    )
    if commune is not None:
        query = query.where(_reported_by(commune))
    last = 0
    while rows := db.session.execute(query.where(Submission.id > last)).all():
        yield rows
        last = rows[-1].id


def _reported_by(commune: ReportedCommune) -> ColumnElement[bool]:
    if not commune.code:
        return Submission.commune_code.is_(None)
    return and_(Submission.commune_code == commune.code, Submission.edition == commune.edition)


def _in_scope(scope: ExportScope) -> Iterator[ColumnElement[bool]]:
    yield Submission.project_id == scope.project_id
    yield Submission.form_id == scope.form_id
    yield Submission.is_draft.is_(False)
    yield Submission.deleted_at.is_(None)
    if scope.received_from is not None:
        yield Submission.created_at >= scope.received_from
    if scope.received_before is not None:
        yield Submission.created_at < scope.received_before
    if scope.review_states:
        yield Submission.review_state.in_(scope.review_states)
    if scope.commune_codes:
        yield Submission.commune_code.in_(scope.commune_codes)
