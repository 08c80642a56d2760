"""What was done to a release, for its cover and its manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exports.deidentifying.anonymity import Class, Counts, Plan
from exports.deidentifying.masking import MaskedTable, kind_of
from exports.deidentifying.releases import Release

_STEPS = {
    "group": ("nhóm hoàn cảnh để trống", "group left blank"),
    "age_widened": ("nhóm tuổi gộp rộng hơn", "age band widened"),
    "age": ("nhóm tuổi để trống", "age band left blank"),
    "sex": ("giới tính để trống", "sex left blank"),
    "commune": ("xã để trống", "commune left blank"),
    "left_out": ("bỏ cả dòng", "left out"),
}


@dataclass(frozen=True, slots=True)
class Withheld:
    """A column that does not go out, and why: its sensitivity."""

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
    withheld: tuple[Withheld, ...]

    @property
    def k(self) -> int | None:
        """The smallest class of all tables; None where no table has rows about persons."""
        return min((t.k for t in self.tables if t.k is not None), default=None)

    def manifest(self, release: Release) -> dict[str, Any]:
        """For a machine; the key is not in it."""
        return {
            "profile": "deidentified",
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
            "withheld": [
                {"table": w.table, "column": w.column, "sensitivity": w.sensitivity}
                for w in self.withheld
            ],
        }

    def lines(self, release: Release) -> list[tuple[str, str]]:
        """For people: each line in Vietnamese and in English."""
        day = release.expires_on
        return [
            ("Dữ liệu đã khử định danh", "De-identified data"),
            (f"Mục đích: {release.purpose}", f"Purpose: {release.purpose}"),
            (f"Bên nhận: {release.recipient}", f"Recipient: {release.recipient}"),
            (f"Xoá chậm nhất ngày {day:%d/%m/%Y}", f"To be destroyed by {day.isoformat()}"),
            *(line for table in self.tables for line in _table_lines(table, release)),
            *_commune_lines(self.hidden_communes),
            (
                f"Số cột không đưa ra: {len(self.withheld)}",
                f"Columns withheld: {len(self.withheld)}",
            ),
        ]


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
        Withheld(masked.source.name, column.id, kind_of(column))
        for masked in tables
        for column in masked.withheld
    ]
    return Report(tuple(told), len(hidden), tuple(withheld))


def _report_table(masked: MaskedTable, counts: Counts, plan: Plan, least: int) -> TableReport:
    steps: Counter[str] = Counter(dict.fromkeys(_STEPS, 0))
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


def _table_lines(table: TableReport, release: Release) -> list[tuple[str, str]]:
    vi_name, en_name = table.table or "phiếu", table.table or "of slips"
    k = "–" if table.k is None else str(table.k)
    least = release.smallest_class
    lines = [
        (
            f"Bảng {vi_name}: {table.rows} dòng; k = {k} theo xã, giới, nhóm tuổi, nhóm hoàn cảnh",
            f"Table {en_name}: {table.rows} rows; k = {k} over commune, sex, age band, group",
        )
    ]
    if table.standing_out:
        lines.append(
            (
                f"Trước khi làm thô: {table.standing_out} dòng thuộc nhóm có dưới {least} dòng",
                f"Before coarsening: {table.standing_out} rows in classes of fewer than {least}",
            )
        )
    lines += [
        (f"{vi}: {number} dòng".capitalize(), f"{en}: {number} rows".capitalize())
        for step, (vi, en) in _STEPS.items()
        if (number := table.steps.get(step))
    ]
    return lines


def _commune_lines(hidden: int) -> list[tuple[str, str]]:
    if not hidden:
        return []
    return [(f"Số xã không nêu tên: {hidden}", f"Communes not named: {hidden}")]
