"""The one hardened way to parse XML: no DTD, no entities, no network, bounded size and depth."""

from __future__ import annotations

import re

from lxml import etree

from .errors import InstanceRefused, Reason

MAX_BYTES = 10_000_000
MAX_NODES = 200_000
_MAX_REFERENCES = 200_000

_CHAR_REFERENCE = re.compile(rb"&#(x[0-9a-fA-F]{1,8}|[0-9]{1,10});")
_SURROGATE_PAIR = re.compile(
    rb"&#(5529[6-9]|55[3-9]\d\d|56[0-2]\d\d|563[01]\d|x[dD][89abAB][0-9a-fA-F]{2});"
    rb"&#(563[2-9]\d|56[4-9]\d\d|57[0-2]\d\d|573[0-3]\d|5734[0-3]|x[dD][c-fC-F][0-9a-fA-F]{2});"
)
_RAW_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()


def local_name(element: etree._Element) -> str:
    """The element's name without namespace; "" for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def find_child(element: etree._Element | None, name: str) -> etree._Element | None:
    if element is None:
        return None
    return next((child for child in element if local_name(child) == name), None)


def attribute(element: etree._Element | None, name: str) -> str:
    """An attribute by local name, whatever its namespace; "" where there is none."""
    if element is None:
        return ""
    found = (v for k, v in element.attrib.items() if str(k).rpartition("}")[2] == name)
    return str(next(found, ""))


def parse_xml(
    xml: bytes, *, lenient: bool = False, max_bytes: int = MAX_BYTES, max_nodes: int = MAX_NODES
) -> etree._Element:
    """Return the root element, or raise InstanceRefused.

    `lenient` parses what phones really send: character references that XML 1.0 forbids
    (control characters typed by people, emoji as two surrogates) are replaced for the parse;
    the caller keeps the original bytes.
    """
    # Counting marks bounds the tree's memory before there is a tree.
    if len(xml) > max_bytes or xml.count(b"<") > max_nodes or xml.count(b"=") > 2 * max_nodes:
        raise InstanceRefused(Reason.TOO_LARGE)
    _require_utf8(xml)
    try:
        return _parse(xml)
    except etree.XMLSyntaxError as error:
        if not lenient:
            raise InstanceRefused(Reason.NOT_XML, _place(error)) from error
    if xml.count(b"&#") > _MAX_REFERENCES:  # each costs a call, and no person types so many
        raise InstanceRefused(Reason.TOO_LARGE)
    try:
        return _parse(repair_characters(xml))
    except etree.XMLSyntaxError as error:
        raise InstanceRefused(Reason.NOT_XML, _place(error)) from error


def repair_characters(xml: bytes) -> bytes:
    """Join surrogate references to one character and replace all that XML 1.0 forbids."""
    xml = _SURROGATE_PAIR.sub(_join_surrogates, xml)
    xml = _CHAR_REFERENCE.sub(_legal_reference, xml)
    return _RAW_CONTROL.sub(_REPLACEMENT, xml)


def _parse(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    root = etree.fromstring(xml, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise InstanceRefused(Reason.HAS_DTD)
    return root


def _require_utf8(xml: bytes) -> None:
    # A DTD is looked for before the parser sees it: an entity bomb costs nothing that way.
    # That search is only honest in an encoding where "<" is one byte, so UTF-8 is required.
    try:
        xml.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InstanceRefused(Reason.NOT_XML, "not UTF-8") from error
    if b"<!DOCTYPE" in xml and _has_doctype(xml):
        raise InstanceRefused(Reason.HAS_DTD)


def _has_doctype(xml: bytes) -> bool:
    """True if a DOCTYPE stands before the root element (and not inside an answer's CDATA)."""
    at = 0
    while (at := xml.find(b"<", at)) >= 0:
        if xml.startswith(b"<?", at):
            end = xml.find(b"?>", at)
        elif xml.startswith(b"<!--", at):
            end = xml.find(b"-->", at)
        else:
            return xml.startswith(b"<!DOCTYPE", at)
        if end < 0:
            return False
        at = end
    return False


def _join_surrogates(match: re.Match[bytes]) -> bytes:
    high, low = (_code_point(text) for text in match.groups())
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return _REPLACEMENT
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).encode()


def _legal_reference(match: re.Match[bytes]) -> bytes:
    code = _code_point(match.group(1))
    return match.group(0) if _is_xml_char(code) else _REPLACEMENT


def _code_point(text: bytes) -> int:
    return int(text[1:], 16) if text[:1] == b"x" else int(text)


def _is_xml_char(code: int) -> bool:
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )


def _place(error: etree.XMLSyntaxError) -> str:
    line, column = error.position
    return f"line {line}, column {column}"
