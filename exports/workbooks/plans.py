"""What comes first in the sheets of forms that we know; other forms' sheets are in form order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CHILDREN = "children"
"""The sheet that has a row for each child."""
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
        CHILDREN,
        "child_name",
        (
            *(VILLAGE, "child_name", "child_sex", BORN, AGE, "sc_open", "risk_groups"),
            *("school_status", "health_insurance", "birth_registration", HOUSEHOLD),
        ),
    ),
}
PLANS: Mapping[str, Mapping[str, TablePlan]] = {"child_situation": _CHILD_SITUATION}
"""By the form's id, then by the table's name."""


def find_children(form: str, tables: Iterable[str]) -> int | None:
    """Which of a form's tables has a row for each child; None for a form that we do not know."""
    plans = PLANS.get(form, {})
    of_children = {name for name, plan in plans.items() if plan.sheet == CHILDREN}
    return next((at for at, name in enumerate(tables) if name in of_children), None)
