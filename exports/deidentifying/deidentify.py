"""A dataset without what leads to people, for one release (domain.md §7.4).

The rows pass twice: counted first, then written. All rows of a submission must be in one batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from exports.deidentifying.anonymity import Class, Plan, hidden_places, plan
from exports.deidentifying.grids import CellCounts, allowed_cells, count_cells
from exports.deidentifying.links import Links
from exports.deidentifying.masked_cells import Writing
from exports.deidentifying.masking import MaskedTable, mask_table
from exports.deidentifying.persons import MaskedRows, read_rows
from exports.deidentifying.pseudonyms import Pseudonyms
from exports.deidentifying.release_reports import Report, report_of
from exports.deidentifying.releases import Release
from exports.tables import Dataset, Table, TableHead


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the count led to: a plan for each table of persons, communes and cells."""

    plans: Sequence[Plan | None]
    hidden: frozenset[str]
    cells: Sequence[Sequence[frozenset[str]]]
    """Of each table, for each of its positions."""


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A Dataset; `report` says what was done to it, for the cover and the manifest."""

    source: Dataset
    release: Release
    tables: Sequence[MaskedTable]
    decisions: Decisions
    report: Report

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def title(self) -> str:
        return self.source.title

    @property
    def language(self) -> str:
        return self.source.language

    @property
    def tz(self) -> tzinfo:
        return self.source.tz

    @property
    def heads(self) -> Sequence[TableHead]:
        return [masked.head for masked in self.tables]

    def batches(self) -> Iterator[Sequence[Table]]:
        for batch in self.source.batches():
            links, names = Links(), Pseudonyms(self.release.key)
            yield [self._table(n, table, links, names) for n, table in enumerate(batch)]

    def _table(self, number: int, table: Table, links: Links, names: Pseudonyms) -> Table:
        masked = self.tables[number]
        rows = read_rows(masked, table, links, self.language)
        fates = rows.fates(self.decisions.plans[number], self.decisions.hidden)
        frame = Writing(rows, fates, self.decisions.cells[number], names).write()
        is_out = links.leave_out(masked, table, fates.get_column("is_out"))
        return Table(masked.head, frame.filter(~is_out))


def deidentified(dataset: Dataset, release: Release) -> Deidentified:
    """Count the rows, decide what must be coarser, and give what may go out."""
    tables = [
        mask_table(head, dataset.language, has_grid=release.has_grid) for head in dataset.heads
    ]
    counted = _count(dataset, tables, has_grid=release.has_grid)
    least = release.smallest_class
    persons = [n for n, masked in enumerate(tables) if masked.is_of_persons]
    hidden = hidden_places([counted.classes[n] for n in persons], least)
    plans = [
        plan(counted.classes[n], hidden, least) if n in persons else None
        for n in range(len(tables))
    ]
    cells = [[allowed_cells(c, hidden) for c in counts] for counts in counted.cells]
    report = report_of(tables, counted.classes, plans, hidden=hidden, least=least)
    return Deidentified(dataset, release, tables, Decisions(plans, hidden, cells), report)


@dataclass(slots=True)
class _Counted:
    """Of each table the rows by class, and for each position of it those by cell."""

    classes: list[Counter[Class]] = field(default_factory=list)
    cells: list[list[CellCounts]] = field(default_factory=list)


def _count(dataset: Dataset, tables: Sequence[MaskedTable], *, has_grid: bool) -> _Counted:
    counted = _Counted(
        [Counter() for _ in tables], [[Counter() for _ in masked.positions()] for masked in tables]
    )
    if not has_grid and not any(masked.is_of_persons for masked in tables):
        return counted
    for batch in dataset.batches():
        links = Links()
        for number, table in enumerate(batch):
            rows = read_rows(tables[number], table, links, dataset.language)
            _count_rows(rows, counted.classes[number], counted.cells[number])
    return counted


def _count_rows(rows: MaskedRows, classes: Counter[Class], cells: Sequence[CellCounts]) -> None:
    if rows.masked.is_of_persons:
        for *values, number in rows.classes.group_by(Class._fields).len().iter_rows():
            classes[Class(*values)] += number
    for counts, found in zip(cells, rows.positions, strict=True):
        count_cells(counts, found)
