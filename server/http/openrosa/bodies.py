"""Read a submission request: the instance to memory, files to disk, complete or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from server.actions.slips import File, attachment_name, plain_text
from server.errors import TooLarge, XmlPartMissing
from server.storage import Storage

from .multipart import Multipart, Part

XML_PART = "xml_submission_file"
MAX_XML = 10_000_000
MAX_PARTS = 1_000
MAX_FIELD = 100_000


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
    multipart = Multipart(stream, boundary, limit=limit, max_parts=MAX_PARTS)
    try:
        for part in multipart.parts():
            _take(part, multipart.chunks(), body, storage)
        yield body
    finally:
        for file in body.files:
            file.upload.path.unlink(missing_ok=True)


def _take(part: Part, chunks: Iterator[bytes], body: Body, storage: Storage) -> None:
    """Keep a part; plain fields, such as `*isIncomplete*`, are read and not needed."""
    if part.name == XML_PART:
        body.xml = _in_memory(chunks, MAX_XML)
        body.has_xml = True
    elif part.filename is None:
        _in_memory(chunks, MAX_FIELD)
    else:
        with storage.receive() as writer:
            for chunk in chunks:
                writer.write(chunk)
            content_type = plain_text(part.content_type) or "application/octet-stream"
            body.files.append(File(_file_name(part), content_type, writer.finish()))


def _in_memory(chunks: Iterator[bytes], limit: int) -> bytes:
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > limit:
            raise TooLarge(limit=limit)
    return bytes(data)


def _file_name(part: Part) -> str:
    """The name as the phone has it: three characters come escaped (openrosa.md §7.3)."""
    name = part.name or part.filename or ""
    for escaped, character in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        name = name.replace(escaped, character)
    return attachment_name(name)
