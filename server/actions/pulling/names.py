"""Names of files as another server gives them: never a path."""

from __future__ import annotations

_MAX = 255


def safe_name(name: str) -> str:
    """The same name that the file would get if a phone had sent it."""
    return "".join("_" if c in "/\\" or c < " " or c == "\x7f" else c for c in name)[:_MAX] or "_"
