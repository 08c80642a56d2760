"""Read a submission request: multipart, streamed to disk, complete or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio import multipart

from server.actions.receiving import File
from server.errors import BodyIncomplete, TooLarge, XmlPartMissing
from server.storage import Storage, UploadWriter

XML_PART = "xml_submission_file"
MAX_XML = 10_000_000
MAX_PARTS = 1_000
MAX_FIELD = 100_000
_CHUNK = 65_536
_MAX_BUFFER = 1_000_000
_MAX_NAME = 255


@dataclass(slots=True)
class Body:
    """What arrived, up to the last boundary."""

    xml: bytes = b""
    has_xml: bool = False
    files: list[File] = field(default_factory=list)


@contextlib.contextmanager
def read_body(
    stream: IO[bytes], boundary: str | None, storage: Storage, *, limit: int
) -> Iterator[Body]:
    """Yield the complete body; uploads that nobody kept are removed at the end.

    Raises BodyIncomplete if the last boundary did not arrive, TooLarge past `limit` bytes.
    """
    if not boundary:
        raise XmlPartMissing
    body = Body()
    try:
        with contextlib.ExitStack() as stack:
            _Reader(body, storage, stack).run(stream, boundary.encode(), limit)
        yield body
    finally:
        for file in body.files:
            file.upload.path.unlink(missing_ok=True)


class _Reader:
    """Drives werkzeug's decoder and hands each part to memory or disk."""

    def __init__(self, body: Body, storage: Storage, stack: contextlib.ExitStack) -> None:
        self.body = body
        self.storage = storage
        self.stack = stack
        self.part: multipart.Field | multipart.File | None = None
        self.text = bytearray()
        self.writer: UploadWriter | None = None

    def run(self, stream: IO[bytes], boundary: bytes, limit: int) -> None:
        decoder = multipart.MultipartDecoder(boundary, _MAX_BUFFER, max_parts=MAX_PARTS)
        size = 0
        while True:
            chunk = _read(stream)
            size += len(chunk)
            if size > limit:
                raise TooLarge(limit=limit)
            if self._feed(decoder, chunk):
                return

    def _feed(self, decoder: multipart.MultipartDecoder, chunk: bytes) -> bool:
        """Decode one chunk (empty: the end); return True after the last boundary."""
        try:
            decoder.receive_data(chunk or None)
            while not isinstance(event := decoder.next_event(), multipart.NeedData):
                if isinstance(event, multipart.Epilogue):
                    return True
                self._take(event)
        except ValueError as error:
            raise BodyIncomplete from error
        except RequestEntityTooLarge as error:
            raise TooLarge(limit=_MAX_BUFFER) from error
        return False

    def _take(self, event: multipart.Event) -> None:
        if isinstance(event, multipart.Field | multipart.File):
            self._begin(event)
        elif isinstance(event, multipart.Data):
            self._write(event.data)
            if not event.more_data:
                self._end()

    def _begin(self, part: multipart.Field | multipart.File) -> None:
        self.part = part
        self.text = bytearray()
        if part.name != XML_PART and isinstance(part, multipart.File):
            self.writer = self.stack.enter_context(self.storage.receive())

    def _write(self, data: bytes) -> None:
        if self.writer is not None:
            self.writer.write(data)
            return
        self.text.extend(data)
        limit = MAX_XML if self.part and self.part.name == XML_PART else MAX_FIELD
        if len(self.text) > limit:
            raise TooLarge(limit=limit)

    def _end(self) -> None:
        part, writer = self.part, self.writer
        self.part = self.writer = None
        if part is None:
            return
        if writer is not None and isinstance(part, multipart.File):
            name = _safe_name(part.name or part.filename)
            content_type = part.headers.get("content-type", "application/octet-stream")[:255]
            self.body.files.append(File(name, content_type, writer.finish()))
        elif part.name == XML_PART:
            self.body.xml = bytes(self.text)
            self.body.has_xml = True


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(_CHUNK)
    except OSError as error:
        raise BodyIncomplete from error


def _safe_name(name: str) -> str:
    """The name as sent, but never a path: separators and control characters become `_`."""
    for escaped, character in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        name = name.replace(escaped, character)
    name = "".join("_" if c in "/\\" or c < " " or c == "\x7f" else c for c in name)
    return name[:_MAX_NAME] or "_"
