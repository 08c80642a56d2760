"""Which submissions an export holds, and its pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from server.db import db
from server.models import Actor, ReviewState, Submission, SubmissionVersion
from server.queries.scopes import Scope, within

PAGE_ROWS = 1000
PAGE_BYTES = 4_000_000


@dataclass(frozen=True, slots=True, order=True)
class ReportedCommune:
    """A commune as submissions report it; both empty where it cannot be told."""

    code: str = ""
    edition: str = ""


@dataclass(frozen=True, slots=True)
class ExportScope:
    """Which submissions of a form an export was asked for; None means no limit.

    What of it the caller may see is another matter: the gate's `Scope`.
    """

    project_id: int
    form_id: int
    received_from: datetime | None = None
    received_before: datetime | None = None
    review_states: tuple[ReviewState, ...] = ()
    communes: tuple[ReportedCommune, ...] | None = None


def count_by_commune(scope: ExportScope, rows: Scope) -> dict[ReportedCommune, int]:
    """How many submissions each commune as reported has in scope, by code, the unknown last."""
    columns = (Submission.commune_code, Submission.edition)
    query = select(*columns, func.count()).where(*in_scope(scope), within(rows)).group_by(*columns)
    counts: dict[ReportedCommune, int] = {}
    for code, edition, count in db.session.execute(query):
        commune = ReportedCommune(code, edition) if code and edition else ReportedCommune()
        counts[commune] = counts.get(commune, 0) + count
    return dict(sorted(counts.items(), key=lambda item: (not item[0].code, item[0])))


def iter_pages(
    scope: ExportScope,
    rows: Scope,
    commune: ReportedCommune | None = None,
    *,
    size: int = PAGE_ROWS,
) -> Iterator[Sequence[Any]]:
    """Yield pages of current versions, oldest submission first, each as cheap as the first.

    A page has at most `size` rows and PAGE_BYTES of XML, or one row that is longer.
    """
    sizes = _select_current(scope, rows, commune, Submission.id, func.length(SubmissionVersion.xml))
    columns = _select_current(
        scope,
        rows,
        commune,
        Submission.id,
        Submission.instance_id,
        Submission.created_at,
        Submission.review_state,
        Submission.device_id,
        Submission.commune_code,
        Submission.edition,
        SubmissionVersion.id.label("version_id"),
        SubmissionVersion.form_version_id,
        SubmissionVersion.xml,
        Actor.display_name,
    ).outerjoin(Actor, Actor.id == Submission.submitter_id)
    last = 0
    while found := db.session.execute(sizes.where(Submission.id > last).limit(size)).all():
        for end in _page_ends((id_, length) for id_, length in found):
            yield db.session.execute(columns.where(Submission.id.between(last + 1, end))).all()
            last = end


def _page_ends(lengths: Iterator[tuple[int, int]]) -> Iterator[int]:
    """The last id of each page that keeps within PAGE_BYTES."""
    total, last = 0, 0
    for id_, length in lengths:
        if total and total + length > PAGE_BYTES:
            yield last
            total = 0
        total, last = total + length, id_
    yield last


def _select_current(
    scope: ExportScope, rows: Scope, commune: ReportedCommune | None, *columns: Any
) -> Select[Any]:
    query = (
        select(*columns)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(SubmissionVersion.is_current, *in_scope(scope), within(rows))
        .order_by(Submission.id)
    )
    return query if commune is None else query.where(_reported_by([commune]))


def _reported_by(communes: Sequence[ReportedCommune]) -> ColumnElement[bool]:
    """Reported by one of them: codes are reused, so each counts in its edition only."""
    codes: dict[str, list[str]] = {}
    for commune in communes:
        codes.setdefault(commune.edition, []).append(commune.code)
    of_edition = [
        and_(Submission.edition == edition, Submission.commune_code.in_(listed))
        if edition
        else or_(Submission.commune_code.is_(None), Submission.edition.is_(None))
        for edition, listed in codes.items()
    ]
    return or_(false(), *of_edition)


def in_scope(scope: ExportScope) -> Iterator[ColumnElement[bool]]:
    """The conditions on submissions."""
    yield Submission.project_id == scope.project_id
    yield Submission.form_id == scope.form_id
    yield Submission.is_draft.is_(False)
    yield Submission.deleted_at.is_(None)
    yield Submission.hidden_at.is_(None)
    if scope.received_from is not None:
        yield Submission.created_at >= scope.received_from
    if scope.received_before is not None:
        yield Submission.created_at < scope.received_before
    if scope.review_states:
        yield Submission.review_state.in_(scope.review_states)
    if scope.communes is not None:
        yield _reported_by(scope.communes)
