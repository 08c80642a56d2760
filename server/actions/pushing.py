"""Take over what Briefcase pushes from another server: forms, and when slips came in there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from forms.briefcase import parse_moment
from forms.xforms import MAX_BYTES
from server.actions.publishing import Published, publish_form
from server.actions.slips import File, Slip
from server.auth.callers import Caller
from server.auth.gate import FormKey, Rights
from server.auth.roles import Verb
from server.db import utc_now
from server.errors import FieldMissing, TooLarge
from server.models import Project
from server.queries import forms
from server.storage import Storage

FORM_PART = "form_def_file"


def publish_pushed(
    files: Iterable[File], *, project: Project, storage: Storage, by: Caller
) -> Published:
    """Publish an XForm with the files that came in the same request.

    Briefcase sends many files in several requests, each with the form again: those that are still
    missing come later, so their absence refuses nothing (openrosa.md §13).
    """
    by_name = {file.name: file for file in files}
    form = by_name.pop(FORM_PART, None)
    if form is None:
        raise FieldMissing(field=FORM_PART)
    if form.upload.size > MAX_BYTES:
        raise TooLarge(limit=MAX_BYTES)
    return publish_form(
        form.upload.path.read_bytes(),
        filename=f"{FORM_PART}.xml",
        media={name: file.upload for name, file in by_name.items()},
        project=project,
        storage=storage,
        by=by,
        files_come_later=True,
    )


def with_first_receipt(slip: Slip, *, by: Caller, project_id: int) -> Slip:
    """Believe the root's `submissionDate` if the sender may change submissions anyway."""
    said = parse_moment(slip.instance.root.get("submissionDate", ""))
    if said is None or not is_past(said):
        return slip
    form = forms.find_form(project_id, slip.instance.xml_form_id)
    key = FormKey.of(form) if form else None
    if not Rights(by).may(Verb.SUBMISSION_UPDATE, project_id=project_id, form=key):
        return slip
    return replace(slip, first_received_at=said)


def is_past(moment: datetime) -> bool:
    """False for a moment that no server can have received anything at."""
    return moment.year >= 1990 and moment <= utc_now()
