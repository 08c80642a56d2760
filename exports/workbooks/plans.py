"""What comes first in the sheets of forms that we know; other forms' sheets are in form order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

VILLAGE, HOUSEHOLD, BORN, AGE = "@village", "@household", "@born", "@age"
"""Columns that no single field holds."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """`sheet` names a text. `first` are names of fields, or of columns that no field holds, which
    are printed; by the field `person` rows are sorted.
    """

    sheet: str
    person: str
    first: tuple[str, ...]


_CHILD_SITUATION = {
    "": TablePlan(
        "households",
        "hh_head_name",
        (
            *(VILLAGE, "hh_head_name", "hh_phone", "address_detail", "hh_size"),
            *("n_children_declared", "poverty_status", "hh_issues", "survey_date", "consent"),
            "ReviewState",
        ),
    ),
    "rep_child": TablePlan(
        "children",
        "child_name",
        (
            *(VILLAGE, "child_name", "child_sex", BORN, AGE, "sc_open", "risk_groups"),
            *("school_status", "health_insurance", "birth_registration", HOUSEHOLD),
        ),
    ),
}
PLANS: Mapping[str, Mapping[str, TablePlan]] = {"child_situation": _CHILD_SITUATION}
"""By the form's id, then by the table's name."""
