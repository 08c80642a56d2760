"""All checks of the sheets of a workbook, in the order in which their problems are said."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from forms.blocks import Outline
from forms.errors import Problem
from forms.worksheets import Worksheets

from .appearances import check_appearances
from .choices import check_choices
from .flags import check_flags
from .headings import check_headings
from .languages import check_languages
from .names import check_names
from .questions import check_references, check_survey
from .settings import check_settings

Check = Callable[[Worksheets, Outline], Iterator[Problem]]
CHECKS: tuple[Check, ...] = (
    check_headings,
    check_survey,
    check_names,
    check_flags,
    check_references,
    check_appearances,
    check_languages,
    check_choices,
    check_settings,
)


def check_sheets(sheets: Worksheets, outline: Outline) -> list[Problem]:
    """What can be seen on the sheets without converting them."""
    found = [*outline.problems]
    for check in CHECKS:
        found += check(sheets, outline)
    return found
