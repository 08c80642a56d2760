"""Form list, form, manifest and media: what a phone downloads (openrosa.md §4–6).

Bytes are stable while nothing changes, and every answer has an ETag. The list is composed once for
each app user, each state of the project's catalogue and each day, on which assignments may end.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import md5
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request, send_file

from server.auth.callers import Caller
from server.auth.gate import Rights, require, today
from server.auth.roles import Verb
from server.errors import FormClosed, NotFound
from server.http.requests import base_url, storage
from server.models import FormAttachment, FormState, FormVersion
from server.queries import forms

from .callers import authorise

NO_VERSION = "___"
_XML = "text/xml; charset=utf-8"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

bp = Blueprint("formlists", __name__)


@bp.get("/formList")
def form_list(token: str, project_id: int) -> Response:
    caller = authorise(token, project_id)
    base = f"{base_url()}/v1/key/{token}/projects/{project_id}"
    only = request.args.get("formID")
    key = (caller.actor_id, caller.catalogue, today(), base, only)
    document = _documents.get(key)
    if document is None:
        document = _document(_form_list(caller, project_id, base, only))
        _documents.put(key, document)
    return _answer(*document)


@bp.get("/forms/<segment:xml_form_id>.xml")
def form_xml(token: str, project_id: int, xml_form_id: str) -> Response:
    return _form_xml(_readable_version(token, project_id, xml_form_id, None))


@bp.get("/forms/<segment:xml_form_id>/versions/<segment:version>.xml")
def version_xml(token: str, project_id: int, xml_form_id: str, version: str) -> Response:
    return _form_xml(_readable_version(token, project_id, xml_form_id, version))


@bp.get("/forms/<segment:xml_form_id>/manifest")
def form_manifest(token: str, project_id: int, xml_form_id: str) -> Response:
    found = _readable_version(token, project_id, xml_form_id, None)
    return _manifest(token, project_id, xml_form_id, found)


@bp.get("/forms/<segment:xml_form_id>/versions/<segment:version>/manifest")
def version_manifest(token: str, project_id: int, xml_form_id: str, version: str) -> Response:
    found = _readable_version(token, project_id, xml_form_id, version)
    return _manifest(token, project_id, xml_form_id, found)


@bp.get("/forms/<segment:xml_form_id>/attachments/<segment:name>")
def form_media(token: str, project_id: int, xml_form_id: str, name: str) -> Response:
    return _media(_readable_version(token, project_id, xml_form_id, None), name)


@bp.get("/forms/<segment:xml_form_id>/versions/<segment:version>/attachments/<segment:name>")
def version_media(
    token: str, project_id: int, xml_form_id: str, version: str, name: str
) -> Response:
    return _media(_readable_version(token, project_id, xml_form_id, version), name)


class _Documents:
    """A bounded memory of composed lists; old states of the catalogue fall out."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: dict[tuple[object, ...], tuple[bytes, str]] = {}

    def get(self, key: tuple[object, ...]) -> tuple[bytes, str] | None:
        return self._kept.get(key)

    def put(self, key: tuple[object, ...], document: tuple[bytes, str]) -> None:
        if len(self._kept) >= self._size:
            self._kept.clear()
        self._kept[key] = document


_documents = _Documents(2000)


def _form_list(caller: Caller, project_id: int, base: str, only: str | None) -> str:
    rights = Rights(caller)
    offered = [
        form
        for form in forms.list_offered(project_id)
        if rights.may(Verb.OPEN_FORM_READ, project_id=project_id, form_id=form.id)
        and only in (None, form.xml_form_id)
    ]
    entries = "".join(_entry(form, base) for form in offered)
    return f'<xforms xmlns="http://openrosa.org/xforms/xformsList">{entries}</xforms>'


def _entry(form: Any, base: str) -> str:
    address = f"{base}/forms/{_segment(form.xml_form_id)}/versions/{_segment(form.version)}"
    manifest = f"<manifestUrl>{escape(address)}/manifest</manifestUrl>" if form.has_files else ""
    return (
        "<xform>"
        f"<formID>{escape(form.xml_form_id)}</formID>"
        f"<name>{escape(form.title)}</name>"
        f"<version>{escape(form.version)}</version>"
        f"<hash>md5:{form.md5}</hash>"
        f"<downloadUrl>{escape(address)}.xml</downloadUrl>"
        f"{manifest}"
        "</xform>"
    )


def _readable_version(
    token: str, project_id: int, xml_form_id: str, version: str | None
) -> FormVersion:
    """A published version that the phone may read; None means the one now offered."""
    caller = authorise(token, project_id)
    form = forms.get_form(project_id, xml_form_id)
    require(caller, Verb.OPEN_FORM_READ, project_id=project_id, form_id=form.id)
    if form.state is FormState.CLOSED:
        raise FormClosed(form=xml_form_id)
    if version is None:
        return forms.get_current_version(form)
    return forms.get_version(form, "" if version == NO_VERSION else version)


def _form_xml(version: FormVersion) -> Response:
    return _answer(_xform(version.id, version.sha256), version.md5)


@lru_cache(maxsize=64)
def _xform(version_id: int, _sha256: str) -> bytes:
    return forms.load_xform(version_id)


def _manifest(token: str, project_id: int, xml_form_id: str, version: FormVersion) -> Response:
    base = f"{base_url()}/v1/key/{token}/projects/{project_id}/forms/{_segment(xml_form_id)}"
    address = f"{base}/versions/{_segment(version.version)}/attachments"
    files = (f for f in forms.list_attachments(version.id) if f.storage_key)
    entries = "".join(_media_file(file, address) for file in files)
    document = f'<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{entries}</manifest>'
    return _answer(*_document(document))


def _media_file(file: FormAttachment, address: str) -> str:
    return (
        "<mediaFile>"
        f"<filename>{escape(file.name)}</filename>"
        f"<hash>md5:{file.md5}</hash>"
        f"<downloadUrl>{escape(address)}/{_segment(file.name)}</downloadUrl>"
        "</mediaFile>"
    )


def _media(version: FormVersion, name: str) -> Response:
    file = forms.find_attachment(version.id, name)
    if file is None or file.storage_key is None:
        raise NotFound(what=name)
    response = send_file(
        storage().path(file.storage_key),
        mimetype=file.content_type or "application/octet-stream",
        as_attachment=True,
        download_name=file.name,
        etag=file.md5 or False,
        conditional=True,
        max_age=None,
    )
    response.headers["Cache-Control"] = "no-cache"
    return response


def _document(text: str) -> tuple[bytes, str]:
    body = (_DECLARATION + text + "\n").encode()
    return body, md5(body, usedforsecurity=False).hexdigest()


def _answer(body: bytes, tag: str) -> Response:
    """The body, or 304 to a phone that holds it; proxies may have weakened the tag."""
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = Response(body, content_type=_XML)
    response.set_etag(tag)
    return response


def _segment(text: str) -> str:
    return quote(text or NO_VERSION, safe="")
