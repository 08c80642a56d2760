"""XML documents for phones: stable bytes, an ETag, 304 to whoever holds them (openrosa.md §2)."""

from __future__ import annotations

from hashlib import md5
from urllib.parse import quote

from flask import Response, request

NO_VERSION = "___"
_XML = "text/xml; charset=utf-8"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def document(text: str) -> tuple[bytes, str]:
    """The bytes of a document and their tag."""
    body = (_DECLARATION + text + "\n").encode()
    return body, md5(body, usedforsecurity=False).hexdigest()


def answer(body: bytes, tag: str) -> Response:
    """The body, or 304 to a phone that holds it; proxies may have weakened the tag."""
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = Response(body, content_type=_XML)
    response.set_etag(tag)
    return response


def segment(text: str) -> str:
    """A form's id, version or file name as one segment of an address."""
    return quote(text or NO_VERSION, safe="")
