"""Whatever a form asks over whatever was sent: a value, or a reason why there is none."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from forms.errors import ExpressionRefused, NotEvaluated, NotSupported
from forms.evaluation import VIETNAM, Clock, LookupList
from forms.evaluation.answers import write_answer
from forms.evaluation.functions import FUNCTIONS
from forms.evaluation.moments import iso_moment, parse_moment
from forms.evaluation.numbers import format_double, parse_double
from forms.evaluation.patterns import compile_pattern
from forms.evaluation.values import are_equal, number_of_text, text_of_number, to_text
from tests.helpers.damaging import TEXTS
from tests.helpers.expressions import evaluate
from tests.helpers.verdicts import Question

TYPES = ["string", "int", "decimal", "date", "dateTime", "time", "boolean", "geopoint", "geoshape"]
ANSWERS = st.sampled_from(TEXTS) | st.text(max_size=8) | st.from_regex(r"[-0-9T:.+Z; ]{0,25}")
EDGES = ["0", "1", "-1", "1 div 0", "0 div 0", "99999999999", "0.5", "''", "'a'", "'1'", "true()"]
ATOMS = st.sampled_from([*EDGES, "/data/a", "/data/b", "/data/r", ".", "today()", "'2024-02-29'"])


@st.composite
def calls(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    name = draw(st.sampled_from(sorted(FUNCTIONS)))
    function = FUNCTIONS[name]
    most = function.least if function.most == -1 else function.most
    count = draw(st.integers(function.least, most if most is not None else function.least + 3))
    return f"{name}({', '.join(draw(inner) for _ in range(count))})"


def _binary(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = ["=", "!=", "<", ">=", "+", "-", "*", "div", "mod", "and", "or"]
    return st.builds("({} {} {})".format, inner, st.sampled_from(operators), inner)


EXPRESSIONS = st.recursive(ATOMS, lambda inner: calls(inner) | _binary(inner), max_leaves=6)


@settings(max_examples=600, deadline=None)
@given(EXPRESSIONS, st.sampled_from(TYPES), st.lists(ANSWERS, min_size=3, max_size=4))
def test_every_expression_has_a_value_or_a_reason(expression, kind, texts):
    names = ("a", "b", "r", "r")
    legal = ["".join(c for c in text if c.isprintable()) for text in texts]
    nodes = tuple((name, kind, text) for name, text in zip(names, legal, strict=False))

    try:
        value = evaluate(Question(expression, nodes, at="a"))
    except (NotEvaluated, NotSupported, ExpressionRefused):
        return
    assert value.type in ("string", "number", "boolean", "date", "nodeset")


@given(st.floats())
def test_a_number_is_written_so_that_it_can_be_read_again(number):
    read = parse_double(format_double(number))

    assert read == number or (math.isnan(read) and math.isnan(number))


@given(st.integers(-(2**31) + 1, 2**31 - 1))
def test_whole_numbers_have_no_point(number):
    assert text_of_number(float(number)) == str(number)
    assert number_of_text(str(number)) == number


@given(st.datetimes(datetime(1976, 1, 1), datetime(2100, 1, 1)))
def test_a_moment_is_written_so_that_it_can_be_read_again(moment):
    moment = moment.replace(microsecond=0)

    assert parse_moment(iso_moment(moment, VIETNAM), VIETNAM) == moment


@given(st.text(max_size=20), st.text(max_size=20))
def test_texts_are_equal_only_to_themselves(left, right):
    assert are_equal(left, right) is (left == right)


@given(st.text(max_size=15))
def test_any_pattern_is_made_ready_or_refused(pattern):
    with suppress(NotSupported):
        compile_pattern(pattern)


CELLS = st.sampled_from(["1", "01", "1.0", "a", "", " 1", "1,0", "2024-02-29", "NaN", "-0"])


@given(st.lists(CELLS, max_size=12), CELLS | st.sampled_from([0.0, 1.0, 1.5, -0.0, math.inf]))
def test_an_index_finds_what_asking_each_row_finds(cells, sought):
    rows = [{"key": cell, "at": str(at)} for at, cell in enumerate(cells)]

    found = LookupList(rows).find("key", sought)

    if found is not None:
        assert list(found) == [row for row in rows if are_equal(row["key"], sought)]


@given(st.sampled_from(TEXTS), st.sampled_from(TYPES))
def test_what_is_calculated_is_written_as_text(text, kind):
    clock = Clock(datetime(2026, 11, 23))

    assert to_text(write_answer(text, kind, clock)) == write_answer(text, kind, clock)
