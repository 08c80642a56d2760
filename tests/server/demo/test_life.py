"""The whole life: every form, in proportion, consistent with itself and with the register."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import date, datetime

import pytest
from lxml import etree
from sqlalchemy import func, select

from forms.checking import check_slip, compile_checks
from forms.entities import (
    Created,
    Updated,
    allowed_actions,
    decide,
    read_changes,
    read_declarations,
)
from forms.evaluation import Clock, LookupList, compile_rules
from forms.list_files import read_list_file
from server.cli import demo
from server.db import db
from server.demo import FORMS, Life, Village
from server.demo.steps import Filled, Merge, Move
from server.models import Audit, Entity, EntityVersion, Finding
from tests.helpers.examples import compile_shipped
from tests.helpers.slips import ROOT

TODAY = date(2026, 11, 23)
PLANTED = {"V01", "V03", "V05a", "V07", "V23a", "V23b", "V23c", "V23d"}
"""Mistakes of households; V01 where a village is said to lie in another commune."""
BASE = re.compile(rb'baseVersion="(\d+)" trunkVersion="(\d*)" branchId="([^"]+)" id="([^"]+)"')

UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def villages() -> list[Village]:
    path = ROOT / "xlsforms" / "child_situation" / "media" / "villages.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [Village(*row.values()) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def steps(villages):
    return list(make_life(villages, 400).steps())


@pytest.fixture(scope="module")
def slips(steps):
    return [step for step in steps if isinstance(step, Filled)]


def make_life(villages, count: int, *, seed: int = 5, today: date = TODAY) -> Life:
    versions = {form: compile_shipped(workbook(form)).version for form in FORMS}
    return Life.of(villages, count=count, seed=seed, versions=versions, today=today)


def workbook(form: str):
    return ROOT / "xlsforms" / form / f"{form}.xlsx"


def rules_of(form: str):
    """The form with the lists that it brings; those of the register are empty in them."""
    definition = compile_shipped(workbook(form))
    ids = {i.filename: i.id for i in definition.external_instances}
    files = {p.name: p.read_bytes() for p in (workbook(form).parent / "media").glob("*.csv")}
    own = {ids[n]: LookupList(read_list_file(n, f)) for n, f in files.items()}
    rules = compile_rules(definition, own)
    return rules, compile_checks(rules, definition.checks), read_declarations(definition)


class Register:
    """What the slips so far have made, as lists on phones."""

    def __init__(self) -> None:
        self.histories: dict[str, dict[str, list]] = {"child": {}, "household": {}, "case": {}}

    def lists(self) -> dict[str, LookupList]:
        return {
            name: LookupList([
                {"name": id_, "label": h[-1].label, "__version": str(h[-1].number), **h[-1].data}
                for id_, h in entities.items()
            ])
            for name, entities in self.histories.items()
        }  # fmt: skip

    def apply(self, root, declarations) -> None:
        for change in read_changes(root, declarations):
            history = self.histories[change.dataset].setdefault(change.id, [])
            outcome = decide(change, history, allowed=allowed_actions(change, declarations))
            assert isinstance(outcome, Created | Updated), outcome
            assert getattr(outcome, "conflict", None) is None
            history.append(outcome.version)


def test_every_form_is_filled_in_proportion_to_the_households(slips):
    made = Counter(slip.form_id for slip in slips)

    assert made["child_situation"] > 400 + 60
    assert made["village_monthly"] % 3 == 0
    assert made["commune_plan"] == 3 * (1 + 3)
    assert 9 <= made["abuse_report"] <= 24
    assert made["case_followup"] >= made["abuse_report"]


def test_slips_of_every_form_have_only_the_findings_that_were_planted(villages):
    """Judged with the register as it was on the phone, whose labels and ages they repeat."""
    judged = {form: rules_of(form) for form in FORMS}
    register, found = Register(), defaultdict(set)
    for slip in make_life(villages, 120).slips():
        rules, checks, declarations = judged[slip.form_id]
        root = etree.fromstring(slip.xml)
        end = datetime.fromisoformat(root.findtext("end") or "").replace(tzinfo=None)
        checked = check_slip(rules, root, Clock(end), checks=checks, editions=[register.lists()])
        found[slip.form_id] |= {(finding.code, finding.path) for finding in checked.findings}
        checked.evaluation.close()
        register.apply(root, declarations)

    assert {code for code, _ in found.pop("child_situation")} <= {"V05a", "V07"}
    assert set().union(*found.values()) == set()
    assert all(register.histories.values())


def test_an_update_is_made_on_the_version_that_the_changes_before_it_left(slips):
    versions: dict[bytes, int] = Counter()
    for slip in slips:
        for base, trunk, branch, id_ in BASE.findall(slip.xml):
            versions[id_] = versions[id_] or 1
            assert int(base) == versions[id_]
            assert trunk == b"" or int(trunk) <= int(base)
            assert branch
            versions[id_] += 1

    assert len(versions) > 100
    assert max(versions.values()) > 2


def test_reviews_come_a_year_after_the_first_survey(slips):
    reviews = [slip.xml for slip in slips if b"<visit_type>2</visit_type>" in slip.xml]
    first = {
        re.search(rb"<hh_uid>(.*?)<", s.xml)[1]: survey_day(s.xml)
        for s in slips
        if b"<hh_mode>1</hh_mode>" in s.xml and b"<hh_uid>" in s.xml
    }

    assert reviews
    for xml in reviews:
        household = re.search(rb"<hh_ref>(.*?)<", xml)[1]
        assert (survey_day(xml) - first[household]).days == 365


def survey_day(xml: bytes) -> date:
    return date.fromisoformat(re.search(rb"<survey_date>(.*?)<", xml)[1].decode())


def test_some_cases_are_of_children_of_the_register_and_most_end_nowhere_else(slips):
    reports = [slip for slip in slips if slip.form_id == "abuse_report"]
    registered = set(re.findall(rb'dataset="child" create="1".*?id="(.*?)"', all_xml(slips)))

    chosen = re.findall(rb"<child_ref>(.*?)</child_ref>", all_xml(reports))
    assert 0 < len(chosen) < len(reports)
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= registered
    assert all(re.search(rb"<case_code>26\d\d-[0-9a-f]{6}<", slip.xml) for slip in reports)
    assert all(slip.commune_code for slip in reports)


def all_xml(slips) -> bytes:
    return b"".join(slip.xml for slip in slips)


def test_monthly_reports_are_one_for_each_village_and_month_and_mostly_zero(slips):
    reports = [slip.xml for slip in slips if slip.form_id == "village_monthly"]
    keys = [
        (re.search(rb"<village_code>(.*?)<", xml)[1], re.search(rb"<period>(.*?)<", xml)[1])
        for xml in reports
    ]

    assert len(set(keys)) == len(keys)
    assert {period for _, period in keys} == {b"2026-08", b"2026-09", b"2026-10"}
    assert sum(b"<no_change>1<" in xml for xml in reports) > len(reports) * 0.6


def test_moves_and_merges_come_last_and_never_of_one_child(steps):
    kinds = [type(step) for step in steps]
    moved = {step.id for step in steps if isinstance(step, Move)}
    merged = {id_ for s in steps if isinstance(s, Merge) for id_ in (s.keep, s.drop)}

    assert kinds == sorted(kinds, key=[Filled, Move, Merge].index)
    assert moved
    assert merged
    assert moved.isdisjoint(merged)


def test_the_same_arguments_make_the_same_life_and_others_have_other_ids(villages):
    def ids(**other) -> set[bytes]:
        slips = make_life(villages, **{"count": 30, **other}).slips()
        return {id_ for slip in slips for id_ in UUID.findall(slip.xml)}

    life = list(make_life(villages, 30).steps())

    assert life == list(make_life(villages, 30).steps())
    assert len(ids()) > 100
    assert ids().isdisjoint(ids(count=31))
    assert ids().isdisjoint(ids(seed=6))


@pytest.mark.parametrize("today", [date(2027, 1, 5), date(2028, 2, 29), date(2026, 3, 1)])
def test_any_day_of_the_year_will_do(villages, today):
    assert len(list(make_life(villages, 120, today=today).steps())) > 200


@pytest.fixture
def make(app):
    def make(*options: str) -> dict:
        done = app.test_cli_runner().invoke(demo.command, [*options, "--json"])
        assert done.exit_code == 0, (done.output, done.exception)
        db.session.rollback()
        return json.loads(done.stdout)

    return make


def count(model, *conditions) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def test_every_change_of_the_life_applies_without_an_error_or_a_conflict(make):
    made = make("--submissions", "120", "--communes", "2")

    assert set(made["forms"]) == set(FORMS)
    assert made["new"] == made["submissions"] == sum(made["forms"].values())
    assert made["moved"] > 0
    assert count(Audit, Audit.action == "entity.error") == 0
    assert count(Entity, Entity.conflict.is_not(None)) == 0
    assert count(EntityVersion, EntityVersion.conflict.is_not(None)) == 0
    assert count(EntityVersion, EntityVersion.number > 1) > 20
    assert set(db.session.scalars(select(Finding.code))) <= PLANTED


def test_the_demo_made_twice_changes_nothing(make):
    first = make("--submissions", "40", "--communes", "1")
    before = (count(EntityVersion), count(Entity), count(Audit))

    again = make("--submissions", "40", "--communes", "1")

    assert first["new"] > 40
    assert again["submissions"] == first["submissions"]
    assert again["new"] == 0
    assert (count(EntityVersion), count(Entity), count(Audit)) == before
