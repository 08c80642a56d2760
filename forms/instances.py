"""Read a filled instance: bytes → Instance. Nothing is changed; the bytes stay what was sent.

Elements are found by local name, whatever their namespace (openrosa.md §7.7): clients write `meta`,
`orx:meta` and `n0:meta`, and the URI with and without a trailing slash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from .definitions import Field, FormDefinition, Kind
from .errors import InstanceRefused, Reason
from .xml import find_child, local_name, parse_xml

MAX_ID = 249


@dataclass(frozen=True, slots=True)
class Instance:
    """One filled form as its XML tells it; `root` is the parsed tree, for reading only."""

    xml_form_id: str
    version: str
    instance_id: str
    deprecated_id: str | None
    instance_name: str | None
    is_encrypted: bool
    root: etree._Element

    def value(self, path: str) -> str:
        """The answer at a path outside repeats (`/g_hh/hh_size`); "" where there is none."""
        element: etree._Element | None = self.root
        for name in path.strip("/").split("/"):
            element = find_child(element, name)
        return (element.text or "") if element is not None else ""


def parse_instance(xml: bytes) -> Instance:
    """Read identity and tree; raise InstanceRefused where the bytes cannot be an instance.

    An instance without instanceID gets one derived from the hash of its bytes, so that
    repeating it stays harmless.
    """
    root = parse_xml(xml, lenient=True)
    xml_form_id = root.get("id", "")
    if not xml_form_id:
        raise InstanceRefused(Reason.NO_FORM_ID)
    meta = find_child(root, "meta")
    instance_id = _meta_text(meta, "instanceID") or root.get("instanceID", "").strip()
    instance = Instance(
        xml_form_id=xml_form_id,
        version=_version(root),
        instance_id=instance_id or f"sha256:{hashlib.sha256(xml).hexdigest()}",
        deprecated_id=_meta_text(meta, "deprecatedID") or None,
        instance_name=_meta_text(meta, "instanceName") or None,
        is_encrypted=is_encrypted(root),
        root=root,
    )
    _require_short(instance)
    return instance


def expected_attachments(definition: FormDefinition, instance: Instance) -> tuple[str, ...]:
    """The file names the instance refers to, once each, in document order (openrosa.md §7.7)."""
    if instance.is_encrypted:
        return tuple(dict.fromkeys(_encrypted_files(instance.root)))
    return tuple(dict.fromkeys(name for name in _binary_texts(definition.root, instance.root)))


def is_encrypted(root: etree._Element) -> bool:
    """True for the encryption manifest that stands for an instance (openrosa.md §8.2)."""
    return root.get("encrypted") == "yes"


def is_binary(field: Field) -> bool:
    """True if the answer is a file name; the client's audit log counts (Central's API, fields)."""
    return field.bind.type == "binary" or field.path == "/meta/audit"


def _binary_texts(container: Field, element: etree._Element) -> Iterator[str]:
    for field in container.children:
        if field.kind is Kind.QUESTION and not is_binary(field):
            continue
        for child in (e for e in element if local_name(e) == field.name):
            if field.children:
                yield from _binary_texts(field, child)
            elif text := (child.text or "").strip():
                yield text


def _encrypted_files(root: etree._Element) -> Iterator[str]:
    for element in root.iter():
        if local_name(element) in ("file", "encryptedXmlFile") and (element.text or "").strip():
            yield (element.text or "").strip()


def _meta_text(meta: etree._Element | None, name: str) -> str:
    element = find_child(meta, name)
    return (element.text or "").strip() if element is not None else ""


def _version(root: etree._Element) -> str:
    plain = root.get("version")
    if plain is not None:
        return plain
    return next((str(v) for k, v in root.attrib.items() if str(k).endswith("}version")), "")


def _require_short(instance: Instance) -> None:
    ids = (instance.xml_form_id, instance.version, instance.instance_id)
    if any(len(text) > MAX_ID for text in (*ids, instance.deprecated_id or "")):
        raise InstanceRefused(Reason.TEXT_TOO_LONG, str(MAX_ID))
