"""XPath expressions: what is one, what is not, and where it stops being one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.errors import ExpressionRefused
from forms.xpath import (
    Binary,
    Call,
    Filter,
    Negation,
    Number,
    Path,
    Step,
    Text,
    parse_expression,
    print_expression,
    walk,
)

NAMES = st.sampled_from(["a", "tuổi", "họ_tên", "div", "or", "mod-1", "x.y", "orx:meta", "*"])
NUMBERS = st.builds(Number, st.floats(0, 1e30, allow_nan=False))
TEXTS = st.builds(Text, st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"])))
OPERATORS = st.sampled_from(
    ["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"]
)
EXPRESSIONS = st.deferred(
    lambda: NUMBERS | TEXTS | PATHS | CALLS | NEGATIONS | BINARIES | UNIONS | FILTERS
)
LISTS = st.lists(EXPRESSIONS, max_size=2).map(tuple)
STEPS = st.builds(
    Step,
    st.sampled_from(["child", "attribute", "parent", "descendant"]),
    NAMES | st.just("node()"),
    st.lists(EXPRESSIONS, max_size=1).map(tuple),
)
STEP_LISTS = st.lists(STEPS | st.just(Step("self", "node()")), max_size=3).map(tuple)
PATHS = st.builds(Path, st.booleans(), STEP_LISTS).filter(lambda p: p.is_absolute or p.steps)
CALLS = st.builds(Call, st.sampled_from(["if", "jr:choice-name", "or"]), LISTS)
NEGATIONS = st.builds(Negation, EXPRESSIONS)
BINARIES = st.builds(Binary, OPERATORS, EXPRESSIONS, EXPRESSIONS)
UNIONS = st.builds(Binary, st.just("|"), PATHS | CALLS, PATHS | CALLS)
FILTERS = st.builds(Filter, EXPRESSIONS, LISTS, STEP_LISTS).filter(
    lambda f: f.predicates or f.steps
)


@given(EXPRESSIONS)
def test_what_is_printed_parses_to_the_same_tree(expression):
    assert parse_expression(print_expression(expression)) == expression


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", Binary("+", Number(1), Binary("*", Number(2), Number(3)))),
        ("3 - 2 - 1", Binary("-", Binary("-", Number(3), Number(2)), Number(1))),
        ("-.5", Negation(Number(0.5))),
        (". >= 0", Binary(">=", Path(False, (Step("self", "node()"),)), Number(0))),
        ("a-b", Path(False, (Step("child", "a-b"),))),
        ("* * *", Binary("*", *2 * [Path(False, (Step("child", "*"),))])),
        ("/data/tuổi", Path(True, (Step("child", "data"), Step("child", "tuổi")))),
        (
            "current()/../x",
            Filter(Call("current"), (), (Step("parent", "node()"), Step("child", "x"))),
        ),
        (
            "instance('l')/root/item[name = '1']",
            Filter(
                Call("instance", (Text("l"),)),
                (),
                (
                    Step("child", "root"),
                    Step(
                        "child",
                        "item",
                        (Binary("=", Path(False, (Step("child", "name"),)), Text("1")),),
                    ),
                ),
            ),
        ),
    ],
)
def test_operators_paths_and_calls_are_read_as_xpath_says(text, tree):
    assert parse_expression(text) == tree


@pytest.mark.parametrize(
    ("text", "rest", "words"),
    [
        ("/data/a = (1", "", "«)» is missing"),
        (". >", "", "missing at the end"),
        ("/data/a >> 5", "> 5", "cannot stand here"),
        ("tinh==/data/t", "=/data/t", "one «=»"),
        (". < 36,5", ",5", "with a point"),
        ("a && b", "&& b", "write «and»"),
        ("a = ‘1’", "‘1’", "straight quotes"),
        ("'open", "'open", "not closed"),
        ("$x + 1", "$x + 1", "${name}"),
        ("a b", "b", "cannot stand here"),
        ("f(,)", ",)", "cannot stand here"),
        ("", "", "missing"),
        ("(" * 5000, None, "nested deeper"),
        ("-" * 5000 + "1", None, "cannot stand here"),
    ],
)
def test_what_is_no_expression_is_refused_at_its_first_mistake(text, rest, words):
    with pytest.raises(ExpressionRefused) as caught:
        parse_expression(text)

    assert words in str(caught.value)
    if rest is not None:
        assert text[caught.value.position :] == rest


def test_a_sum_of_thousands_of_terms_is_read_walked_and_printed():
    text = " + ".join(["1"] * 5000)

    expression = parse_expression(text)

    assert print_expression(expression) == text
    assert sum(1 for _ in walk(expression)) == 9999


@given(st.text(max_size=40) | st.text("()[]/.*-'\"<>=,@: ab1", max_size=40))
def test_any_text_is_an_expression_or_refused_at_a_place_in_it(text):
    assert 0 <= _refused_at(text) <= len(text)


def _refused_at(text: str) -> int:
    try:
        parse_expression(text)
    except ExpressionRefused as error:
        return error.position
    return 0
