"""Compiled definitions of form versions, each read once in a process."""

from __future__ import annotations

from functools import lru_cache

from forms.definitions import FormDefinition
from forms.xforms import parse_xform
from server.queries import forms


def get_definition(version_id: int, sha256: str, commune_field: str) -> FormDefinition:
    """The definition of a version; the hash makes a replaced draft another entry."""
    return _read(version_id, sha256, commune_field)


@lru_cache(maxsize=256)
def _read(version_id: int, _sha256: str, commune_field: str) -> FormDefinition:
    return parse_xform(forms.load_xform(version_id)).with_commune_field(commune_field)
