"""Single expressions have the value that JavaRosa gave them: tests/data/xpath."""

from __future__ import annotations

import math

import pytest

from forms.errors import ExpressionRefused, NotEvaluated, NotSupported
from forms.evaluation.functions import is_translated
from forms.xpath import parse_expression
from tests.helpers import recorded
from tests.helpers.expressions import evaluate
from tests.helpers.verdicts import Value

NOT_EVALUATED = (
    "10000-01-01",  # Python's years end at 9999
    "%W",  # weeks are counted otherwise in other countries
    "extract-signed(",
    "randomize(/data/v)",  # without a seed it is chance
    "data/n",  # above the root: no form's node stands there
    "(?<x>",  # patterns that Python has not
    "\\Q",
    "(?iu)",
    "&&",
    "\\h",
)
"""What we do not evaluate though JavaRosa does; all of it is in docs/xpath.md."""
OTHERWISE = (
    "'0001-01-01'",  # before there were zones, Java and Python count minutes otherwise
    "'1900-01-01'",
    "'2024-03-10T02:30:00'",  # an hour that New York's clocks skip
    "translate('😀'",  # half a character
)
"""What we answer otherwise; nothing that a form would ask."""
ONLY_IN_COLLECT = ("intersects(",)


def is_known(expression: str, parts: tuple[str, ...]) -> bool:
    return any(part in expression for part in parts)


def is_same(ours: Value, theirs: Value) -> bool:
    """Sines may differ in their last digit, from one C library to another; then texts do too."""
    if ours.type != theirs.type:
        return False
    if ours.exact != theirs.exact and ours.type == "number":
        return math.isclose(float(ours.exact or 0), float(theirs.exact or 0), rel_tol=4e-16)
    written = ours.type == "nodeset" or (ours.written or "") == (theirs.written or "")
    return ours.value == theirs.value and written


@pytest.mark.parametrize("name", recorded.names())
def test_values_are_those_of_javarosa(name):
    different = []
    for case in recorded.load(name):
        asked, theirs = case.question, case.value
        if theirs is None or is_known(asked.expression, (*OTHERWISE, *ONLY_IN_COLLECT)):
            continue
        try:
            ours = evaluate(asked)
        except (NotSupported, NotEvaluated, ExpressionRefused) as error:
            if theirs.type != "error" and not is_known(asked.expression, NOT_EVALUATED):
                different.append((asked.expression, str(error), theirs.value))
            continue
        if not is_same(ours, theirs) and not is_translated(parse_expression(asked.expression)):
            different.append((asked.expression, ours, theirs))

    assert not different
