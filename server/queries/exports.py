"""Which submissions an export holds, where they were reported, and their pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    false,
    func,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.types import NullType

from server.db import execute
from server.models import Actor, ProjectedVersion, ReviewState, Submission, SubmissionVersion
from server.odata.conditions import Condition
from server.queries import submission_fields
from server.queries.filtering import to_sql
from server.queries.projection import CURRENT
from server.queries.scopes import Scope, within

_LISTED = 10_000
PAGE_BYTES = 64_000_000
"""Of XML, whose rows a page holds at once."""
_OF_WAITING = 16
"""How much more of memory it takes to read a byte of XML than to read the rows made of it."""
RecordRow = Row[*tuple[Any, ...]]
"""(id, instance_id, created_at, review_state, device_id, village_code, commune_code, edition,
version_id, form_version_id, submitter_id, submitter, file_id, xml_size), as the database has it: a
moment is UTC, as text in SQLite; a state is text."""


@dataclass(frozen=True, slots=True, order=True)
class ReportedCommune:
    """A commune as submissions report it; both empty where it cannot be told."""

    code: str = ""
    edition: str = ""


@dataclass(frozen=True, slots=True)
class ExportScope:
    """Which submissions of a form an export was asked for; None means no limit.

    `condition` is a filter of OData; `is_draft` means those that tried out the form's draft alone.
    What of it the caller may see is another matter: the gate's `Scope`.
    """

    project_id: int
    form_id: int
    received_from: datetime | None = None
    received_before: datetime | None = None
    review_states: tuple[ReviewState, ...] = ()
    communes: tuple[ReportedCommune, ...] | None = None
    with_deleted: bool = False
    condition: Condition | None = None
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where submissions come from: reported from, and sent by whom."""

    commune: ReportedCommune = ReportedCommune()
    village: str | None = None
    submitter_id: int | None = None


@dataclass(slots=True)
class Portion:
    """Submissions that go into one file: of some communes, whole or only of some villages.

    `submitter_ids` limits them to what these sent; None is no limit.
    """

    places: dict[ReportedCommune, set[str | None] | None] = field(default_factory=dict)
    submitter_ids: frozenset[int | None] | None = None
    count: int = 0

    def add(self, source: Source, count: int, *, by_village: bool = False) -> None:
        villages = self.places.setdefault(source.commune, set() if by_village else None)
        if villages is not None:
            villages.add(source.village)
        self.count += count


def count_sources(
    scope: ExportScope, rows: Scope, *, villages: bool = False, submitters: bool = False
) -> dict[Source, int]:
    """How many submissions in scope come from where, by commune's code, the unknown last.

    Villages and submitters are told apart only if asked for.
    """
    columns: list[Any] = [Submission.commune_code, Submission.edition]
    columns += [Submission.village_code] if villages else []
    columns += [Submission.submitter_id] if submitters else []
    query = select(func.count(), *columns).where(*in_scope(scope), within(rows)).group_by(*columns)
    counts: dict[Source, int] = {}
    for count, code, edition, *rest in execute(query):
        is_known = bool(code and edition)
        commune = ReportedCommune(code, edition) if is_known else ReportedCommune()
        village = rest.pop(0) if villages else None
        source = Source(commune, village, rest.pop(0) if submitters else None)
        counts[source] = counts.get(source, 0) + count
    return dict(sorted(counts.items(), key=lambda item: _order(item[0])))


def _order(source: Source) -> tuple[bool, ReportedCommune, str, int]:
    return (
        not source.commune.code,
        source.commune,
        source.village or "",
        source.submitter_id or 0,
    )


def count_by_commune(scope: ExportScope, rows: Scope) -> dict[ReportedCommune, int]:
    """How many submissions each commune as reported has in scope, by code, the unknown last."""
    return {source.commune: count for source, count in count_sources(scope, rows).items()}


def iter_pages(scope: ExportScope, rows: Scope, portion: Portion) -> Iterator[Sequence[RecordRow]]:
    """Yield pages of current versions, commune by commune, oldest submission first.

    Each is as cheap as the first. A page has PAGE_BYTES of XML at most, or one row that is longer;
    what no file of the projection holds counts more.
    """
    yield from _in_pages(_iter_rows(scope, rows, portion))


def iter_newest(scope: ExportScope, rows: Scope) -> Iterator[Sequence[RecordRow]]:
    """The same over the whole form, the submission that was added last first.

    Its rows also have `edits`, how many there were, and `first_version_id`, of the form.
    """
    edits = (
        select(func.count() - 1)
        .select_from(SubmissionVersion.__table__.alias("any_version"))
        .where(text("any_version.submission_id = submissions.id"))
        .scalar_subquery()
    )
    query = (
        _select_current()
        .where(*in_scope(scope), within(rows))
        .add_columns(edits.label("edits"), Submission.form_version_id.label("first_version_id"))
    )
    yield from _in_pages(_iter_down(query))


def iter_marks(scope: ExportScope, rows: Scope) -> Iterator[Row[*tuple[Any, ...]]]:
    """(id, changed_at, submitter_id) of all that is in scope, newest first."""
    query = select(
        Submission.id,
        type_coerce(Submission.changed_at, NullType).label("changed_at"),
        Submission.submitter_id,
    ).where(*in_scope(scope), within(rows))
    yield from _iter_down(query)


def sum_sizes(scope: ExportScope, rows: Scope) -> int:
    """How many bytes of XML the current versions in scope have."""
    current = _select_current().where(*in_scope(scope), within(rows))
    sizes = current.order_by(None).subquery()
    return int(execute(select(func.sum(sizes.c.xml_size))).scalar_one() or 0)


def _iter_down(query: Select[*tuple[Any, ...]]) -> Iterator[RecordRow]:
    query = query.order_by(None).order_by(Submission.id.desc()).limit(_LISTED)
    found = execute(query).all()
    while found:
        yield from found
        found = execute(query.where(Submission.id < found[-1].id)).all()


def _in_pages(found: Iterator[RecordRow]) -> Iterator[Sequence[RecordRow]]:
    page: list[RecordRow] = []
    size = 0
    for row in found:
        weight = row.xml_size * (1 if row.file_id else _OF_WAITING)
        if page and size + weight > PAGE_BYTES:
            yield page
            page, size = [], 0
        page.append(row)
        size += weight
    if page:
        yield page


def iter_conditions(
    scope: ExportScope, rows: Scope, portion: Portion
) -> Iterator[list[ColumnElement[bool]]]:
    """The conditions on submissions, commune by commune."""
    for commune, villages in portion.places.items():
        conditions = [*in_scope(scope), within(rows), _reported_by([commune])]
        if villages is not None:
            conditions.append(_is_one_of(Submission.village_code, villages))
        if portion.submitter_ids is not None:
            conditions.append(_is_one_of(Submission.submitter_id, portion.submitter_ids))
        yield conditions


def _iter_rows(scope: ExportScope, rows: Scope, portion: Portion) -> Iterator[RecordRow]:
    for conditions in iter_conditions(scope, rows, portion):
        query = _select_current().where(*conditions)
        last = 0
        while found := execute(query.where(Submission.id > last).limit(_LISTED)).all():
            yield from found
            last = found[-1].id


def _select_current() -> Select[*tuple[Any, ...]]:
    size = func.coalesce(ProjectedVersion.xml_size, func.length(SubmissionVersion.xml))
    query: Select[*tuple[Any, ...]] = (
        select(
            Submission.id,
            Submission.instance_id,
            type_coerce(Submission.created_at, NullType).label("created_at"),
            type_coerce(Submission.review_state, String).label("review_state"),
            Submission.device_id,
            Submission.village_code,
            Submission.commune_code,
            Submission.edition,
            SubmissionVersion.id.label("version_id"),
            SubmissionVersion.form_version_id,
            Submission.submitter_id,
            Actor.display_name.label("submitter"),
            ProjectedVersion.file_id,
            size.label("xml_size"),
        )
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .outerjoin(ProjectedVersion, ProjectedVersion.submission_version_id == SubmissionVersion.id)
        .outerjoin(Actor, Actor.id == Submission.submitter_id)
        .where(CURRENT)
        .order_by(Submission.id)
    )
    return query


def _is_one_of(column: Any, values: set[str | None] | frozenset[int | None]) -> ColumnElement[bool]:
    known = sorted(value for value in values if value is not None)
    condition: ColumnElement[bool] = column.in_(known)
    return or_(condition, column.is_(None)) if None in values else condition


def _reported_by(communes: Sequence[ReportedCommune]) -> ColumnElement[bool]:
    """Reported by one of them: codes are reused, so each counts in its edition only."""
    codes: dict[str, list[str]] = {}
    for commune in communes:
        codes.setdefault(commune.edition, []).append(commune.code)
    of_edition = [
        and_(Submission.edition == edition, Submission.commune_code.in_(listed))
        if edition
        else or_(*(_is_blank(part) for part in (Submission.commune_code, Submission.edition)))
        for edition, listed in codes.items()
    ]
    return or_(false(), *of_edition)


def _is_blank(column: Any) -> ColumnElement[bool]:
    return or_(column.is_(None), column == "")


def in_scope(scope: ExportScope) -> Iterator[ColumnElement[bool]]:
    """The conditions on submissions."""
    yield Submission.project_id == scope.project_id
    yield Submission.form_id == scope.form_id
    yield Submission.is_draft.is_(scope.is_draft)
    if scope.condition is not None:
        yield to_sql(scope.condition, submission_fields.FIELDS)
    if not scope.with_deleted:
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
