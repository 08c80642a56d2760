"""Findings in words: the form's own message where it has one, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.checking import DeclaredCheck
from forms.definitions import Field, FormDefinition, Texts
from forms.languages import find_text
from server.messages import has_finding_text, text

_LONGEST_LABEL = 120


def finding_text(
    definition: FormDefinition,
    checks: tuple[DeclaredCheck, ...],
    language: str,
    *,
    code: str,
    path: str = "",
    value: str = "",
    details: Mapping[str, Any] | None = None,
) -> str:
    """One sentence for a person. `language` is `vi` or `en`."""
    field = _find_field(definition, path)
    own = _own_message(field, code, language)
    declared = next((check for check in checks if check.id == code), None)
    if declared is not None:
        own = find_text(declared.messages, language)
    if own:
        return own
    key = f"finding_{code}" if has_finding_text(code) else "finding_unknown"
    label = _label(field, language) or path.rpartition("/")[2]
    return text(key, language, **{**(details or {}), "code": code, "label": label, "value": value})


def _own_message(field: Field | None, code: str, language: str) -> str:
    if field is None:
        return ""
    messages: Texts = {}
    if code == "constraint":
        messages = field.bind.constraint_messages
    elif code == "required":
        messages = field.bind.required_messages
    return find_text(messages, language)


def _find_field(definition: FormDefinition, path: str) -> Field | None:
    plain = "/".join(step.partition("[")[0] for step in path.split("/"))
    return next((f for f in definition.fields() if f.path == plain), None) if plain else None


def _label(field: Field | None, language: str) -> str:
    label = " ".join(find_text(field.labels, language).split()) if field else ""
    return label if len(label) <= _LONGEST_LABEL else f"{label[:_LONGEST_LABEL]}…"
