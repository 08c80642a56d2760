"""What is handed out of a form version: the XForm, the manifest, the media (openrosa.md §5, §6)."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from typing import Protocol
from xml.sax.saxutils import escape

from flask import Response, request

from server.actions.entities.lists import PhoneList
from server.actions.unit_lists import MadeList, can_replace
from server.errors import NotFound
from server.http.requests import storage
from server.http.sending import send
from server.models import FormAttachment
from server.queries import forms
from server.storage import Storage

from .callers import door
from .documents import answer, document, segment


class Served(Protocol):
    """What is needed of a form version to hand it out."""

    @property
    def id(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def md5(self) -> str: ...


Made = Mapping[str, MadeList]
NOTHING_MADE: Made = {}
Lists = Mapping[str, PhoneList]
NO_LISTS: Lists = {}
_HEAD = 4096


def form_xml(version: Served) -> Response:
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


def manifest(
    version: Served, address: str, made: Made = NOTHING_MADE, lists: Lists = NO_LISTS
) -> Response:
    """Only files that are there: one that fails would fail the whole form (openrosa.md §5.1).

    `made` are the lists that the server makes for who asks; each has the hash of its own bytes.
    `lists` are entity lists, whose hash is a mark of their state (§9.3).
    """
    files = f"{address}/attachments"
    entries = "".join(
        _media_file(file.name, own.md5 if own else file.md5, files)
        for file in forms.list_attachments(version.id)
        if file.storage_key and file.name not in lists
        for own in [_made(file, made)]
    )
    entries += "".join(_entity_list(name, lists[name], files) for name in sorted(lists))
    text = f'<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{entries}</manifest>'
    return answer(*document(text))


def _media_file(name: str, md5: str | None, address: str, *, kind: str = "", more: str = "") -> str:
    return (
        f"<mediaFile{kind}>"
        f"<filename>{escape(name)}</filename>"
        f"<hash>md5:{md5}</hash>"
        f"<downloadUrl>{escape(address)}/{segment(name)}</downloadUrl>"
        f"{more}"
        "</mediaFile>"
    )


def _entity_list(name: str, listed: PhoneList, files: str) -> str:
    kind = "approvalEntityList" if listed.facts.approval_required else "entityList"
    integrity = f"{door()}/datasets/{segment(listed.facts.name)}/integrity"
    more = f"<integrityUrl>{escape(integrity)}</integrityUrl>"
    return _media_file(name, listed.tag, files, kind=f' type="{kind}"', more=more)


def entity_list(listed: PhoneList) -> Response:
    """The rows, or 304 to a phone that has them: then none is read."""
    tag = listed.tag
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = Response(listed.to_csv(), content_type="text/csv; charset=utf-8")
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _made(file: FormAttachment, made: Made) -> MadeList | None:
    own = made.get(file.name)
    if own is None or file.storage_key is None:
        return None
    return own if _is_replaceable(file.name, file.storage_key, storage()) else None


@lru_cache(maxsize=256)
def _is_replaceable(name: str, key: str, storage: Storage) -> bool:
    """Asked with every manifest; a key's bytes never change."""
    with storage.file(key).open("rb") as attached:
        return can_replace(name, attached.read(_HEAD))


def media(version: Served, name: str, made: Made = NOTHING_MADE) -> Response:
    file = forms.find_attachment(version.id, name)
    if file is None or file.storage_key is None:
        raise NotFound(what=name)
    own = _made(file, made)
    response = send(
        BytesIO(own.content) if own else storage().file(file.storage_key),
        mimetype=file.content_type or "application/octet-stream",
        name=file.name,
        etag=own.md5 if own else file.md5,
    )
    response.headers["Cache-Control"] = "no-cache"
    return response
