"""Make of an instance what may stay after lawful erasure: its structure, and few answers.

The instance is written anew from what the definition knows: nothing else can come along, be it a
comment, an attribute, a name space or an element that is no field.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from .definitions import Field, FormDefinition, Kind
from .instances import Instance, is_binary, parse_instance
from .xml import local_name

STATUTORY = "statutory"
"""What the bind's attribute `kept` says of an answer that the law asks for."""
KEY_FIELDS = ("hh_uid", "child_uid")
"""Fields that hold the opaque key of a household or a child."""
KEY_REFERENCES = ("hh_ref", "child_ref")
"""Fields in which such a key was chosen."""
CONSENT_FIELDS = ("consent", "consent_basis", "consent_at")
_DATES = (("timestamp", "start"), ("timestamp", "end"), ("date", "today"))
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]{1,16}(Z|[+-]\d\d:?\d\d)?)?")
_KEPT_META = ("instanceID", "deprecatedID")


def redact_instance(
    definition: FormDefinition, xml: bytes, *, kept_paths: Collection[str] = (), key: str = ""
) -> bytes:
    """Empty every answer that is not kept.

    `kept_paths` are kept beside what every form keeps. With `key`, only the innermost repeat
    instances that hold it are emptied, and what the form calculates from them; the whole where it
    stands outside all repeats; nothing where it does not occur.
    """
    instance = parse_instance(xml)
    redacting = _Redacting(frozenset(kept_paths))
    holders = list(find_holders(definition, instance.root, key)) if key else []
    if key and not holders:
        return xml
    if not key or any(element is instance.root for _, element in holders):
        return _write(_whole(definition, instance, redacting))
    root = deepcopy(instance.root)
    for field, element in find_holders(definition, root, key):
        _empty_dependents(definition, root, field)
        _replace(element, redacting.rebuilt(field, element))
    return _write(root)


def bare_instance(xml: bytes) -> bytes:
    """Only what an instance is called: form, version, its id and that of what it edits."""
    instance = parse_instance(xml)
    root = _root(instance)
    root.append(_meta(instance))
    return _write(root)


def without_siblings(definition: FormDefinition, xml: bytes, key: str) -> bytes:
    """The instance without the repeat instances beside those that hold the key."""
    root = parse_instance(xml).root
    holders = list(find_holders(definition, root, key))
    own = [element for _, element in holders]
    for field, element in holders:
        parent = element.getparent()
        for other in [] if parent is None else list(parent):
            if local_name(other) == field.name and other not in own and parent is not None:
                _empty_dependents(definition, root, field)
                parent.remove(other)
    return _write(root)


def find_holders(
    definition: FormDefinition, root: etree._Element, key: str
) -> Iterator[tuple[Field, etree._Element]]:
    """The innermost repeat instances that hold a key, each with its field; the root for outside."""
    found = dict(_holders(definition.root, root, definition.root, root, key))
    yield from ((field, element) for element, field in found.items())


def child_files(definition: FormDefinition, xml: bytes, key: str) -> frozenset[str]:
    """The names of the files that the emptied repeat instances of a key refer to."""
    root = parse_instance(xml).root
    return frozenset(
        text
        for field, element in find_holders(definition, root, key)
        for text in _file_names(field, element)
    )


@dataclass(frozen=True, slots=True)
class _Redacting:
    """What to keep beside what every form keeps."""

    kept_paths: frozenset[str]

    def rebuilt(self, field: Field, element: etree._Element) -> etree._Element:
        new = etree.Element(field.name)
        self.fill(new, field, element, is_kept=self._is_kept(field))
        return new

    def fill(
        self, new: etree._Element, field: Field, element: etree._Element, *, is_kept: bool
    ) -> None:
        if not field.children:
            new.text = _kept_text(field, element) if is_kept else None
        fields = {child.name: child for child in field.children}
        for child in element:
            below = fields.get(local_name(child))
            if below is not None and below.path != "/meta":
                part = etree.SubElement(new, below.name)
                self.fill(part, below, child, is_kept=is_kept or self._is_kept(below))

    def _is_kept(self, field: Field) -> bool:
        return (
            field.path in self.kept_paths
            or field.bind.kept == STATUTORY
            or field.name in KEY_FIELDS
            or field.name in CONSENT_FIELDS
            or (field.bind.preload, field.bind.preload_params) in _DATES
        )


def _whole(definition: FormDefinition, instance: Instance, redacting: _Redacting) -> etree._Element:
    root = _root(instance)
    if not instance.is_encrypted:
        redacting.fill(root, definition.root, instance.root, is_kept=False)
    root.append(_meta(instance))
    return root


def _root(instance: Instance) -> etree._Element:
    root = etree.Element(local_name(instance.root), {"id": instance.xml_form_id})
    if instance.version:
        root.set("version", instance.version)
    return root


def _meta(instance: Instance) -> etree._Element:
    """Identity, wherever the instance had it; the name it gives itself is an answer."""
    meta = etree.Element("meta")
    ids = (instance.instance_id, instance.deprecated_id)
    for name, text in zip(_KEPT_META, ids, strict=True):
        if text:
            etree.SubElement(meta, name).text = text
    return meta


def _kept_text(field: Field, element: etree._Element) -> str | None:
    text = element.text or ""
    if is_binary(field):  # a file's name without the file says only what it was about
        return None
    is_date = (field.bind.preload, field.bind.preload_params) in _DATES
    return None if is_date and not _MOMENT.fullmatch(text.strip()) else text or None


def _holders(
    field: Field, element: etree._Element, owner: Field, owning: etree._Element, key: str
) -> Iterator[tuple[etree._Element, Field]]:
    fields = {child.name: child for child in field.children}
    for child in element:
        below = fields.get(local_name(child))
        if below is None:
            continue
        if below.kind is Kind.REPEAT:
            yield from _holders(below, child, below, child, key)
        elif below.children:
            yield from _holders(below, child, owner, owning, key)
        elif below.name in (*KEY_FIELDS, *KEY_REFERENCES) and (child.text or "").strip() == key:
            yield owning, owner


def _file_names(field: Field, element: etree._Element) -> Iterator[str]:
    fields = {child.name: child for child in field.children}
    for child in element:
        below = fields.get(local_name(child))
        if below is None:
            continue
        if below.children:
            yield from _file_names(below, child)
        elif is_binary(below) and (text := (child.text or "").strip()):
            yield text


def _replace(old: etree._Element, new: etree._Element) -> None:
    parent = old.getparent()
    if parent is not None:
        new.tail = None
        parent.replace(old, new)


def _empty_dependents(definition: FormDefinition, root: etree._Element, repeat: Field) -> None:
    """Empty what the form calculates outside a repeat from the answers in it, and its name."""
    outside = {
        field.path: field.bind.calculate
        for field in definition.fields()
        if field.bind.calculate and not field.path.startswith(f"{repeat.path}/")
    }
    reached = re.compile(rf"/{re.escape(repeat.name)}\s*[\[/]")
    paths = {path for path, calculate in outside.items() if reached.search(calculate)}
    while more := {p for p, text in outside.items() if _mentions(text, paths)} - paths:
        paths |= more
    for path in (*paths, "/meta/instanceName"):
        for element in _elements(root, path.strip("/").split("/")):
            element.text = None
            del element[:]


def _mentions(calculate: str, paths: Collection[str]) -> bool:
    steps = set(re.findall(r"[\w.-]+", calculate))
    return any(path.rpartition("/")[2] in steps for path in paths)


def _elements(element: etree._Element, steps: list[str]) -> Iterator[etree._Element]:
    if not steps:
        yield element
        return
    for child in element:
        if local_name(child) == steps[0]:
            yield from _elements(child, steps[1:])


def _write(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def find_key(root: etree._Element, field_names: Collection[str]) -> str:
    """The first text of a field of one of these names, wherever it is below the element."""
    for element in root.iter():
        if local_name(element) in field_names and (text := (element.text or "").strip()):
            return text
    return ""
