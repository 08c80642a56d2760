"""Answer with a file: in part where asked, not at all where the client has it, never in memory."""

from __future__ import annotations

import os
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO

from flask import Response, request, send_file
from werkzeug.wsgi import FileWrapper

from server.storage import KeptFile

_CHUNK = 1 << 16


def send(
    file: KeptFile | BytesIO, *, name: str, mimetype: str, etag: str | None = None
) -> Response:
    """A kept file, or one in memory, as a download under that name."""
    if not isinstance(file, Path | BytesIO):
        return _send_stored(file, name, mimetype, etag)
    return send_file(
        file,
        mimetype=mimetype,
        as_attachment=True,
        download_name=name,
        etag=etag or False,
        conditional=True,
        max_age=None,
    )


def send_once(file: BinaryIO, *, name: str, mimetype: str) -> Response:
    """A file that is gone when it was read; whole, since there is nothing to come back to."""
    response = send_file(
        file, mimetype=mimetype, as_attachment=True, download_name=name, max_age=None
    )
    response.content_length = os.fstat(file.fileno()).st_size
    return response


def _send_stored(file: KeptFile, name: str, mimetype: str, etag: str | None) -> Response:
    """Out of a store: it is asked for no byte that the client does not get."""
    source = file.open("rb")
    try:
        size = source.seek(0, SEEK_END)
        source.seek(0)
        response = send_file(
            source,
            mimetype=mimetype,
            as_attachment=True,
            download_name=name,
            etag=etag or False,
            conditional=False,
            max_age=None,
        )
        response.response = FileWrapper(source, _CHUNK)  # gunicorn's own cannot seek
        response.content_length = size
        response.make_conditional(request, accept_ranges=True, complete_length=size)
        return response
    except BaseException:
        source.close()
        raise
