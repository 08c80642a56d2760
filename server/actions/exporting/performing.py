"""Carry out an order, whatever its format: count, say in the audit log who takes what, write."""

from __future__ import annotations

from collections.abc import Callable

from exports.workbooks import FORMAT as WORKBOOK
from server.actions.exporting.orders import ExportOrder, Written
from server.actions.exporting.workbooks import log_due, write_workbooks
from server.actions.exporting.writing import Installed, count_submissions, log_export, write_export
from server.auth.callers import Caller
from server.db import snapshot, transaction
from server.models import Form
from server.queries import forms


def count_order(order: ExportOrder, form: Form, *, by: Caller) -> int:
    """How many submissions it would hold; raises as `perform`. A snapshot of its own."""
    form_id = form.id
    with snapshot():
        return count_submissions(order, forms.get_form_by_id(form_id), by=by)


def log_order(
    order: ExportOrder, form: Form, *, submissions: int, by: Caller, **details: int
) -> None:
    """Before there is a file, which says nothing of it; outside any transaction."""
    form_id = form.id
    with transaction():
        log_export(forms.get_form_by_id(form_id), order, submissions=submissions, by=by, **details)
    if order.format == WORKBOOK:
        log_due(forms.get_form_by_id(form_id), by=by)


def perform(
    order: ExportOrder,
    form: Form,
    *,
    at: Installed,
    by: Caller,
    progress: Callable[[int], None] = lambda count: None,
) -> Written:
    """Write the files, whole or not at all; call it in a `snapshot`."""
    write = write_workbooks if order.format == WORKBOOK else write_export
    return write(order, form, at=at, by=by, progress=progress)
