"""Texts for people, by code, in Vietnamese and English; chosen at the edge."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path

_FIELD = re.compile(r"\{(\w+)\}")
_FOLDER = Path(__file__).parent / "translations"


def error_text(code: Decimal, language: str, details: dict[str, object] | None = None) -> str:
    """One sentence that says what to do; that of the code's whole part where it has none.

    A refusal that names its `subject`, or what it `expected`, may have a text for it: `404.1 unit`
    before `404.1`.
    """
    texts = _catalogue(language)["errors"]
    subject = (details or {}).get("subject", (details or {}).get("expected"))
    if (details or {}).get("version") == "":  # Central allows forms without a version
        texts = texts | _catalogue(language)["unversioned"]
    keys = (f"{code} {subject}", str(code), str(int(code)), "500.1")
    return _fill(next(texts[key] for key in keys if key in texts), details or {})


def phone_text(code: Decimal, language: str, details: dict[str, object] | None = None) -> str:
    """The same for the person with the phone, who needs to know what becomes of the form on it."""
    text = _catalogue(language)["phone"].get(str(code))
    if (details or {}).get("version") == "":
        text = _catalogue(language)["unversioned"].get(str(code), text)
    return _fill(text, details or {}) if text else error_text(code, language, details)


def text(key: str, language: str, **details: object) -> str:
    return _fill(_catalogue(language)["texts"][key], details)


def has_finding_text(code: str) -> bool:
    """Whether the server itself knows the code, or only some form's check does."""
    return f"finding_{code}" in _catalogue("en")["texts"]


def _fill(text: str, details: dict[str, object]) -> str:
    """Replace `{name}` once, so that braces in an answer stay what they are."""
    return _FIELD.sub(lambda m: str(details.get(m[1], "")), text)


@cache
def _catalogue(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
