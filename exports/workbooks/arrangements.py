"""A table as people want it: what matters first, calculations and keys last, sorted by village."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from exports.deidentifying.ages import age_on
from exports.tables import Column, TableHead, unique_headings
from exports.workbooks.contents import CommuneBook
from exports.workbooks.plans import AGE, BORN, HOUSEHOLD, VILLAGE, TablePlan
from exports.workbooks.printing import fitted
from exports.workbooks.slips import Slips
from exports.workbooks.texts import say
from exports.workbooks.whole_tables import (
    ROOT,
    WholeTable,
    is_system,
    ranked,
    system_name,
)
from exports.writers.xlsx_widths import Widths
from forms.sorting import person_key

MOST_FIRST = 11
"""As many columns as can be read on paper, besides the number of the row."""
NUMBER = "number"
"""The column that numbers the rows."""
_MOST_CODES = 100
_OF_NUMBER = 6
_LEAST = {"date": 11, "dateTime": 17, "time": 7}
"""Of what would be no day any more if it were narrower."""
_SAME_FOR_ALL = ("commune", "commune_name", "PARENT_KEY")
_OF_PROGRAMS = ("DeviceID",)
_OWN_TYPES = {BORN: "date", AGE: "int"}


@dataclass(frozen=True, slots=True)
class Arranged:
    """A sheet to be: the first `first` columns are printed, none wider than `widest`, on a page."""

    head: TableHead
    frame: pl.DataFrame
    first: int
    widest: int = 30

    def widths(self) -> list[int]:
        """How wide the printed columns are, in characters."""
        columns = self.head.columns[: self.first]
        widths = Widths(columns)
        widths.look_at(self.frame.select(pl.nth(range(len(columns)))))
        found = [min(width, self.widest) for width in widths.found()]
        if columns[0].id == NUMBER:
            found[0] = _OF_NUMBER
        return fitted(found, [_LEAST.get(column.type, _OF_NUMBER) for column in columns])


@dataclass(frozen=True, slots=True)
class _Shown:
    column: Column
    cells: pl.Expr

    @property
    def source(self) -> str:
        return self.cells.meta.output_name()


def arrange(
    table: WholeTable, name: str, plan: TablePlan | None, book: CommuneBook, slips: Slips
) -> Arranged:
    language = book.dataset.language
    first = list(_first(table, plan, book, slips))
    chosen = {shown.source for shown in first}
    rest = [shown for shown in _others(table, book.asked) if shown.source not in chosen]
    if plan is None:
        room = MOST_FIRST - len(first)
        first, rest = [*first, *rest[:room]], rest[room:]
    number = Column(say("number", language), "int", name=NUMBER)
    shown = [*first, *rest]
    columns = [number, *(_tidy(s.column) for s in shown)]
    headings = unique_headings([c.heading for c in columns], [c.id for c in columns])
    columns = [
        replace(c, heading=h, name=c.id if c.id != h else "")
        for c, h in zip(columns, headings, strict=True)
    ]
    frame = _sorted(table, plan, slips).select(
        pl.int_range(1, pl.len() + 1).cast(pl.String).alias(headings[0]),
        *(s.cells.alias(h) for s, h in zip(shown, headings[1:], strict=True)),
    )
    return Arranged(TableHead(name, tuple(columns)), frame, 1 + len(first))


def _first(
    table: WholeTable, plan: TablePlan | None, book: CommuneBook, slips: Slips
) -> Iterator[_Shown]:
    names: Sequence[str] = plan.first if plan else (VILLAGE, HOUSEHOLD)
    for name in names:
        if (cells := _own_cells(name, table, slips, is_planned=plan is not None)) is not None:
            heading = say(_heading(name, slips), book.dataset.language)
            yield _Shown(Column(heading, _OWN_TYPES.get(name, "string"), name=name[1:]), cells)
            continue
        at = table.find_field(name)
        at = table.find_system(name) if at is None else at
        if at is not None:
            yield _Shown(table.head.columns[at], pl.col(f"c{at}"))


def _heading(name: str, slips: Slips) -> str:
    return "slip" if name == HOUSEHOLD and not slips.is_of_people else name


def _own_cells(name: str, table: WholeTable, slips: Slips, *, is_planned: bool) -> pl.Expr | None:
    """None for a field, and where an unknown form has nothing to say there."""
    match name:
        case "@village" if is_planned or slips.frame.get_column("village").is_not_null().any():
            return pl.col("village")
        case "@household" if is_planned or _is_named(table, slips):
            return pl.col("name")
        case "@born":
            return _born(table)
        case "@age":
            return _age(table)
    return None


def _is_named(table: WholeTable, slips: Slips) -> bool:
    return bool(table.head.name) and slips.frame.get_column("name").is_not_null().any()


def _born(table: WholeTable) -> pl.Expr | None:
    """The day; where only the month or the year is known, as much as that."""
    at = [table.find_field(f"child_{name}") for name in ("dob", "birth_month", "birth_year")]
    if None in at:
        return None
    day, month, year = (pl.col(f"c{i}") for i in at)
    return pl.coalesce(day, month.str.zfill(2) + "/" + year, year)


def _age(table: WholeTable) -> pl.Expr | None:
    """On the day of the slip itself, which each child's row repeats."""
    born, day = (table.find_field(name) for name in ("child_dob_eff", "ch_last"))
    if born is None or day is None:
        return None
    return age_on(pl.col(f"c{born}"), pl.col(f"c{day}")).cast(pl.String)


def _others(table: WholeTable, asked: frozenset[str]) -> Iterator[_Shown]:
    """Answers, what the server knows, what was calculated; one KEY at the end."""
    answers, known, calculated, key = [], [], [], []
    for i, column in enumerate(table.head.columns):
        shown = _Shown(column, pl.col(f"c{i}"))
        if not is_system(column):
            if column.path in asked:
                answers.append(shown)
            elif column.path != "/meta/instanceID":  # the KEY once more
                calculated.append(shown)
        elif system_name(column) == "KEY":
            key.append(shown)
        elif system_name(column) in _OF_PROGRAMS:
            calculated.append(shown)
        elif system_name(column) not in _SAME_FOR_ALL:
            known.append(shown)
    yield from (*answers, *known, *calculated, *key)


def _sorted(table: WholeTable, plan: TablePlan | None, slips: Slips) -> pl.DataFrame:
    frame = table.frame.join(slips.frame, on=ROOT, how="left", maintain_order="left")
    if plan is None:
        return frame.sort("village_rank", nulls_last=True, maintain_order=True)
    person = ranked(table.texts(table.find_field(plan.person)), person_key)
    frame = frame.with_columns(person.alias("person_rank"))
    order = ("village_rank", "person_rank", "name_rank")
    return frame.sort(*order, nulls_last=True, maintain_order=True)


def _tidy(column: Column) -> Column:
    """A year has no thousands; a list of very many codes is no help in a dictionary."""
    is_year = column.type == "int" and column.path.endswith("year")
    codes = column.codes if len(column.codes) <= _MOST_CODES else {}
    return replace(column, type="year" if is_year else column.type, codes=codes)
