"""A submission in the envelope of Briefcase's `downloadSubmission` (openrosa.md §13).

Written, the instance's bytes are embedded as they are: without the XML declaration, with the
attributes that the protocol wants on its root, and with what XML 1.0 forbids replaced, because one
such reference makes the whole envelope unreadable. The default namespace of the envelope is the
protocol's, so that is where an instance that declares none finds itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from .briefcase import SUBMISSIONS, parse_moment
from .errors import DocumentRefused, InstanceRefused
from .xml import local_name, parse_xml, repair_characters

MAX_BYTES = 12_000_000
_OPEN = f'<submission xmlns="{SUBMISSIONS}" xmlns:orx="http://openrosa.org/xforms"><data>'
_BOM = b"\xef\xbb\xbf"
_START_TAG = re.compile(rb"<([^\s/>]+)((?:\s+[^\s=]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)")
_ATTRIBUTE = re.compile(rb"\s+([^\s=]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file beside a document: its name, its MD5 (empty if unknown) and where it is."""

    name: str
    md5: str
    url: str


@dataclass(frozen=True, slots=True)
class Enveloped:
    """What an envelope holds: the instance, standing alone again, and what is said about it."""

    xml: bytes
    submitted_at: datetime | None
    files: tuple[MediaFile, ...]


def write_envelope(xml: bytes, attributes: Mapping[str, str], files: Iterable[MediaFile]) -> bytes:
    media = "".join(
        f"<mediaFile><filename>{escape(f.name)}</filename><hash>md5:{f.md5}</hash>"
        f"<downloadUrl>{escape(f.url)}</downloadUrl></mediaFile>"
        for f in files
    )
    embedded = _with_attributes(_without_prolog(_well_formed(xml)), attributes)
    return b"".join((_OPEN.encode(), embedded, f"</data>{media}</submission>".encode()))


def parse_envelope(xml: bytes) -> Enveloped:
    """Read an envelope; the instance takes along the namespaces that were declared around it."""
    try:
        root = parse_xml(xml, lenient=True, max_bytes=MAX_BYTES)
    except InstanceRefused as error:
        raise DocumentRefused(f"submission: {error}") from error
    data = next((child for child in root if local_name(child) == "data"), None)
    instance = next(iter(data), None) if data is not None else None
    if instance is None:
        raise DocumentRefused(f"submission: <{local_name(root)[:50]}>")
    text = etree.tostring(instance, encoding="utf-8", xml_declaration=False, with_tail=False)
    return Enveloped(
        xml=text,
        submitted_at=parse_moment(instance.get("submissionDate", "")),
        files=read_media_files(root),
    )


def read_media_files(root: etree._Element) -> tuple[MediaFile, ...]:
    """The `mediaFile` children; one without name or address is left out, as Briefcase does."""
    found = []
    for element in root:
        if local_name(element) != "mediaFile":
            continue
        values = {local_name(e).lower(): (e.text or "").strip() for e in element}
        name, url = values.get("filename", ""), values.get("downloadurl", "")
        if name and url:
            found.append(MediaFile(name, read_hash(values.get("hash", "")), url))
    return tuple(found)


def read_hash(text: str) -> str:
    """The hex digits of `md5:…`; "" where there are none."""
    digits = text.strip().lower().removeprefix("md5:")
    return digits if re.fullmatch("[0-9a-f]{32}", digits) else ""


def _well_formed(xml: bytes) -> bytes:
    try:
        parse_xml(xml)
    except InstanceRefused:
        return repair_characters(xml)
    return xml


def _without_prolog(xml: bytes) -> bytes:
    """From the root element on."""
    xml = xml.removeprefix(_BOM)
    at = 0
    while (at := xml.find(b"<", at)) >= 0:
        if xml.startswith(b"<?", at):
            at = xml.find(b"?>", at)
        elif xml.startswith(b"<!--", at):
            at = xml.find(b"-->", at)
        else:
            return xml[at:]
    return xml


def _with_attributes(xml: bytes, attributes: Mapping[str, str]) -> bytes:
    """Set attributes on the root; those of the same names that it had are replaced."""
    tag = _START_TAG.match(xml)
    if tag is None:
        return xml
    names = {name.encode() for name in attributes}
    kept = b"".join(m[0] for m in _ATTRIBUTE.finditer(tag[2]) if m[1] not in names)
    added = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return b"<" + tag[1] + kept + added.encode() + xml[tag.end() :]
