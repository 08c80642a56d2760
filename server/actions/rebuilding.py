"""Derive the consents anew from what was received; withdrawals stay."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from forms.instances import parse_instance
from server.actions.consents import Visit, note_consent
from server.actions.definitions import get_compiled
from server.queries import consents, forms

_PAGE = 200


def rebuild_consents(
    tz: ZoneInfo, *, after_id: int = 0, progress: Callable[[int], None] = lambda count: None
) -> int:
    """One page of submissions; return the last one's id, or 0 at the end."""
    rows = consents.list_current_versions(after_id, limit=_PAGE)
    for row in rows:
        version = forms.get_version_by_id(row.form_version_id)
        compiled = get_compiled(version.id, version.sha256, version.commune_field)
        if compiled.consent is None:
            consents.drop_consent(row.id)
            continue
        visit = Visit(
            row.project_id, row.form_id, row.id, row.version_id, row.submitter_id, row.received_at
        )
        note_consent(visit, compiled.consent, parse_instance(row.xml), is_edit=True, tz=tz)
    progress(len(rows))
    return rows[-1].id if rows else 0
