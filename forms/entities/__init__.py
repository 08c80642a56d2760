"""Entities: what a form declares, what a slip asks for, and what becomes of it (openrosa.md §9)."""

from .changes import Change, allowed_actions, is_uuid4, read_changes
from .checking import check_declarations
from .declarations import Action, Declaration, read_declarations
from .facts import Fact, Statement, check_facts, read_facts, read_statements
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
    worst,
)
from .merged import decide_merged
from .names import is_dataset_name, is_property_name

__all__ = [
    "Action",
    "Change",
    "Conflict",
    "Created",
    "Declaration",
    "Fact",
    "Held",
    "Outcome",
    "Refusal",
    "Refused",
    "Statement",
    "Updated",
    "Version",
    "allowed_actions",
    "check_declarations",
    "check_facts",
    "decide",
    "decide_merged",
    "is_dataset_name",
    "is_property_name",
    "is_uuid4",
    "read_changes",
    "read_declarations",
    "read_facts",
    "read_statements",
    "successors",
    "worst",
]
