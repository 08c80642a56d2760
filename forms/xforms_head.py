"""The head of an XForm: who the form is, with what its slips are encrypted, where they go.

Problems are what Collect, or a slip on its way, would stumble over (openrosa.md §6.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from .errors import KeyRefused, Problem
from .keys import read_public_key, short_bits
from .xml import attribute, find_child

SUPPORTED_ENTITIES = ("2022.1", "2023.1", "2024.1", "2025.1")


def title(root: etree._Element) -> str:
    found = find_child(find_child(root, "head"), "title")
    return (found.text or "").strip() if found is not None else ""


def version(primary: etree._Element) -> str:
    return attribute(primary, "version")


def entities_version(model: etree._Element) -> str:
    return attribute(model, "entities-version")


def submission_url(model: etree._Element) -> str:
    return attribute(find_child(model, "submission"), "action").strip()


def public_key(model: etree._Element) -> str:
    return attribute(find_child(model, "submission"), "base64RsaPublicKey").strip()


def iter_head_problems(
    root: etree._Element, model: etree._Element, primary: etree._Element
) -> Iterator[Problem]:
    """Yield everything for which the form is to be refused."""
    yield from _identity_problems(root, primary)
    yield from _key_problems(model)
    yield from _address_problems(model)
    declared = entities_version(model)
    if declared and not declared.startswith(SUPPORTED_ENTITIES):
        yield Problem("xform.entities_version", {"declared": declared})


def iter_head_warnings(model: etree._Element) -> Iterator[Problem]:
    if url := submission_url(model):
        yield Problem("submission_url.elsewhere", {"url": url}, "warning", sheet="settings")
    if (key := public_key(model)) and (bits := short_bits(key)):
        yield Problem("public_key.weak", {"bits": bits}, "warning", sheet="settings")


def _identity_problems(root: etree._Element, primary: etree._Element) -> Iterator[Problem]:
    xml_form_id = primary.get("id", "")
    name = version(primary)
    if not xml_form_id:
        yield Problem("form_id.missing", sheet="settings", column="form_id")
    elif len(xml_form_id) > 249 or xml_form_id.lower().endswith((".xml", ".xls", ".xlsx")):
        yield Problem("form_id.illegal", sheet="settings", column="form_id")
    if len(name) > 249 or name != name.strip():
        yield Problem("version.illegal", sheet="settings", column="version")
    if not any(c.isalnum() for c in title(root)):
        yield Problem("title.empty", sheet="settings", column="form_title")
    if find_child(find_child(primary, "meta"), "instanceID") is None:
        yield Problem("xform.no_instance_id")


def _key_problems(model: etree._Element) -> Iterator[Problem]:
    try:
        if key := public_key(model):
            read_public_key(key)
    except KeyRefused as error:
        yield Problem("public_key.illegal", error.about, sheet="settings", column="public_key")


def _address_problems(model: etree._Element) -> Iterator[Problem]:
    """Collect refuses to download a form whose slips go to a host without a dot (§6.1)."""
    url = submission_url(model)
    parts = urlsplit(url)
    is_absolute = parts.scheme in ("http", "https") and "." in (parts.hostname or "")
    if url and not is_absolute:
        yield Problem(
            "submission_url.illegal", {"url": url}, sheet="settings", column="submission_url"
        )
