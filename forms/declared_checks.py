"""What a row of a workbook's sheet `checks` declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """E keeps a submission out of accepted figures, W asks for a look, I only informs
    (domain.md §3.7).
    """

    ERROR = "E"
    WARNING = "W"
    INFORMATION = "I"


@dataclass(frozen=True, slots=True)
class DeclaredCheck:
    """One row; `path` is that of its field, "" the whole slip; messages are by language name."""

    id: str
    severity: Severity
    path: str = ""
    relevant: str = ""
    constraint: str = ""
    check: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> DeclaredCheck:
        return cls(**{**row, "severity": Severity(row["severity"])})
