"""Patterns: as Java reads them or not at all, and never for long."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime

import pytest
from lxml import etree

from forms.errors import NotEvaluated, NotSupported
from forms.evaluation import Clock, compile_rules
from forms.evaluation.patterns import compile_pattern
from tests.helpers.corpus import compile_corpus_form

NAME = "^[^0-9]{1,30}( [^0-9 ]{1,30})+$"


@pytest.mark.parametrize(
    ("pattern", "text", "is_match"),
    [
        (r"\B", "", True),
        (r"a{2}", "aa", True),
        (r"a{1,}", "aaa", True),
        (r"(?i)a", "A", True),
        (r"(?i)đ", "Đ", False),
        (r"(?i:a)b", "AB", False),
        (r"(?i)k", "\u212a", False),
        (r"(?:a|ab)(?=c)c", "abc", True),
        (r"(?<!b)a", "a", True),
        (r"(?>a|ab)c", "abc", False),
        (r"[(?P{e<=1}]+", "{?(", True),
        (r"\(\?\{}", "(?{}", True),
        (NAME, "Nguyễn Thị Hồng Ánh", True),
        (NAME, "Nguyễn", False),
    ],
)
def test_a_pattern_matches_as_in_java(pattern, text, is_match):
    assert compile_pattern(pattern)(text) is is_match


@pytest.mark.parametrize(
    "pattern",
    [
        *("(?:ab){e<=1}", "a{i}", "a{,3}", "{", "(?<=a+)b"),
        *("(?|a|b)", "(?R)", "(?1)", "(?P<n>a)", "(?P>n)", "(?#c)a", "(a)(?(1)b|c)", "(*FAIL)"),
        *("(?s).", "(?x) a", "(?r)ab", "(?b)a", "(?e)a", "(?V1)[a--b]", "(?w)a", "a(?i)b"),
        *("[[:alpha:]]", r"\m", r"\X", r"\R", r"\G", r"\L<n>", r"\N{SPACE}", r"\p{IsLatin}"),
    ],
)
def test_what_java_reads_otherwise_is_not_supported(pattern):
    with pytest.raises(NotSupported):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^(a+)+$", "a" * 40 + "!"),
        ("^(a+)+$", "a" * 100_000 + "!"),
        ("(a|aa)+[bc]", "a" * 200),
        (NAME, "a " * 5000 + "1"),
        (NAME, " a" * 100_000 + "1"),
    ],
)
def test_a_hostile_answer_is_left_alone_soon(pattern, text):
    matches = compile_pattern(pattern)
    started = time.process_time()

    with suppress(NotEvaluated):
        assert not matches(text)

    assert time.process_time() - started < 2


def test_a_slip_full_of_hostile_answers_takes_no_longer_than_some():
    form = compile_corpus_form(
        "begin repeat | rep\ntext | a |  |  | regex(., '(a\\¦aa)+[bc]')\nend repeat\n"
        "text | b |  |  | regex(., '[0-9]+')"
    )
    hostile = "".join(f"<rep><a>{'a' * (200 + number)}</a></rep>" for number in range(200))
    slip = etree.fromstring(f"<data><rep><a>aab</a></rep>{hostile}<b>x</b></data>")
    evaluation = compile_rules(form).open(slip, Clock(datetime(2026, 11, 23)))
    started = time.process_time()
    (sound, *others), (last,) = evaluation.nodes_at("/rep/a"), evaluation.nodes_at("/b")

    assert evaluation.satisfies_constraint(sound)
    assert not evaluation.satisfies_constraint(last)
    for node in others:
        with pytest.raises(NotEvaluated):
            evaluation.satisfies_constraint(node)

    assert time.process_time() - started < 5


def test_a_pattern_that_is_not_supported_is_told_with_its_rule():
    rules = compile_rules(compile_corpus_form("text | a |  |  | regex(., '(?:ab){e<=1}')"))

    (unsupported,) = rules.unsupported
    assert "{e<" in unsupported.reason
