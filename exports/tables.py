"""A Table: a batch of rows under typed columns. A Dataset: all tables of an export, in batches.

Values are text as it was answered, null where nothing was; writers turn text into a number or a
date where their format has such cells and nothing is lost by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Protocol, runtime_checkable

import polars as pl

Cells = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Column:
    """`heading` is what stands over it, `type` the bind's (int, decimal, date, dateTime, …).

    `name` is its name for programs, whatever the heading is; empty where they are the same. `label`
    is the question in the language of the export, or the form's. `codes` has the labels of a
    select's codes. `path` is the field's; `part` is set for the four columns of a geopoint,
    `choice` for a column that says of one code whether it was chosen.
    `sensitivity` is what the form says of it (forms/sensitivity); empty where it says nothing.
    """

    heading: str
    type: str = "string"
    name: str = ""
    label: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    is_multiple: bool = False
    path: str = ""
    part: str = ""
    choice: str = ""
    sensitivity: str = ""

    @property
    def id(self) -> str:
        """What programs call it."""
        return self.name or self.heading


@dataclass(frozen=True, slots=True)
class TableHead:
    """A table's name ("" for the form itself) and columns."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows of one table; the frame has a String column for each of the head's."""

    head: TableHead
    frame: pl.DataFrame

    @classmethod
    def of(cls, head: TableHead, rows: Sequence[Cells]) -> Table:
        columns = zip(*rows, strict=True) if rows else ([] for _ in head.columns)
        series = [
            pl.Series(column.heading, values, dtype=pl.String)
            for column, values in zip(head.columns, columns, strict=True)
        ]
        return cls(head, pl.DataFrame(series))


class Dataset(Protocol):
    """What a writer writes: a name, the heads, and the rows in batches, each of every table."""

    @property
    def name(self) -> str:
        """The form's id."""
        ...

    @property
    def title(self) -> str:
        """The form's title."""
        ...

    @property
    def language(self) -> str:
        """The language in which a writer speaks for itself: vi or en."""
        ...

    @property
    def heads(self) -> Sequence[TableHead]: ...

    @property
    def tz(self) -> tzinfo:
        """The zone in which people read its moments."""
        ...

    def batches(self) -> Iterator[Sequence[Table]]: ...


@runtime_checkable
class Covered(Protocol):
    """A dataset that says more of itself than what it is called."""

    @property
    def cover(self) -> Sequence[tuple[str, str]]:
        """Lines for people, each in Vietnamese and in English."""
        ...


def cover_lines(dataset: Dataset) -> list[str]:
    """What a dataset says of itself, in its own language; most say nothing."""
    if not isinstance(dataset, Covered):
        return []
    return [vi if dataset.language == "vi" else en for vi, en in dataset.cover]


def unique_headings(headings: Sequence[str], fallbacks: Sequence[str]) -> list[str]:
    """Headings that differ from each other: twins get the fallback in brackets, then a number."""
    taken: dict[str, int] = {}
    twins = {h for h in headings if headings.count(h) > 1}
    unique = []
    for heading, fallback in zip(headings, fallbacks, strict=True):
        wanted = f"{heading} [{fallback}]" if heading in twins and heading != fallback else heading
        count = taken[wanted] = taken.get(wanted, 0) + 1
        unique.append(wanted if count == 1 else f"{wanted}~{count}")
    return unique
