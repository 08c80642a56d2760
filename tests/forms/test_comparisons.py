"""The shortened comparison of pyxform's elements changes nothing of what it makes."""

from __future__ import annotations

import pytest
from pyxform.survey_element import SurveyElement
from pyxform.xls2xform import convert

from forms import comparisons
from tests.helpers.slips import HOUSES, ROOT

LONG = ROOT / "xlsforms" / "case_followup" / "case_followup.xlsx"
NESTED = """
| survey |
| | type         | name  | label | default     |
| | begin_repeat | outer | Outer |             |
| | date         | day   | Day   | today()     |
| | begin_repeat | inner | Inner |             |
| | date         | day   | Day   | today()     |
| | end_repeat   |       |       |             |
| | end_repeat   |       |       |             |
| | begin_repeat | other | Other |             |
| | date         | day   | Day   | today()     |
| | end_repeat   |       |       |             |
"""


@pytest.mark.parametrize("source", [HOUSES, NESTED, LONG], ids=["houses", "nested", "long"])
def test_the_same_form_comes_out(source, monkeypatch):
    monkeypatch.setattr(SurveyElement, "__eq__", comparisons._by_what_they_hold)
    slow = convert(source).xform

    comparisons.compare_by_identity_first()

    assert convert(source).xform == slow


def test_what_holds_the_same_is_still_equal_and_what_does_not_is_not():
    survey, again = (convert(HOUSES)._survey for _ in range(2))

    assert survey is not again
    assert survey == again
    assert survey != survey.children[0]
