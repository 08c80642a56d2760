"""`$orderby` and `$select` (central-api.md §13.4)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from server.errors import FilterFieldUnknown, FilterUnreadable, SelectedUnknown

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Order:
    """By which field; blanks come first if it ascends, else last."""

    name: str
    descends: bool = False


def parse_order(text: str, fields: Collection[str]) -> tuple[Order, ...]:
    """What comes first counts most; a field that comes again counts no more."""
    found: dict[str, Order] = {}
    for item in text.split(","):
        name, *rest = item.split() or [""]
        direction = " ".join(rest).lower()
        if name not in fields:
            raise FilterFieldUnknown(at=text.index(item), text=name[:_SHOWN])
        if direction not in ("", "asc", "desc"):
            shown = item.strip()[:_SHOWN].replace("\0", "")
            raise FilterUnreadable(subject="order", reason=shown, text=shown)
        found.setdefault(name, Order(name, direction == "desc"))
    return tuple(found.values())


def parse_select(text: str, fields: Collection[str]) -> frozenset[str] | None:
    """The fields that are wanted; None for all of them. `group` stands for all of `group/…`."""
    names = [name.strip() for name in text.split(",")]
    groups = {field.partition("/")[0] for field in fields}
    for name in names:
        if name != "*" and name not in fields and name not in groups:
            raise SelectedUnknown(property=name[:_SHOWN])
    if "*" in names:
        return None
    wanted = frozenset(names)
    return frozenset(f for f in fields if f in wanted or f.partition("/")[0] in wanted)
