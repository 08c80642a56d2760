"""Text as Excel counts it: in units of UTF-16, of which an emoji has two."""

from __future__ import annotations


def count_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, units: int) -> str:
    """Its beginning, of so many units at most; no character is halved."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore")
