"""What a commune workbook tells besides the answers: where slips are from, what was noticed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select

from server.db import execute
from server.models import Finding, Submission, SubmissionAttachment, SubmissionVersion
from server.queries.exports import ExportScope, Portion, iter_conditions
from server.queries.findings import MISSING_ATTACHMENT
from server.queries.projection import CURRENT
from server.queries.scopes import Scope

SlipRow = Row[*tuple[Any, ...]]
"""(instance_id, village_code, changed_at)"""
FindingRow = Row[*tuple[Any, ...]]
"""(instance_id, form_version_id, severity, code, path, value, details)"""
MissingRow = Row[*tuple[Any, ...]]
"""(instance_id, form_version_id, name)"""

_FINDINGS = (
    select(
        Submission.instance_id,
        SubmissionVersion.form_version_id,
        Finding.severity,
        Finding.code,
        Finding.path,
        Finding.value,
        Finding.details,
    )
    .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
    .join(Finding, Finding.submission_version_id == SubmissionVersion.id)
    .where(CURRENT, Finding.code != MISSING_ATTACHMENT)
    .order_by(Finding.id)
)
_MISSING = (
    select(Submission.instance_id, SubmissionVersion.form_version_id, SubmissionAttachment.name)
    .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
    .join(SubmissionAttachment, SubmissionAttachment.submission_version_id == SubmissionVersion.id)
    .where(
        CURRENT,
        SubmissionAttachment.sha256 == "",
        SubmissionAttachment.is_expected,
        SubmissionAttachment.erased_at.is_(None),
    )
    .order_by(SubmissionAttachment.id)
)
_SLIPS = select(Submission.instance_id, Submission.village_code, Submission.changed_at)


def iter_slips(scope: ExportScope, rows: Scope, portion: Portion) -> Iterator[SlipRow]:
    for conditions in iter_conditions(scope, rows, portion):
        yield from execute(_SLIPS.where(*conditions))


def iter_findings(scope: ExportScope, rows: Scope, portion: Portion) -> Iterator[FindingRow]:
    """Those of current versions, without files that have not come."""
    for conditions in iter_conditions(scope, rows, portion):
        yield from execute(_FINDINGS.where(*conditions))


def iter_missing(scope: ExportScope, rows: Scope, portion: Portion) -> Iterator[MissingRow]:
    """The files of current versions that have not come."""
    for conditions in iter_conditions(scope, rows, portion):
        yield from execute(_MISSING.where(*conditions))
