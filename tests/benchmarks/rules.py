"""How long all rules of one slip take, without the server around them (docs/xpath.md)."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import median

from lxml import etree

from forms.evaluation import Clock, FormRules, LookupList, compile_rules
from forms.workbooks import compile_workbook
from tests.benchmarks.figures import Figure, say
from tests.benchmarks.slips import three_children

FOLDER = Path(__file__).parents[2] / "xlsforms" / "child_situation"
BUDGET_MS = 2.0


def measure_rules(*, scale: float = 1.0) -> Iterator[Figure]:
    definition = compile_workbook((FOLDER / "child_situation.xlsx").read_bytes())
    lists = {i.id: LookupList(_rows(i.filename)) for i in definition.external_instances}
    began = time.perf_counter()
    rules = compile_rules(definition, lists)
    yield Figure("rules of child_situation, compiled", _ms(began), "ms")
    slips = map(etree.fromstring, three_children(int(40 * scale) or 1))
    best = [min(_check(rules, slip) for _ in range(20)) for slip in slips]
    say(f"rules of {len(best)} slips with three children: {median(best):.2f} ms")
    yield Figure("rules of a slip with three children", median(best), "ms", BUDGET_MS)


def _check(rules: FormRules, root: etree._Element) -> float:
    began = time.perf_counter()
    evaluation = rules.open(root, Clock(datetime(2026, 11, 23, 9)))
    for node in evaluation.nodes():
        if evaluation.is_relevant(node):
            evaluation.is_required(node)
            evaluation.satisfies_constraint(node)
            evaluation.calculated(node)
            evaluation.offered_choices(node)
    return _ms(began)


def _rows(filename: str) -> list[dict[str, str]]:
    with (FOLDER / "media" / filename).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000
