"""How lists of entities and their properties may be named (openrosa.md §9.1)."""

from __future__ import annotations

import re

_MARKS = r"\u00b7\u0300-\u036f"
_DATASET = re.compile(rf"(?:[^\W\d]|:)[\w:\-{_MARKS}]*")
_PROPERTY = re.compile(rf"[^\W\d][\w.\-{_MARKS}]*")
_OWN_COLUMNS = ("name", "label")


def is_dataset_name(name: str) -> bool:
    return _DATASET.fullmatch(name) is not None and not name.startswith("__")


def is_property_name(name: str) -> bool:
    """`name` and `label` are columns that every list has."""
    is_free = not name.startswith("__") and name.lower() not in _OWN_COLUMNS
    return _PROPERTY.fullmatch(name) is not None and is_free
