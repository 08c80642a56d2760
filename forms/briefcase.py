"""Keys, cursors and lists of ids of the Briefcase protocol, written and read (openrosa.md §13)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from lxml import etree

from .errors import DocumentRefused, InstanceRefused
from .xml import local_name, parse_xml

SUBMISSIONS = "http://opendatakit.org/submissions"
_CURSOR = "http://www.opendatakit.org/cursor"
_VERSION = "[@version="
_KEY = "[@key="
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")
_MAX_CURSOR = 10_000


@dataclass(frozen=True, slots=True)
class SubmissionKey:
    """What `downloadSubmission` is asked for."""

    xml_form_id: str
    instance_id: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: a moment, and the id last returned; "" means from that moment on."""

    moment: datetime
    last_id: str = ""


@dataclass(frozen=True, slots=True)
class IdChunk:
    """A page of ids, and the text that asks for the next one."""

    ids: tuple[str, ...]
    cursor: str


def parse_key(text: str) -> SubmissionKey:
    """Read `ID[@version=V and @uiVersion=null]/ROOT[@key=INSTANCEID]`; V and ROOT do not matter.

    Briefcase 1.18 writes `Optional[3]` for V, so brackets in it prove nothing.
    """
    text = text.strip()
    at = text.rfind(_VERSION)
    key_at = text.find(_KEY, max(at, 0))
    xml_form_id = text[:at] if at >= 0 else text[: max(key_at, 0)].rpartition("/")[0]
    end = text.rfind("]")
    instance_id = text[key_at + len(_KEY) : end].strip().strip("\"'") if key_at >= 0 else ""
    if not xml_form_id or not instance_id:
        raise DocumentRefused("ID[@version=… and @uiVersion=…]/ROOT[@key=…]")
    return SubmissionKey(xml_form_id, instance_id)


def write_key(xml_form_id: str, root: str, instance_id: str) -> str:
    return f"{xml_form_id}{_VERSION}null and @uiVersion=null]/{root}{_KEY}{instance_id}]"


def parse_cursor(text: str) -> Cursor:
    """Read Aggregate's cursor, which Briefcase also invents to start from a date."""
    root = _parse(text.encode(), "cursor", max_bytes=_MAX_CURSOR)
    values = {local_name(child): (child.text or "").strip() for child in root}
    moment = parse_moment(values.get("attributeValue", ""))
    if moment is None:
        raise DocumentRefused("attributeValue: 2026-03-04T00:00:00Z")
    return Cursor(moment, values.get("uriLastReturnedValue", ""))


def write_cursor(cursor: Cursor) -> str:
    moment = cursor.moment.astimezone(UTC).isoformat(timespec="microseconds")
    return (
        f'<cursor xmlns="{_CURSOR}"><attributeName>_LAST_UPDATE_DATE</attributeName>'
        f"<attributeValue>{moment.replace('+00:00', 'Z')}</attributeValue>"
        f"<uriLastReturnedValue>{escape(cursor.last_id)}</uriLastReturnedValue>"
        "<isForwardCursor>true</isForwardCursor></cursor>"
    )


def parse_moment(text: str) -> datetime | None:
    """A moment in any ISO 8601 form, also with the `+` that an address turned into a blank."""
    try:
        moment = datetime.fromisoformat(_LOST_PLUS.sub(r"+\1", text.strip()))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def write_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_chunk(ids: Iterable[str], cursor: str) -> str:
    listed = "".join(f"<id>{escape(id_)}</id>" for id_ in ids)
    return (
        f'<idChunk xmlns="{SUBMISSIONS}"><idList>{listed}</idList>'
        f"<resumptionCursor>{escape(cursor)}</resumptionCursor></idChunk>"
    )


def parse_chunk(xml: bytes) -> IdChunk:
    root = _parse(xml, "idChunk")
    ids: list[str] = []
    cursor = ""
    for child in root:
        if local_name(child) == "idList":
            ids += [(e.text or "").strip() for e in child if local_name(e) == "id"]
        elif local_name(child) == "resumptionCursor":
            cursor = (child.text or "").strip()
    return IdChunk(tuple(id_ for id_ in dict.fromkeys(ids) if id_), cursor)


def _parse(xml: bytes, expected: str, *, max_bytes: int = 10_000_000) -> etree._Element:
    try:
        root = parse_xml(xml, max_bytes=max_bytes)
    except InstanceRefused as error:
        raise DocumentRefused(f"{expected}: {error}") from error
    if local_name(root) != expected:
        raise DocumentRefused(f"{expected}: <{local_name(root)[:50]}>")
    return root
