"""Begin a release of de-identified data, or go on with one.

The key of the pseudonyms is sealed with the installation's secret and shown to nobody.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from server.actions.exporting.asking import ExportRequest
from server.actions.exporting.releases import require_key, told
from server.actions.exporting.writing import readable_rows
from server.auth.callers import Caller
from server.auth.tokens import seal
from server.models import Form, Release
from server.queries import audits, releases

_KEY_BYTES = 32


def open_release(
    request: ExportRequest, form: Form, *, secret_key: str, tz: ZoneInfo, by: Caller
) -> ExportRequest:
    """The request with the number of its release, which is begun where none was named.

    Raises as the gate, and where the release is over. The full profile has none.
    """
    if not request.is_deidentified:
        return request
    readable_rows(form, by=by)
    today = datetime.now(tz).date()
    if request.release is None:
        release = _begin(request, form, secret_key=secret_key, by=by)
    else:
        release = releases.get_release(request.release, project_id=form.project_id)
    require_key(release, today)
    return replace(request, purpose="", recipient="", until=None, release=release.id)


def _begin(request: ExportRequest, form: Form, *, secret_key: str, by: Caller) -> Release:
    if request.until is None:
        raise TypeError("a request that was not looked at")
    release = releases.add_release(
        Release(
            project_id=form.project_id,
            form_id=form.id,
            actor_id=by.actor_id,
            purpose=request.purpose.strip(),
            recipient=request.recipient.strip(),
            until=request.until,
            key_sealed=seal(secrets.token_hex(_KEY_BYTES), secret_key),
        )
    )
    audits.log(by, "release.create", "release", release.id, form=form.id, **told(release))
    return release
