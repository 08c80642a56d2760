"""Form versions as receiving and exporting need them, each read once in a process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from forms.definitions import FormDefinition
from forms.entities import Declaration, Fact, read_declarations, read_facts
from forms.instances import is_binary
from forms.xforms import parse_xform
from server.actions.communes import Places, find_places
from server.actions.consents import ConsentPaths, find_consent_paths
from server.models import Form
from server.queries import forms


@dataclass(frozen=True, slots=True)
class CompiledVersion:
    """A definition, and what would otherwise be looked for in it with every slip."""

    definition: FormDefinition
    places: Places
    has_files: bool
    consent: ConsentPaths | None
    entities: tuple[Declaration, ...]
    facts: tuple[Fact, ...]


def get_compiled(version_id: int, sha256: str, commune_field: str) -> CompiledVersion:
    """The version; its hash makes a replaced draft another entry."""
    return _compile(version_id, sha256, commune_field)


def get_definition(version_id: int, sha256: str, commune_field: str) -> FormDefinition:
    return _compile(version_id, sha256, commune_field).definition


def get_definitions(form: Form) -> dict[int, FormDefinition]:
    """Every published version of a form by id, newest first."""
    return {
        v.id: get_definition(v.id, v.sha256, v.commune_field) for v in forms.list_versions(form)
    }


@lru_cache(maxsize=256)
def _compile(version_id: int, _sha256: str, commune_field: str) -> CompiledVersion:
    definition = parse_xform(forms.load_xform(version_id)).with_commune_field(commune_field)
    has_files = any(is_binary(field) for field in definition.fields())
    places, consent = find_places(definition), find_consent_paths(definition)
    declared, facts = read_declarations(definition), read_facts(definition)
    return CompiledVersion(definition, places, has_files, consent, declared, facts)
