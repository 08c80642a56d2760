"""The rules of a form over a submitted instance, and what is said where there is no answer."""

from __future__ import annotations

from datetime import datetime

import pytest
from lxml import etree

from forms.errors import NotEvaluated
from forms.evaluation import Clock, Evaluation, LookupList, RuleKind, compile_rules
from forms.evaluation.functions import FUNCTIONS
from forms.xpath.functions import ARITIES as KNOWN
from forms.xpath.functions import is_known
from tests.helpers.corpus import compile_corpus_form

NOW = datetime(2026, 11, 23, 9, 30)


def open_slip(rows: str, slip: str, **options) -> Evaluation:
    rules = compile_rules(compile_corpus_form(rows))
    return rules.open(etree.fromstring(f"<data>{slip}</data>"), Clock(NOW), **options)


def find(evaluation: Evaluation, path: str):
    return next(node for node in evaluation.nodes() if node.path == path)


def test_nodes_come_in_form_order_with_the_index_of_every_repeat():
    evaluation = open_slip(
        "begin repeat | rep\ntext | a\nbegin repeat | sub\ntext | b\nend repeat\nend repeat",
        "<rep><a>1</a><sub><b/></sub><sub><b/></sub></rep><rep><a>2</a></rep>",
    )

    paths = [node.path for node in evaluation.nodes() if not node.path.startswith("/meta")]

    assert paths == [
        *("/rep[1]", "/rep[1]/a", "/rep[1]/sub[1]", "/rep[1]/sub[1]/b"),
        *("/rep[1]/sub[2]", "/rep[1]/sub[2]/b", "/rep[2]", "/rep[2]/a"),
    ]


def test_a_question_that_was_not_sent_is_there_without_an_answer():
    evaluation = open_slip("text | a |  |  |  | true()", "")
    node = find(evaluation, "/a")

    assert node.element is None
    assert (node.value, evaluation.is_required(node)) == ("", True)


def test_what_is_switched_off_has_no_value_for_others_and_is_not_touched():
    slip = "<y>no</y><g><a>5</a></g><c/>"
    evaluation = open_slip(
        "select_one yesno | y\nbegin group | g |  | ${y} = 'yes'\ninteger | a\nend group\n"
        "calculate | c | concat('[', ${a}, ']')",
        slip,
    )
    node = find(evaluation, "/g/a")

    assert not evaluation.is_relevant(node)
    assert evaluation.calculated(find(evaluation, "/c")) == "[]"
    assert (node.value, node.element.text) == (5.0, "5")


def test_no_answer_keeps_every_constraint():
    evaluation = open_slip("integer | a |  |  | . > 5\ninteger | b |  |  | . > 5", "<a/><b>x</b>")

    assert all(evaluation.satisfies_constraint(node) for node in evaluation.nodes())


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("count(/data/*)", "child::*"),
        ("count(/*/a)", "child::*"),
        ("count(//a)", "descendant-or-self::"),
        ("property('deviceid')", "phone"),
        ("/data/a/../a = 1", "parent::"),
        ("string(@id)", "attribute"),
    ],
)
def test_what_is_not_supported_is_said_at_once_and_never_guessed(expression, word):
    rules = compile_rules(compile_corpus_form(f"text | a\ncalculate | c | {expression}"))

    (unsupported,) = rules.unsupported
    assert (unsupported.path, unsupported.kind) == ("/c", RuleKind.CALCULATE)
    assert word in unsupported.reason
    evaluation = rules.open(etree.fromstring("<data><a>1</a><c>2</c></data>"), Clock(NOW))
    with pytest.raises(NotEvaluated):
        evaluation.calculated(find(evaluation, "/c"))


def test_a_rule_that_ends_the_form_on_the_phone_is_not_evaluated():
    evaluation = open_slip(
        "begin repeat | rep\ninteger | a\nend repeat\ntext | t |  | ${a} > 1\ntext | u",
        "<rep><a>1</a></rep><rep><a>2</a></rep><t>x</t>",
    )

    with pytest.raises(NotEvaluated, match="several nodes"):
        evaluation.is_relevant(find(evaluation, "/t"))
    assert evaluation.is_relevant(find(evaluation, "/u"))


def test_questions_that_depend_on_the_one_before_may_be_many():
    rows = [f"text | q{i} |  | ${{q{i - 1}}} = 'x'" for i in range(1, 300)]
    answers = "".join(f"<q{i}>x</q{i}>" for i in range(300))
    evaluation = open_slip("\n".join(["text | q0", *rows]), answers)

    assert all(evaluation.is_relevant(node) for node in evaluation.nodes())


def test_a_long_chain_of_conditions_is_no_deep_recursion():
    condition = " or ".join(f"${{a}} = {i}" for i in range(2000))
    evaluation = open_slip(f"integer | a\ntext | t |  | {condition}", "<a>1999</a>")

    assert evaluation.is_relevant(find(evaluation, "/t"))


def test_what_is_nested_too_deep_is_not_supported():
    total = " + ".join(["${a}"] * 1000)
    rules = compile_rules(compile_corpus_form(f"integer | a\ncalculate | c | {total}"))

    assert [(u.path, u.kind) for u in rules.unsupported] == [("/c", RuleKind.CALCULATE)]


def test_the_choices_of_a_question_depend_on_its_filter():
    rows = "select_one sex | s\nselect_one place | p |  |  |  |  | area = ${s}\ntext | t"
    evaluation = open_slip(rows, "<s>1</s>")

    assert list(evaluation.offered_choices(find(evaluation, "/p"))) == ["11", "12"]
    assert evaluation.offered_choices(find(evaluation, "/s")) == {"1", "2"}
    assert evaluation.offered_choices(find(evaluation, "/t")) is None


def test_another_edition_of_a_list_can_be_given_for_one_slip():
    rows = "select_one place | p"
    edition = {"place": LookupList([{"name": "99"}])}

    evaluation = open_slip(rows, "<p>99</p>", lists=edition)

    assert evaluation.offered_choices(find(evaluation, "/p")) == {"99"}


@pytest.mark.parametrize(
    ("language", "label"), [(None, "Nữ"), ("English (en)", "Female"), ("tlh", "")]
)
def test_a_choice_has_its_name_in_the_language_of_the_slip(language, label):
    rows = "select_one sex | s\ncalculate | c | jr:choice-name(${s}, '${s}')"
    evaluation = open_slip(rows, "<s>2</s>", language=language)
    node = find(evaluation, "/c")

    assert evaluation.calculated(node) == label
    assert evaluation.rules(node).is_translated


@pytest.mark.parametrize(
    ("expression", "volatile", "translated"),
    [
        ("once(uuid())", True, False),
        ("format-date(today(), '%Y')", True, False),
        ("format-date(${d}, '%d %b')", False, True),
        ("format-date(${d}, '%d/%m')", False, False),
    ],
)
def test_it_is_known_what_another_moment_or_language_would_change(expression, volatile, translated):
    rules = compile_rules(compile_corpus_form(f"date | d\ncalculate | c | {expression}"))
    calculated = next(r for r in rules.fields if r.declared.name == "c")

    assert (calculated.is_volatile, calculated.is_translated) == (volatile, translated)


def test_today_is_the_day_of_the_slip():
    evaluation = open_slip("date | d |  |  | . <= today()", "<d>2026-11-24</d>")

    assert not evaluation.satisfies_constraint(find(evaluation, "/d"))


def test_what_a_designer_may_write_is_what_is_evaluated():
    evaluated = {*FUNCTIONS, "instance", "current"}

    assert {name for name in evaluated if not is_known(name)} == set()
    assert {name for name in KNOWN if name not in evaluated} == set()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_both_know_the_same_counts_of_arguments(name):
    function = FUNCTIONS[name]
    most = function.least if function.most == -1 else function.most

    assert KNOWN[name] == (function.least, most)
