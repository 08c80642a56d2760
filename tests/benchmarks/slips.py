"""Slips of `child_situation` with three children, and requests that send them."""

from __future__ import annotations

import csv
import re
import uuid
from collections.abc import Iterator
from datetime import date
from itertools import islice
from urllib.parse import urlsplit

from server.demo import Village, iter_slips
from tests.helpers.phones import multipart
from tests.helpers.slips import ROOT

_VILLAGES = ROOT / "xlsforms/child_situation/media/villages.csv"
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_VERSION = "2026112901"


def three_children(count: int) -> list[bytes]:
    """Instances with three children each and instanceIDs of their own."""
    with _VILLAGES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    villages = [
        Village(r["name"], r["label"], r["commune_code"], r["legacy_commune_code"]) for r in rows
    ]
    drawn = iter_slips(villages, count=4000, seed=3, version=_VERSION, today=date(2026, 11, 23))
    patterns = list(islice((x for x in drawn if x.count(b"<rep_child>") == 3), 200))
    return [renamed(patterns[i % len(patterns)]) for i in range(count)]


def renamed(xml: bytes) -> bytes:
    """Another household with other children, all alike."""
    others: dict[bytes, bytes] = {}
    return _UUID.sub(lambda m: others.setdefault(m[0], str(uuid.uuid4()).encode()), xml)


def requests(collect: str, slips: list[bytes], file: bytes = b"") -> Iterator[bytes]:
    """POST requests as bytes; `file` goes along as a photograph."""
    parts = urlsplit(collect)
    for xml in slips:
        files = [(f"{uuid.uuid4().hex}.jpg", file)] if file else []
        body, content_type = multipart(xml, files)
        head = (
            f"POST {parts.path}/submission?deviceID=collect%3Abench HTTP/1.1\r\n"
            f"Host: {parts.netloc}\r\nX-OpenRosa-Version: 1.0\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body
