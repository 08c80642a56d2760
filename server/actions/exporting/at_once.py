"""Write an export while somebody waits for it."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from exports.names import file_name
from server.actions.exporting.asking import ExportRequest, make_order
from server.actions.exporting.keeping import make_folder
from server.actions.exporting.opening import open_release
from server.actions.exporting.performing import count_order, log_order, perform
from server.actions.exporting.writing import Installed, readable_rows
from server.auth.callers import Caller
from server.db import snapshot, transaction
from server.errors import ExportNeedsJob
from server.queries import forms

LIMIT = 50_000
"""Of submissions; more is a worker's."""


def write_at_once(
    request: ExportRequest, project_id: int, xml_form_id: str, *, at: Installed, by: Caller
) -> tuple[BinaryIO, str]:
    """The file, whose name is gone already: it ends with whoever reads it; what to call it.

    Raises ExportNeedsJob where there are too many submissions to wait for.
    """
    form = forms.get_form(project_id, xml_form_id)
    readable_rows(form, by=by)
    order = make_order(request, form, out=Path(), tz=at.tz).order
    out = make_folder(at.storage) / f"at-once-{secrets.token_hex(8)}{order.suffix}"
    order = replace(order, out=out)
    count = count_order(order, form, by=by)
    if count > LIMIT:
        raise ExportNeedsJob(form=xml_form_id, count=count, limit=LIMIT)
    with transaction():
        form = forms.get_form(project_id, xml_form_id)
        opened = open_release(request, form, secret_key=at.secret_key, tz=at.tz, by=by)
    order = replace(order, release=opened.release)
    log_order(order, forms.get_form(project_id, xml_form_id), submissions=count, by=by)
    with snapshot():
        perform(order, forms.get_form(project_id, xml_form_id), at=at, by=by)
    file = out.open("rb")
    out.unlink()
    return file, file_name(f"{xml_form_id}{order.suffix}")
