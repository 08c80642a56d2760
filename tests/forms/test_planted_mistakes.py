"""Two hundred and more faulty workbooks: the linter finds each mistake in its cell."""

from __future__ import annotations

import re

import pytest

from forms.errors import Problem, WorkbookRefused
from forms.texts import load_texts
from forms.workbooks import compile_form
from tests.helpers.planting import MISTAKES, SILENT, is_told_at, iter_planted
from tests.helpers.slips import ROOT

XLSFORMS = ROOT / "xlsforms"
ROUNDS = {
    "village_monthly": 1,
    "commune_plan": 1,
    "abuse_report": 1,
    "case_followup": 1,
    "child_situation": 1,
}


def lint(source: bytes, name: str) -> tuple[Problem, ...]:
    try:
        return compile_form(source, filename=f"{name}.xlsx").warnings
    except WorkbookRefused as error:
        return tuple(error.problems)


@pytest.mark.parametrize("name", ROUNDS)
def test_planted_mistakes_are_found_in_their_cells(name):
    source = (XLSFORMS / name / f"{name}.xlsx").read_bytes()
    planted = list(iter_planted(source, name, times=ROUNDS[name]))
    elsewhere = []
    for mistake in planted:
        problems = lint(mistake.source, name)
        if not mistake.cells:
            assert problems == (), (mistake.row, [str(p) for p in problems])
            continue
        assert problems, f"row {mistake.row} went by in silence"
        if not any(is_told_at(p.place, mistake.cells) for p in problems):
            elsewhere.append((mistake.row, mistake.cells, [str(p) for p in problems]))
    told = len(planted) - len(elsewhere)
    print(f"{name}: {told} of {len(planted)} located")

    assert len(planted) == len(MISTAKES) * ROUNDS[name]
    assert told / len(planted) >= 0.95, elsewhere


def test_there_are_more_than_two_hundred_of_them():
    assert sum(ROUNDS.values()) * len(MISTAKES) >= 200
    assert len(MISTAKES) == 44
    assert len(SILENT) < 5


@pytest.mark.parametrize("name", ROUNDS)
def test_the_shipped_workbooks_raise_no_false_alarm(name):
    assert lint((XLSFORMS / name / f"{name}.xlsx").read_bytes(), name) == ()


def test_every_text_is_there_in_both_languages_and_says_what_to_do():
    vietnamese, english = load_texts("vi"), load_texts("en")
    parts = ("xpath.", "unsupported.", "suggestion", "validate.said")

    assert vietnamese.keys() == english.keys()
    for code in english:
        if not code.startswith(parts):
            assert vietnamese[code] != english[code]
            assert english[code].endswith((".", "}", "…")), code
            assert vietnamese[code].endswith((".", "}", "…")), code


def test_every_reason_that_is_raised_has_a_text_and_every_text_is_raised():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "forms").rglob("*.py")]
    raised = re.findall(r"(?:NotSupported|KeyRefused)\(\s*\"([^\"]+)\"", "".join(sources))

    texts = {code for code in load_texts("en") if code.startswith(("unsupported.", "key."))}
    assert set(raised) == texts
