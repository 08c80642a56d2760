"""Read what an OpenRosa server lists: its forms and a form's files (openrosa.md §4–5)."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from .envelopes import MediaFile, read_hash, read_media_files
from .errors import DocumentRefused, InstanceRefused
from .xml import local_name, parse_xml


@dataclass(frozen=True, slots=True)
class ListedForm:
    """A form that a server offers; what it does not say is empty."""

    xml_form_id: str
    version: str
    md5: str
    download_url: str
    manifest_url: str


def parse_form_list(xml: bytes) -> tuple[ListedForm, ...]:
    root = _parse(xml, "xforms")
    entries = [
        {local_name(e): (e.text or "").strip() for e in form}
        for form in root
        if local_name(form) == "xform"
    ]
    return tuple(_listed(entry) for entry in entries if entry.get("formID"))


def parse_manifest(xml: bytes) -> tuple[MediaFile, ...]:
    return read_media_files(_parse(xml, "manifest"))


def _listed(entry: dict[str, str]) -> ListedForm:
    return ListedForm(
        xml_form_id=entry["formID"],
        version=entry.get("version", ""),
        md5=read_hash(entry.get("hash", "")),
        download_url=entry.get("downloadUrl", ""),
        manifest_url=entry.get("manifestUrl", ""),
    )


def _parse(xml: bytes, expected: str) -> etree._Element:
    try:
        root = parse_xml(xml)
    except InstanceRefused as error:
        raise DocumentRefused(f"{expected}: {error}") from error
    if local_name(root) != expected:
        raise DocumentRefused(f"{expected}: <{local_name(root)[:50]}>")
    return root
