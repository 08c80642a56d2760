"""Write a public key into a form, so that phones encrypt what is filled (openrosa.md §8.1).

Bytes, hash and version change together: one form id and version never name two definitions
(openrosa.md §6.2).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

from lxml import etree

from .definitions import FormDefinition
from .xforms import MAX_BYTES, MAX_NODES, XFORMS, parse_xform
from .xml import local_name, parse_xml


def with_public_key(definition: FormDefinition, public: str) -> FormDefinition:
    """The form with that key; a form that brings its own keeps it, and is returned as it is.

    The same form and key give the same bytes and version. Raises WorkbookRefused where the longer
    version is too long.
    """
    if definition.public_key:
        return definition
    keyed = parse_xform(_write(definition.xform, public))
    return replace(
        keyed,
        commune_field=definition.commune_field,
        data_class=definition.data_class,
        itemsets_csv=definition.itemsets_csv,
        warnings=definition.warnings,
    )


def _write(xform: bytes, public: str) -> bytes:
    root = parse_xml(xform, max_bytes=MAX_BYTES, max_nodes=MAX_NODES)
    model = next(e for e in root.iter() if local_name(e) == "model")
    submission = next((e for e in model if local_name(e) == "submission"), None)
    if submission is None:
        submission = etree.Element(f"{{{XFORMS}}}submission")
        model.insert(0, submission)
    submission.set("base64RsaPublicKey", public)
    instance = next(e for e in model if local_name(e) == "instance")
    primary = instance[0]
    name = next((k for k in primary.attrib if str(k).rpartition("}")[2] == "version"), "version")
    primary.set(name, primary.get(name, "") + version_suffix(public))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def version_suffix(public: str) -> str:
    """What Central appends to a version; made of the key, so that the same again is the same."""
    digest = hashlib.sha256(public.encode()).digest()
    return f"[encrypted:{base64.urlsafe_b64encode(digest[:6]).decode()}]"
