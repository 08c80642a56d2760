"""A release: one handing over of de-identified data, to whom and what for (domain.md §7.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

SMALLEST_CLASS = 5
_SHORTEST_KEY = 16
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Release:
    """`key` is of this release alone, random and kept secret: who has it can try out ids.

    With `has_grid` positions stay as a grid of about a kilometre where enough rows share a cell.
    Nobody stands out among fewer than `smallest_class` rows. `id` is by what its files are known.
    """

    key: bytes = field(repr=False)
    purpose: str
    recipient: str
    expires_on: date
    has_grid: bool = False
    id: int | None = None
    smallest_class: int = SMALLEST_CLASS

    def __post_init__(self) -> None:
        if len(self.key) < _SHORTEST_KEY:
            raise ValueError(f"the key of a release has at least {_SHORTEST_KEY} bytes")
        if self.smallest_class < _FEWEST:
            raise ValueError(f"a class has at least {_FEWEST} rows")
