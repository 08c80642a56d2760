"""A dataset without what leads to people, for one release (domain.md §7.4).

The rows pass twice: counted first, then written. All rows of a submission must be in one batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from exports.deidentifying.anonymity import Plan, hidden_places, plan
from exports.deidentifying.counting import Counted, count_rows
from exports.deidentifying.covers import lines_of
from exports.deidentifying.grids import allowed_cells
from exports.deidentifying.links import Links
from exports.deidentifying.masked_cells import Writing
from exports.deidentifying.masking import MaskedTable, mask_table, narrowed
from exports.deidentifying.persons import read_rows
from exports.deidentifying.pseudonyms import Pseudonyms
from exports.deidentifying.release_reports import Report, report_of
from exports.deidentifying.releases import Release
from exports.tables import Dataset, Table, TableHead

Share = tuple[Dataset, bool]
"""A dataset's rows whose commune is not named (True), or all others."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the count led to: a plan for each table of persons, communes and cells."""

    plans: Sequence[Plan | None]
    hidden: frozenset[str]
    cells: Sequence[Sequence[frozenset[str]]]
    """Of each table, for each of its positions."""


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A Dataset of shares, one after the other; `report` says what was done to the release file
    that it is all or a part of.
    """

    shares: Sequence[Share]
    release: Release
    tables: Sequence[MaskedTable]
    decisions: Decisions
    report: Report

    @property
    def name(self) -> str:
        return self._first.name

    @property
    def title(self) -> str:
        return self._first.title

    @property
    def language(self) -> str:
        return self._first.language

    @property
    def tz(self) -> tzinfo:
        return self._first.tz

    @property
    def heads(self) -> Sequence[TableHead]:
        return [masked.head for masked in self.tables if masked.columns]

    @property
    def cover(self) -> Sequence[tuple[str, str]]:
        return lines_of(self.report, self.release, form=f"{self.title} ({self.name})")

    def batches(self) -> Iterator[Sequence[Table]]:
        for source, is_hidden in self.shares:
            for batch in source.batches():
                tables = list(self._tables(batch, is_hidden=is_hidden))
                if not is_hidden or any(table.frame.height for table in tables):
                    yield tables

    @property
    def _first(self) -> Dataset:
        return self.shares[0][0]

    def _tables(self, batch: Sequence[Table], *, is_hidden: bool) -> Iterator[Table]:
        links, names = Links(), Pseudonyms(self.release.key)
        for number, table in enumerate(batch):
            masked = self.tables[number]
            rows = read_rows(masked, table, links, self.language)
            fates = rows.fates(self.decisions.plans[number], self.decisions.hidden)
            is_out = links.leave_out(masked, table, fates.get_column("is_out"))
            if masked.columns:
                frame = Writing(rows, fates, self.decisions.cells[number], names).write()
                is_here = fates.get_column("is_hidden") == is_hidden
                yield Table(masked.head, frame.filter(is_here & ~is_out))


@dataclass(frozen=True, slots=True)
class Decided:
    """The parts of what goes out in one file of a release, counted together.

    Rows of communes that are not named stand last, in none of the parts: where they stood would
    tell whose they are.
    """

    parts: Sequence[Dataset]
    release: Release
    tables: Sequence[MaskedTable]
    decisions: Decisions
    report: Report
    counted: Counted

    def whole(self) -> Deidentified:
        return self._of([*((part, False) for part in self.parts), *self._unnamed()])

    def count_named(self, number: int) -> int:
        """How many submissions of a part name their commune, or never named one."""
        places = self.counted.places[number].items()
        return sum(count for place, count in places if place not in self.decisions.hidden)

    def named(self, number: int) -> Deidentified:
        return self._of([(self.parts[number], False)])

    def count_rest(self, others: Sequence[int]) -> int:
        """How many submissions `rest` has."""
        everything = range(len(self.parts))
        hidden = sum(self.counted.places[n].total() - self.count_named(n) for n in everything)
        return hidden - self.report.left_out + sum(map(self.count_named, others))

    def rest(self, others: Sequence[int]) -> Deidentified:
        """The rows of all parts whose communes are not named, after the `others` whole."""
        return self._of([*((self.parts[n], False) for n in others), *self._unnamed()])

    def _unnamed(self) -> list[Share]:
        return [(part, True) for part in self.parts] if self.decisions.hidden else []

    def _of(self, shares: Sequence[Share]) -> Deidentified:
        return Deidentified(shares, self.release, self.tables, self.decisions, self.report)


def deidentified(dataset: Dataset, release: Release) -> Deidentified:
    """Count the rows, decide what must be coarser, and give what may go out."""
    return decide([dataset], release).whole()


def decide(
    parts: Sequence[Dataset],
    release: Release,
    *,
    columns: Sequence[str] = (),
    only_choices: bool = False,
) -> Decided:
    """The same for one file of several parts, which have the same heads.

    `columns` and `only_choices` are those of `narrowed`.
    """
    heads, language = parts[0].heads, parts[0].language
    tables = [mask_table(head, language, has_grid=release.has_grid) for head in heads]
    counted = count_rows(parts, tables)
    least = release.smallest_class
    persons = [n for n, masked in enumerate(tables) if masked.is_of_persons]
    hidden = hidden_places([counted.classes[n] for n in persons], least)
    plans = [
        plan(counted.classes[n], hidden, least) if n in persons else None
        for n in range(len(tables))
    ]
    cells = [[allowed_cells(c, hidden) for c in counts] for counts in counted.cells]
    tables = [narrowed(masked, columns, only_choices=only_choices) for masked in tables]
    report = report_of(tables, counted.classes, plans, hidden=hidden, least=least)
    return Decided(parts, release, tables, Decisions(plans, hidden, cells), report, counted)
