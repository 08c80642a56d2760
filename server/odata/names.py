"""Names as OData may have them (central-api.md §13.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable

_OTHER = re.compile(r"[^A-Za-z0-9_]+")


def to_identifier(name: str) -> str:
    plain = _OTHER.sub("_", name)
    return plain if re.match("[A-Za-z_]", name) else f"_{plain}"


def to_identifiers(names: Iterable[str], *, taken: Iterable[str]) -> dict[str, str]:
    """Each name's own: two that would be the same are told apart by a number.

    Central gives both the same name, and Power BI then refuses the whole document.
    """
    used = set(taken)
    found = {}
    for name in names:
        identifier = plain = to_identifier(name)
        number = 2
        while identifier in used:
            identifier, number = f"{plain}_{number}", number + 1
        used.add(identifier)
        found[name] = identifier
    return found
