"""How long the check of one slip takes, without the server around it (docs/checks.md)."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median

from lxml import etree

from forms.checking import CompiledCheck, check_slip, compile_checks
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
    checks = compile_checks(rules, definition.checks)
    slips = list(three_children(int(40 * scale) or 1))
    alone = [min(_check(rules, etree.fromstring(slip), ()) for _ in range(20)) for slip in slips]
    best = [min(_check(rules, etree.fromstring(slip), checks) for _ in range(20)) for slip in slips]
    say(
        f"check of {len(best)} slips: {median(alone):.2f} ms, with declared ones {median(best):.2f}"
    )
    name = "check of a slip with three children"
    yield Figure(f"{name}, by the rules of the form", median(alone), "ms", BUDGET_MS)
    yield Figure(f"{name}, {len(checks)} declared checks too", median(best), "ms", BUDGET_MS)


def _check(rules: FormRules, root: etree._Element, checks: Sequence[CompiledCheck]) -> float:
    """Of a tree that nobody has touched, as receiving has it."""
    began = time.perf_counter()
    check_slip(rules, root, Clock(datetime(2026, 11, 23, 9)), checks=checks)
    return _ms(began)


def _rows(filename: str) -> list[dict[str, str]]:
    with (FOLDER / "media" / filename).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000
