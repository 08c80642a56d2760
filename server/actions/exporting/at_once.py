"""Write an export while somebody waits for it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import BinaryIO

from server.actions.exporting.asking import ExportRequest, make_order
from server.actions.exporting.keeping import make_folder
from server.actions.exporting.writing import (
    Installed,
    count_submissions,
    log_export,
    readable_rows,
    write_export,
)
from server.auth.callers import Caller
from server.db import snapshot, transaction
from server.errors import ExportNeedsJob
from server.queries import forms

LIMIT = 50_000
"""Of submissions; more is a worker's."""


def write_at_once(
    request: ExportRequest, project_id: int, xml_form_id: str, *, at: Installed, by: Caller
) -> BinaryIO:
    """The file, whose name is gone already: it ends with whoever reads it.

    Raises ExportNeedsJob where there are too many submissions to wait for.
    """
    form = forms.get_form(project_id, xml_form_id)
    readable_rows(form, by=by)
    suffix = Path(request.name_for(xml_form_id)).suffix
    out = make_folder(at.storage) / f"at-once-{secrets.token_hex(8)}{suffix}"
    order = make_order(request, form, out=out, tz=at.tz).order
    with snapshot():
        count = count_submissions(order, forms.get_form(project_id, xml_form_id), by=by)
    if count > LIMIT:
        raise ExportNeedsJob(form=xml_form_id, count=count, limit=LIMIT)
    with transaction():
        log_export(forms.get_form(project_id, xml_form_id), order, submissions=count, by=by)
    with snapshot():
        write_export(order, forms.get_form(project_id, xml_form_id), at=at, by=by)
    file = out.open("rb")
    out.unlink()
    return file
