"""What was done to a release, for its cover and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exports.deidentifying.anonymity import Class, Counts, Plan
from exports.deidentifying.masking import MaskedTable, kind_of
from exports.deidentifying.releases import Release
from forms.sensitivity import Sensitivity as Kind

STEPS = ("group", "age_widened", "age", "sex", "commune", "left_out")
"""What is done to rows that stand out, in this order."""


@dataclass(frozen=True, slots=True)
class Told:
    """A column that does not go out, or not as it is, and why: its sensitivity."""

    table: str
    column: str
    sensitivity: str


@dataclass(frozen=True, slots=True)
class TableReport:
    """k-anonymity of one table: `steps` are rows by what was coarsened in them.

    `k` is the size of the smallest class as published, None where no row is; `k_before` was its
    size, and `standing_out` the rows in classes that were too small.
    """

    table: str
    rows: int
    k: int | None
    k_before: int | None
    standing_out: int
    steps: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """Of a whole release."""

    tables: tuple[TableReport, ...]
    hidden_communes: int
    withheld: tuple[Told, ...]
    changed: tuple[Told, ...]
    left_out: int
    """Submissions, because there were too few of all."""

    @property
    def k(self) -> int | None:
        """The smallest class of all tables; None where no table has rows about persons."""
        return min((t.k for t in self.tables if t.k is not None), default=None)

    def manifest(self, release: Release) -> dict[str, Any]:
        """For a machine; the key is not in it."""
        return {
            "profile": "deidentified",
            "release": release.id,
            "purpose": release.purpose,
            "recipient": release.recipient,
            "expires_on": release.expires_on.isoformat(),
            "smallest_class": release.smallest_class,
            "k": self.k,
            "hidden_communes": self.hidden_communes,
            "tables": [
                {
                    "table": t.table,
                    "rows": t.rows,
                    "k": t.k,
                    "k_before": t.k_before,
                    "standing_out": t.standing_out,
                    "coarsened": dict(t.steps),
                }
                for t in self.tables
            ],
            "withheld": _listed(self.withheld),
            "changed": _listed(self.changed),
        }


def report_of(
    tables: Sequence[MaskedTable],
    counts: Sequence[Counts],
    plans: Sequence[Plan | None],
    *,
    hidden: frozenset[str],
    least: int,
) -> Report:
    told = [
        _report_table(masked, numbers, plan, least)
        for masked, numbers, plan in zip(tables, counts, plans, strict=True)
        if plan is not None
    ]
    withheld = [
        Told(masked.source.name, column.id, kind_of(column))
        for masked in tables
        for column in masked.withheld
    ]
    changed = [
        Told(masked.source.name, made.column.id, made.kind)
        for masked in tables
        for made in masked.columns
        if made.kind is not Kind.NONE
    ]
    left_out = sum(t.steps["left_out"] for t in told if not t.table)
    return Report(tuple(told), len(hidden), tuple(withheld), tuple(changed), left_out)


def _listed(columns: Sequence[Told]) -> list[dict[str, str]]:
    return [{"table": c.table, "column": c.column, "sensitivity": c.sensitivity} for c in columns]


def _report_table(masked: MaskedTable, counts: Counts, plan: Plan, least: int) -> TableReport:
    steps: Counter[str] = Counter(dict.fromkeys(STEPS, 0))
    for class_, number in counts.items():
        for step in _steps(class_, plan.published[class_]):
            steps[step] += number
    return TableReport(
        table=masked.source.name,
        rows=sum(counts.values()),
        k=min(plan.sizes.values(), default=None),
        k_before=min(counts.values(), default=None),
        standing_out=sum(number for number in counts.values() if number < least),
        steps=dict(steps),
    )


def _steps(class_: Class, published: Class | None) -> list[str]:
    if published is None:
        return ["left_out"]
    taken = {
        "group": class_.group != published.group,
        "age_widened": bool(published.band) and class_.band != published.band,
        "age": bool(class_.band) and not published.band,
        "sex": class_.sex != published.sex,
        "commune": class_.place != published.place,
    }
    return [step for step, is_taken in taken.items() if is_taken]
