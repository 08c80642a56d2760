"""What Briefcase and other exporters pull: ids, submissions, their files (openrosa.md §13).

Ids are those of current instances: an edit is listed under its own id, so that a client that
remembers ids fetches it. The instances before it are served under theirs.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, g, request

from forms.briefcase import (
    Cursor,
    SubmissionKey,
    parse_cursor,
    parse_key,
    write_chunk,
    write_cursor,
    write_moment,
)
from forms.data_classes import DataClass
from forms.envelopes import MediaFile, write_envelope
from forms.errors import DocumentRefused
from server.actions.readings import log_reading
from server.auth.gate import FormKey, Rights, require, require_rows
from server.auth.roles import Verb
from server.errors import FieldMissing, NotAllowed, NotFound, ValueNotAllowed
from server.http.requests import storage
from server.http.sending import send
from server.models import Form, SubmissionAttachment
from server.queries import briefcase, forms, submission_attachments
from server.queries.scopes import NOTHING, Scope

from .callers import authorise, door
from .documents import segment

PAGE = 100
MAX_PAGE = 1000
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

bp = Blueprint("briefcase", __name__)


@bp.get("/view/submissionList")
def submission_list() -> Response:
    """A page of ids; the page after the last one is empty and has the same cursor.

    New versions of Briefcase stop at the empty list, old ones when the cursor stays.
    """
    form, rows = _readable_form(_argument("formId"), Verb.SUBMISSION_LIST)
    if form.data_class is DataClass.CASE:
        log_reading(g.caller, "submission.list", "form", form.id)
    text = request.args.get("cursor", "").strip().replace("\0", "")
    changes = briefcase.list_changes(
        form,
        rows,
        _position(form, text),
        limit=_page_size(),
        include_incomplete=request.args.get("includeIncomplete", "").lower() == "true",
    )
    if changes:
        text = write_cursor(Cursor(changes[-1].changed_at, changes[-1].instance_id))
    return _xml((_DECLARATION + write_chunk((c.instance_id for c in changes), text)).encode())


@bp.get("/view/downloadSubmission")
def download_submission() -> Response:
    key = _key(_argument("formId"))
    form, rows = _readable_form(key.xml_form_id, Verb.SUBMISSION_READ)
    found = _get_enclosable(form, rows, key.instance_id)
    files = submission_attachments.list_attachments(found.id)
    is_complete = all(file.sha256 for file in files)
    attributes = {
        "instanceID": found.instance_id,
        "submissionDate": write_moment(found.created_at),
        "isComplete": "true" if is_complete else "false",
    }
    if is_complete:
        attributes["markedAsCompleteDate"] = write_moment(found.received_at)
    address = f"{door()}/view"
    place = f"{segment(key.xml_form_id)}/{segment(found.instance_id)}"
    media = _media_files(files, f"{address}/attachments/{place}")
    response = _xml(_DECLARATION.encode() + write_envelope(found.xml, attributes, media))
    response.headers["Link"] = f'<{address}/originals/{place}>; rel="original"'
    return response


@bp.get("/view/originals/<segment:xml_form_id>/<segment:instance_id>")
def original(xml_form_id: str, instance_id: str) -> Response:
    """The bytes as they were sent, for another Phiếu: an envelope cannot hold a declaration."""
    form, rows = _readable_form(xml_form_id, Verb.SUBMISSION_READ)
    return _xml(_get_enclosable(form, rows, instance_id).xml)


@bp.get("/view/attachments/<segment:xml_form_id>/<segment:instance_id>/<segment:name>")
def attachment(xml_form_id: str, instance_id: str, name: str) -> Response:
    form, rows = _readable_form(xml_form_id, Verb.SUBMISSION_READ)
    files = submission_attachments.list_attachments(_get_enclosable(form, rows, instance_id).id)
    file = next((f for f in files if f.name == name and _is_served(f)), None)
    if file is None or file.storage_key is None:
        raise NotFound(what=name)
    response = send(
        storage().file(file.storage_key),
        mimetype="application/octet-stream",
        name=file.name,
        etag=file.md5,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/formXml")
def form_xml() -> Response:
    """The current version of a form, for clients that were given no address of it."""
    caller = authorise()
    project_id: int = g.project_id
    form = forms.get_form(project_id, _argument("formId"))
    rights = Rights(caller)
    if not any(
        rights.may(verb, project_id=project_id, form=FormKey.of(form))
        for verb in (Verb.OPEN_FORM_READ, Verb.FORM_READ)
    ):
        raise NotAllowed
    return _xml(forms.load_xform(forms.get_current_version(form).id))


def _readable_form(xml_form_id: str, verb: Verb) -> tuple[Form, Scope]:
    """The form, and which of its submissions the caller may have."""
    caller = authorise()
    project_id: int = g.project_id
    form = forms.find_form(project_id, xml_form_id)
    if form is None:
        require(caller, verb, project_id=project_id)
        return forms.get_form(project_id, xml_form_id), NOTHING
    return form, require_rows(caller, verb, project_id=project_id, form=FormKey.of(form))


def _get_enclosable(form: Form, rows: Scope, instance_id: str) -> briefcase.Enclosable:
    found = briefcase.find_enclosable(form, rows, instance_id)
    if found is None:
        raise NotFound(what=instance_id)
    log_reading(g.caller, "submission.read", "submission", found.submission_id)
    return found


def _position(form: Form, text: str) -> briefcase.Position | None:
    if not text:
        return None
    try:
        cursor = parse_cursor(text)
    except DocumentRefused as error:
        raise ValueNotAllowed(field="cursor", value=text[:100], reason=error) from error
    return briefcase.find_position(form, cursor.moment, cursor.last_id)


def _key(text: str) -> SubmissionKey:
    try:
        return parse_key(text)
    except DocumentRefused as error:
        raise ValueNotAllowed(field="formId", value=text[:300], reason=error) from error


def _page_size() -> int:
    text = request.args.get("numEntries", "").strip() or str(PAGE)
    if not (text.isascii() and text.isdecimal()):
        raise ValueNotAllowed(field="numEntries", value=text[:20], reason=f"1–{MAX_PAGE}")
    return min(max(int(text[:9]), 1), MAX_PAGE)


def _argument(name: str) -> str:
    value = request.args.get(name, "").strip()
    if not value:
        raise FieldMissing(field=name)
    if "\0" in value:
        raise ValueNotAllowed(field=name, value="…", reason="NUL")
    return value


def _media_files(files: Iterable[SubmissionAttachment], address: str) -> Iterable[MediaFile]:
    return (
        MediaFile(f.name, f.md5 or "", f"{address}/{segment(f.name)}")
        for f in files
        if _is_served(f)
    )


def _is_served(file: SubmissionAttachment) -> bool:
    """The current file of its name; one that conflicts with it has no name of its own."""
    return bool(file.sha256) and not file.is_conflict


def _xml(body: bytes) -> Response:
    """Not to be kept on the way or at the client: it may be what a person said."""
    headers = {"Cache-Control": "no-store"}
    return Response(body, content_type="text/xml; charset=utf-8", headers=headers)
