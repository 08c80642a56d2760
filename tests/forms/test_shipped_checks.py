"""What the shipped forms declare on their sheet `checks` finds what is odd, and nothing else."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from forms.checking import CompiledCheck, check_slip, compile_checks
from forms.evaluation import Clock, FormRules, LookupList, compile_rules
from forms.list_files import read_list_file
from server.demo import Village, iter_slips
from tests.helpers.examples import EXAMPLES, compile_shipped, lists_of, workbook_of
from tests.helpers.slips import ROOT

PLANTED = {
    "review": {
        ("V05a", "W", "/rep_child[1]/g_id/child_pid"),
        ("V06", "W", "/g_hh/n_children_declared"),
        ("V08a", "E", "/rep_child[2]/g_sc/sc_open"),
        ("V09b", "W", "/rep_child[1]/g_sc/sc_open"),
        ("V22", "I", "/rep_child[2]/g_id/child_status"),
    }
}
FIRST, SECOND = "rep_child[1]", "rep_child[2]"
EARLY, LATE = "2026-11-18T01:00:00.000+07:00", "2026-11-18T23:10:00.000+07:00"
ODD = [
    ("V05a", "W", f"/{FIRST}/g_id/child_pid", {f"{FIRST}/g_id/pid_check": "year"}),
    ("V05b", "W", f"/{FIRST}/g_id/child_pid", {f"{FIRST}/g_id/child_pid": "999124000123"}),
    ("V06", "W", "/g_hh/n_children_declared", {"g_hh/n_children_declared": "3"}),
    ("V06", "W", "/g_hh/n_children_declared", {"g_hh/n_children_declared": "1"}),
    ("V07", "W", f"/{FIRST}/g_edu/school_status", {f"{FIRST}/g_edu/school_status": "3"}),
    ("V07", "W", f"/{SECOND}/g_edu/school_status", {f"{SECOND}/g_edu/school_status": "1"}),
    ("V07", "W", f"/{SECOND}/g_edu/school_status", {f"{SECOND}/g_edu/school_status": "2"}),
    ("V07", "W", f"/{SECOND}/g_edu/school_status", {f"{SECOND}/g_edu/school_status": "3"}),
    ("V07", "W", f"/{SECOND}/g_edu/school_status", {f"{SECOND}/g_edu/school_status": "5"}),
    ("V08a", "E", f"/{FIRST}/g_sc/sc_open", {f"{FIRST}/g_sc/sc_open": "01"}),
    ("V08b", "E", f"/{FIRST}/g_sc/sc_open", {f"{FIRST}/g_sc/sc_open": "03"}),
    ("V09a", "W", f"/{FIRST}/g_sc/sc_open", {f"{FIRST}/g_sc/sc_open": "04"}),
    ("V09b", "W", f"/{SECOND}/g_sc/sc_open", {f"{SECOND}/g_dis/disab_status": "2"}),
    ("V09c", "W", f"/{SECOND}/g_dis/disab_status", {f"{SECOND}/g_sc/sc_open": "00"}),
    ("V10", "E", f"/{SECOND}/g_sc/sc_open", {f"{SECOND}/g_sc/sc_open": "04 08"}),
    ("V11", "E", f"/{SECOND}/g_sc/sc_open", {f"{SECOND}/g_sc/sc_open": "04 13"}),
    ("V12a", "W", f"/{FIRST}/g_sc/risk_groups", {f"{FIRST}/g_sc/risk_groups": "R1"}),
    ("V12a", "W", f"/{FIRST}/g_sc/risk_groups", {"g_hh/poverty_status": "1"}),
    ("V12b", "W", f"/{FIRST}/g_sc/risk_groups", {f"{FIRST}/g_sc/risk_groups": "R2"}),
    ("V12b", "W", f"/{SECOND}/g_sc/risk_groups",
     {f"{SECOND}/g_edu/school_status": "8", f"{SECOND}/g_sc/sc_open": "00"}),
    ("V12c", "W", f"/{FIRST}/g_sc/risk_groups", {f"{FIRST}/g_sc/risk_groups": "R6"}),
    ("V12c", "W", f"/{FIRST}/g_sc/risk_groups",
     {f"{FIRST}/g_care/father_status": "2", f"{FIRST}/g_care/mother_status": "2",
      "g_hh/hh_issues": "2"}),
    ("V12d", "W", f"/{FIRST}/g_sc/risk_groups", {f"{FIRST}/g_sc/risk_groups": "R7"}),
    ("V12d", "W", f"/{FIRST}/g_sc/risk_groups", {f"{FIRST}/g_care/father_status": "4"}),
    ("V14", "W", f"/{FIRST}/g_id/child_dob_eff",
     {"g_consent/respondent_name": "Phạm Văn M", "g_consent/respondent_relation": "1",
      "g_hh/hh_head_birth_year": "1950"}),
    ("V16a", "I", "/end", {"end": "2026-11-18T19:12:00.000+07:00"}),
    ("V16b", "I", "/end", {"end": LATE}),
    ("V16b", "I", "/end", {"start": "2026-11-18T00:20:00.000+07:00", "end": EARLY}),
    ("V22", "I", f"/{SECOND}/g_id/child_status", {f"{SECOND}/g_id/age_years": "16"}),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    rules: FormRules
    checks: tuple[CompiledCheck, ...]


@cache
def form_of(workbook: Path) -> Form:
    definition = compile_shipped(workbook)
    ids = {i.filename: i.id for i in definition.external_instances}
    files = lists_of(workbook).items()
    lists = {ids[n]: LookupList(read_list_file(n, file)) for n, file in files if n in ids}
    rules = compile_rules(definition, lists)
    return Form(rules, compile_checks(rules, definition.checks))


def found(workbook: Path, root: etree._Element) -> set[tuple[str, str, str]]:
    """What the declared expressions find; the form's own rules have tests of their own."""
    form = form_of(workbook)
    end = datetime.fromisoformat(root.findtext("end") or "").replace(tzinfo=None)
    findings = check_slip(form.rules, root, Clock(end), checks=form.checks).findings
    declared = {check.declared.id for check in form.checks}
    return {(f.code, str(f.severity), f.path) for f in findings if f.code in declared}


def example(form: str, name: str) -> tuple[Path, etree._Element]:
    folder = ROOT / "xlsforms" / form
    slip = etree.fromstring((folder / "examples" / f"{name}.xml").read_bytes())
    return folder / f"{form}.xlsx", slip


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: f"{p.parents[1].name}-{p.stem}")
def test_an_example_has_only_what_it_plants(path):
    root = etree.fromstring(path.read_bytes())

    assert found(workbook_of(path), root) == PLANTED.get(path.stem, set())


@pytest.mark.parametrize(("code", "severity", "path", "answers"), ODD)
def test_an_odd_household_is_found_at_its_place(code, severity, path, answers):
    workbook, root = example("child_situation", "new_household")
    change(root, answers)

    assert (code, severity, path) in found(workbook, root)


@pytest.mark.parametrize(
    "answers",
    [
        {f"{FIRST}/g_id/child_status": "3", "g_hh/n_children_declared": "1"},
        {"g_visit/visit_type": "3", "g_hh/n_children_declared": "4"},
        {f"{FIRST}/g_care/father_status": "2", f"{FIRST}/g_care/mother_status": "2"},
        {"g_hh/poverty_status": "1", f"{FIRST}/g_sc/risk_groups": "R1"},
    ],
    ids=["a child that died", "an update of one child", "parents away for a week", "a poor one"],
)
def test_an_unusual_household_that_tells_the_truth_is_not_found(answers):
    workbook, root = example("child_situation", "new_household")
    change(root, answers)

    assert found(workbook, root) == set()


@pytest.mark.parametrize(
    ("code", "name", "moment"),
    [
        ("V17a", "assessed_at", "2026-11-19T12:00"),
        ("V17b", "chair_informed_at", "2026-11-19T02:00"),
    ],
)
def test_a_case_that_waited_too_long_is_found(code, name, moment):
    workbook, root = example("abuse_report", "emergency")
    change(root, {"g_in/received_at": "2026-11-18T23:30:00.000+07:00"})
    change(root, {f"g_risk/{name}": f"{moment}:00.000+07:00"})

    assert (code, "W", f"/g_risk/{name}") in found(workbook, root)


def test_households_of_the_demo_have_only_the_mistakes_that_it_plants(monkeypatch):
    planted = plant(monkeypatch)
    workbook, _ = example("child_situation", "new_household")
    with (workbook.parent / "media" / "villages.csv").open(encoding="utf-8", newline="") as file:
        villages = [Village(*row.values()) for row in csv.DictReader(file)]

    codes: dict[str, int] = defaultdict(int)
    for slip in iter_slips(
        villages, count=1500, seed=5, version="2026112901", today=date(2026, 11, 23)
    ):
        for code, *_ in found(workbook, etree.fromstring(slip)):
            codes[code] += 1

    assert set(codes) == {"V05a", "V07"}
    assert 0 < codes["V07"] <= planted["clashing_school_status"]
    assert 0 < codes["V05a"] <= planted["flip_sex_digit"]


def plant(monkeypatch) -> dict[str, int]:
    """Count the mistakes as the demo makes them; refused consent hides a few of them."""
    counted: dict[str, int] = defaultdict(int)

    def counting(name: str, make: Callable) -> Callable:
        def made(*args):
            counted[name] += 1
            return make(*args)

        return made

    for module, name in (("schooling", "clashing_school_status"), ("identities", "flip_sex_digit")):
        place = __import__(f"server.demo.{module}", fromlist=[name])
        monkeypatch.setattr(place, name, counting(name, getattr(place, name)))
    return counted


def change(root: etree._Element, answers: dict[str, str]) -> None:
    for path, text in answers.items():
        element = root.find(path)
        assert element is not None, path
        element.text = text
