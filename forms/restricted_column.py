"""The survey sheet's column `restricted_save_to`: what is wrong in it, at its cells."""

from __future__ import annotations

from collections.abc import Iterator

from .blocks import Outline
from .definitions import FormDefinition
from .entities import check_facts
from .errors import Problem
from .worksheets import Worksheets

COLUMN = "restricted_save_to"


def check_restricted(
    definition: FormDefinition, sheets: Worksheets, outline: Outline, *, is_restricted: bool
) -> Iterator[Problem]:
    """Each at its cell; a definition without a workbook keeps the path of the field."""
    for problem in check_facts(definition, is_restricted=is_restricted):
        entry = outline.find(problem.node)
        if entry is None:
            yield problem
        else:
            yield sheets.survey.problem(problem.code, entry.number, COLUMN, problem.details)
