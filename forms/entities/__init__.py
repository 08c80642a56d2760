"""Entities: what a form declares, what a slip asks for, and what becomes of it (openrosa.md §9)."""

from .changes import Change, is_uuid4, read_changes
from .declarations import Action, Declaration, check_declarations, read_declarations
from .histories import (
    Conflict,
    Created,
    Held,
    Outcome,
    Refusal,
    Refused,
    Updated,
    Version,
    decide,
    successors,
)

__all__ = [
    "Action",
    "Change",
    "Conflict",
    "Created",
    "Declaration",
    "Held",
    "Outcome",
    "Refusal",
    "Refused",
    "Updated",
    "Version",
    "check_declarations",
    "decide",
    "is_uuid4",
    "read_changes",
    "read_declarations",
    "successors",
]
