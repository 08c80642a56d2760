"""Search the audit log and take it out as CSV: who may, and what the file looks like."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import tzinfo

import polars as pl

from exports.formulas import neutralise
from server.auth.callers import Caller
from server.auth.gate import require
from server.auth.roles import Verb
from server.queries import audit_searches, audits, projects
from server.queries.audit_searches import AuditFilter, AuditRow

COLUMNS = (
    *("id", "loggedAt", "actorId", "actor", "action", "acteeType", "acteeId"),
    *("details", "source", "notes"),
)
_BOM = b"\xef\xbb\xbf"


def search_audits(
    wanted: AuditFilter, *, older_than: int | None = None, limit: int, by: Caller
) -> Sequence[AuditRow]:
    """The newest rows, or (older_than) those before the row of that number."""
    _require(by)
    after = audit_searches.get_position(older_than) if older_than is not None else None
    return audit_searches.list_audits(wanted, after=after, limit=limit)


def iter_csv(wanted: AuditFilter, *, tz: tzinfo, by: Caller) -> Iterator[tuple[bytes, int]]:
    """CSV for people (design §11) in pieces, each with its number of rows.

    Call it in a `snapshot`, then log the export.
    """
    _require(by)
    yield _BOM + _csv([COLUMNS]), 0
    for batch in audit_searches.iter_audits(wanted):
        yield _csv([_cells(row, tz) for row in batch]), len(batch)


def log_audit_export(wanted: AuditFilter, rows: int, *, by: Caller) -> None:
    """Say who took which rows; an address asked for is not repeated here, only that there was."""
    filters = {name: value for name, value in asdict(wanted).items() if value not in (None, "")}
    said = {k: bool(v) if k == "source" else _plain(v) for k, v in filters.items()}
    audits.log(by, "audit.export", "audit", None, rows=rows, filter=said)


def _require(by: Caller) -> None:
    """The log is the whole installation's."""
    require(by, Verb.AUDIT_READ, project_id=projects.get_project().id)


def _plain(value: object) -> int | str:
    return value if isinstance(value, int) else str(value)


def _cells(row: AuditRow, tz: tzinfo) -> tuple[str | None, ...]:
    return (
        str(row.id),
        row.logged_at.astimezone(tz).isoformat(timespec="milliseconds"),
        str(row.actor_id) if row.actor_id is not None else None,
        row.actor,
        row.action,
        row.actee_type,
        str(row.actee_id) if row.actee_id is not None else None,
        json.dumps(row.details, ensure_ascii=False, sort_keys=True) if row.details else None,
        row.source,
        row.notes,
    )


def _csv(rows: Sequence[Sequence[str | None]]) -> bytes:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    file = io.BytesIO()
    neutralise(frame).write_csv(file, include_header=False, line_terminator="\r\n")
    return file.getvalue()
