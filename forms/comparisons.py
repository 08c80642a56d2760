"""Let pyxform see at once that a repeat is itself, whatever it holds.

pyxform asks of each question in a repeat whether that repeat is the one around it, and compares the
two by writing out everything below them: with one long repeat that is most of a conversion.
"""

from __future__ import annotations

from pyxform.survey_element import SurveyElement

_by_what_they_hold = SurveyElement.__eq__


def compare_by_identity_first() -> None:
    """Equal elements stay equal, and others unequal."""
    SurveyElement.__eq__ = _are_equal


def _are_equal(one: SurveyElement, other: object) -> bool:
    return one is other or bool(_by_what_they_hold(one, other))
