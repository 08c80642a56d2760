"""What kind of data a form gathers: by that, duties open it (domain.md §1.4).

The settings sheet says it in its column `data_class`; the shipped forms are known by their ids.
"""

from __future__ import annotations

from enum import StrEnum


class DataClass(StrEnum):
    """register: identified people; case: restricted; plan: a commune's; report: figures only."""

    REGISTER = "register"
    CASE = "case"
    PLAN = "plan"
    REPORT = "report"


_OF_SHIPPED = {
    "abuse_report": DataClass.CASE,
    "case_followup": DataClass.CASE,
    "commune_plan": DataClass.PLAN,
    "village_monthly": DataClass.REPORT,
}


def find_data_class(xml_form_id: str, setting: str) -> DataClass:
    """What the setting says; a shipped form that is restricted stays so whatever it says.

    Raises ValueError for a setting that is none.
    """
    shipped = _OF_SHIPPED.get(xml_form_id, DataClass.REGISTER)
    if shipped is DataClass.CASE or not setting:
        return shipped
    return DataClass(setting.lower())
