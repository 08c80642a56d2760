"""What is handed out of a form version: the XForm, the manifest, the media (openrosa.md §5, §6)."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from xml.sax.saxutils import escape

from flask import Response, request, send_file

from server.actions.unit_lists import MadeList, can_replace
from server.errors import NotFound
from server.http.requests import storage
from server.models import FormAttachment, FormVersion
from server.queries import forms

from .documents import answer, document, segment

Made = Mapping[str, MadeList]
NOTHING_MADE: Made = {}
_HEAD = 4096


def form_xml(version: FormVersion) -> Response:
    """The bytes of the listed hash; packed to a tenth for whoever unpacks them, as Collect does."""
    plain, packed = _xform(version.id, version.sha256)
    if request.accept_encodings.quality("gzip") == 0:
        return answer(plain, version.md5)
    response = answer(packed, version.md5)
    if response.status_code == 200:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


@lru_cache(maxsize=64)
def _xform(version_id: int, _sha256: str) -> tuple[bytes, bytes]:
    plain = forms.load_xform(version_id)
    return plain, gzip.compress(plain, mtime=0)


def manifest(version: FormVersion, address: str, made: Made = NOTHING_MADE) -> Response:
    """Only files that are there: one that fails would fail the whole form (openrosa.md §5.1).

    `made` are the lists that the server makes for who asks; each has the hash of its own bytes.
    """
    entries = "".join(
        _media_file(file.name, own.md5 if own else file.md5, f"{address}/attachments")
        for file in forms.list_attachments(version.id)
        if file.storage_key
        for own in [_made(file, made)]
    )
    text = f'<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{entries}</manifest>'
    return answer(*document(text))


def _media_file(name: str, md5: str | None, address: str) -> str:
    return (
        "<mediaFile>"
        f"<filename>{escape(name)}</filename>"
        f"<hash>md5:{md5}</hash>"
        f"<downloadUrl>{escape(address)}/{segment(name)}</downloadUrl>"
        "</mediaFile>"
    )


def _made(file: FormAttachment, made: Made) -> MadeList | None:
    own = made.get(file.name)
    if own is None or file.storage_key is None:
        return None
    with storage().path(file.storage_key).open("rb") as attached:
        return own if can_replace(file.name, attached.read(_HEAD)) else None


def media(version: FormVersion, name: str, made: Made = NOTHING_MADE) -> Response:
    file = forms.find_attachment(version.id, name)
    if file is None or file.storage_key is None:
        raise NotFound(what=name)
    own = _made(file, made)
    response = send_file(
        BytesIO(own.content) if own else storage().path(file.storage_key),
        mimetype=file.content_type or "application/octet-stream",
        as_attachment=True,
        download_name=file.name,
        etag=(own.md5 if own else file.md5) or False,
        conditional=True,
        max_age=None,
    )
    response.headers["Cache-Control"] = "no-cache"
    return response
