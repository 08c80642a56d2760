"""Our evaluator and JavaRosa say the same of every node of every instance."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from random import Random

import pytest
from lxml import etree

from forms.checking import MAX_FINDINGS, check_slip
from forms.definitions import FormDefinition, Kind
from forms.evaluation import LookupList, compile_rules
from forms.workbooks import compile_workbook
from forms.xforms import parse_xform
from server.demo import Village, iter_slips
from tests.helpers.corpus import compile_corpus_form, iter_instances
from tests.helpers.corpus_forms import FORMS
from tests.helpers.damaging import damage
from tests.helpers.differences import iter_differences, open_as_judged
from tests.helpers.expected_findings import COMPARED, expected_findings

from .test_verdicts import FAMILY, SLIP, VILLAGES, xform

XLSFORMS = Path(__file__).parents[2] / "xlsforms"
CHILD_SITUATION = XLSFORMS / "child_situation"


def read_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def read_media(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "media").glob("*.csv")}


def find_differences(judge, definition: FormDefinition, instances, media=None):
    files = {i.id: (media or {}).get(i.filename) for i in definition.external_instances}
    lists = {name: LookupList(read_rows(rows)) for name, rows in files.items() if rows}
    rules = compile_rules(definition, lists)
    assert not rules.unsupported
    found = []
    instances = list(instances)
    for instance, verdicts in zip(
        instances, judge.judge(definition.xform, instances, media), strict=True
    ):
        assert verdicts.error is None
        evaluation = open_as_judged(rules, instance, verdicts)
        found += [(*d, instance.decode()) for d in iter_differences(evaluation, verdicts)]
        checked = check_slip(rules, etree.fromstring(instance), evaluation.clock)
        ours = {(f.code, f.path) for f in checked.findings if f.code in COMPARED}
        theirs = expected_findings(rules, verdicts)
        if len(checked.findings) == MAX_FINDINGS:  # the rest is told by its number only
            theirs &= ours
        found += [(*d, d in ours, instance.decode()) for d in ours ^ theirs]
    return found


@pytest.mark.parametrize("name", FORMS)
def test_every_construct_means_what_it_means_on_the_phone(judge, name):
    definition = compile_corpus_form(FORMS[name])

    instances = iter_instances(definition, 100, seed=len(name))

    assert not find_differences(judge, definition, instances)


def test_a_family_with_repeats_in_repeats_is_judged_alike(judge):
    lists = '<instance id="villages" src="jr://file-csv/villages.csv"/><bind'
    definition = parse_xform(xform(FAMILY).decode().replace("<bind", lists, 1).encode())
    rng, slip = Random(1), SLIP.encode()
    slips = [slip, *(damage(slip, rng, repeats=("rep", "sub")) for _ in range(200))]

    assert not find_differences(judge, definition, slips, VILLAGES)


def test_slips_of_child_situation_are_judged_alike_sound_and_damaged(judge):
    media = read_media(CHILD_SITUATION)
    workbook = CHILD_SITUATION / "child_situation.xlsx"
    definition = compile_workbook(workbook.read_bytes())
    rows = read_rows(media["villages.csv"])
    villages = [
        Village(r["name"], r["label"], r["commune_code"], r["legacy_commune_code"]) for r in rows
    ]
    made = iter_slips(
        villages, count=150, seed=3, version=definition.version, today=date(2026, 11, 23)
    )
    slips, rng = list(made), Random(2)
    slips += [damage(slip, rng, repeats=("rep_child",)) for slip in slips]

    assert not find_differences(judge, definition, slips, media)


@pytest.mark.parametrize("folder", sorted(f.name for f in XLSFORMS.iterdir() if f.is_dir()))
def test_the_examples_of_every_form_are_judged_alike_sound_and_damaged(judge, folder):
    workbook = next((XLSFORMS / folder).glob("*.xlsx"))
    definition = compile_workbook(workbook.read_bytes())
    examples = [path.read_bytes() for path in sorted((XLSFORMS / folder).rglob("examples/*.xml"))]
    repeats = [field.name for field in definition.fields() if field.kind is Kind.REPEAT]
    rng = Random(folder)
    damaged = [damage(rng.choice(examples), rng, repeats=repeats) for _ in range(100)]

    found = find_differences(judge, definition, examples + damaged, read_media(XLSFORMS / folder))

    assert not found
