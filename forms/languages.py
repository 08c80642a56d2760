"""Texts by language: the names that forms give to languages end in a code, `Tiếng Việt (vi)`."""

from __future__ import annotations

from collections.abc import Mapping


def find_text(texts: Mapping[str, str], language: str) -> str:
    """The text in a language (`vi`), else in the form's first; "" where there is none."""
    named = (text for name, text in texts.items() if name.endswith(f"({language})") and text)
    return next(named, None) or next((text for text in texts.values() if text), "")
