"""Send a large file in parts, of which one is in memory at a time: whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from server.errors import StorageUnavailable
from server.storage.client import Client, Request

LARGE = 64_000_000
_PART = 8 << 20
_MOST_PARTS = 10_000
NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def send_in_parts(
    client: Client, name: str, path: Path, size: int, headers: Mapping[str, str]
) -> None:
    """Parts of a file that is not completed are given up; a store may hold what nobody gave up."""
    started = parse(client.call(Request("POST", name, {"uploads": ""}))[1])
    upload = {"uploadId": started.findtext(f"{NAMESPACE}UploadId") or ""}
    try:
        tags = [
            _send_part(client, name, part, {"partNumber": str(number), **upload})
            for number, part in enumerate(_iter_parts(path, size), start=1)
        ]
        _complete(client, name, tags, upload, headers)
    except BaseException:
        with contextlib.suppress(FileNotFoundError, StorageUnavailable):
            client.call(Request("DELETE", name, upload), tries=1)
        raise


def parse(answer: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(answer, parser)
    except etree.XMLSyntaxError as error:
        raise StorageUnavailable(status=200, code="NotXml") from error


def _iter_parts(path: Path, size: int) -> Iterator[bytes]:
    length = max(_PART, -(-size // _MOST_PARTS))
    with path.open("rb") as file:
        while part := file.read(length):
            yield part


def _send_part(client: Client, name: str, part: bytes, query: Mapping[str, str]) -> str:
    answered, _ = client.call(Request("PUT", name, query, body=part))
    return answered["etag"]


def _complete(
    client: Client,
    name: str,
    tags: list[str],
    upload: Mapping[str, str],
    headers: Mapping[str, str],
) -> None:
    """The answer may begin well and then hold an error."""
    root = etree.Element("CompleteMultipartUpload")
    for number, tag in enumerate(tags, start=1):
        part = etree.SubElement(root, "Part")
        etree.SubElement(part, "PartNumber").text = str(number)
        etree.SubElement(part, "ETag").text = tag
    body = etree.tostring(root)
    _, answer = client.call(Request("POST", name, upload, headers, body=body))
    if etree.QName(parse(answer)).localname != "CompleteMultipartUploadResult":
        raise StorageUnavailable(status=200, code=parse(answer).findtext("{*}Code") or "")
