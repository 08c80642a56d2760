"""What JavaRosa's jar has not, but Collect: pulldata() and intersects()."""

from __future__ import annotations

from datetime import datetime

import pytest
from lxml import etree

from forms.errors import NotEvaluated
from forms.evaluation import Clock, LookupList, compile_rules
from tests.helpers.corpus import compile_corpus_form
from tests.helpers.expressions import evaluate
from tests.helpers.verdicts import Question

HOUSES = [{"key": "1", "name": "An"}, {"key": "01", "name": "Bình"}, {"key": "1", "name": "Chi"}]


def pull(expression: str, rows=HOUSES):
    definition = compile_corpus_form(f"text | k\ncalculate | c | {expression}")
    lists = {"houses": LookupList(rows)} if rows else {}
    rules = compile_rules(definition, lists)
    assert not rules.unsupported
    evaluation = rules.open(etree.fromstring("<data><k>1</k></data>"), Clock(datetime(2026, 1, 1)))
    node = next(node for node in evaluation.nodes() if node.path == "/c")
    return evaluation.calculated(node)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("pulldata('houses', 'name', 'key', ${k})", "An"),
        ("pulldata('houses', 'name', 'key', '01')", "Bình"),
        ("pulldata('houses', 'name', 'key', 1)", "An"),
        ("pulldata('houses', 'name', 'key', 'x')", ""),
        ("pulldata('houses', 'name', 'key', '')", ""),
        ("pulldata('houses', 'key', 'name', 'Chi')", "1"),
    ],
)
def test_pulldata_takes_the_first_row_whose_key_is_the_text(expression, value):
    assert pull(expression) == value


def test_pulldata_without_its_file_is_not_evaluated():
    with pytest.raises(NotEvaluated, match="houses"):
        pull("pulldata('houses', 'name', 'key', ${k})", rows=None)


@pytest.mark.parametrize(
    ("line", "crosses"),
    [
        ("0 0;0 1;1 1;1 0", False),
        ("0 0;0 1;1 1;1 0;0 0", False),
        ("0 0;1 1;1 0;0 1", True),
        ("0 0;1 1;1 0;0 1;0 0", True),
        ("0 0;0 2;1 1;0 1", True),
        ("0 0;0 2;0 1", True),
        ("0 0;0 1;0 2", False),
        ("0 0;0 1;0 1;1 1", False),
        ("0 0;0 1;0 0", True),
        ("0 0;1 1", False),
        ("", False),
        ("north;south;east", False),
    ],
)
def test_a_line_intersects_where_it_crosses_touches_or_folds_back(line, crosses):
    found = evaluate(Question("intersects(/data/line)", (("line", "string", line),)))

    assert found.value == ("true" if crosses else "false")
