"""A figure, and the budget that the design sets for it."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value. `budget` is a floor where `more_is_better`, else a ceiling."""

    name: str
    value: float
    unit: str
    budget: float | None = None
    more_is_better: bool = False

    def row(self) -> dict[str, object]:
        reached = None
        if self.budget is not None:
            reached = (
                self.value >= self.budget if self.more_is_better else self.value <= self.budget
            )
        row = asdict(self) | {"value": round(self.value, 2), "reached": reached}
        row.pop("more_is_better")
        return row


def say(text: str) -> None:
    """Progress, beside the JSON."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
