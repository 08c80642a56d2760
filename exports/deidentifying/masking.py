"""What becomes of each column in a de-identified table, by its sensitivity; unknown: withheld."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from exports.columns import is_wanted
from exports.deidentifying.codes import ethnicity_codes, group_codes, is_open_group
from exports.tables import Column, TableHead
from forms.sensitivity import Sensitivity as Kind

_SYSTEM = {
    "KEY": Kind.ID,
    "PARENT_KEY": Kind.ID,
    "SubmissionDate": Kind.DATE,
    "ReviewState": Kind.NONE,
    "FormVersion": Kind.NONE,
    "commune": Kind.COMMUNE,
    "commune_name": Kind.COMMUNE,
}
"""Columns that are no question; all others of them are withheld."""
_WITHHELD = frozenset({Kind.DIRECT, Kind.VILLAGE, Kind.FREE_TEXT, Kind.WITHHELD})
_AGES = (Kind.BIRTH_DATE, Kind.AGE)
_OF_PERSONS = frozenset({*_AGES, Kind.SEX, Kind.GROUP})
_CELL_PARTS = ("Latitude", "Longitude")
_AGE_BAND = {"vi": "Nhóm tuổi", "en": "Age band"}


@dataclass(frozen=True, slots=True)
class MaskedColumn:
    """One that goes out: as `column`, made of `source`."""

    column: Column
    source: Column
    kind: Kind


@dataclass(frozen=True, slots=True)
class MaskedTable:
    """A table as it is and as it goes out; the age band takes the place of all ages in it."""

    source: TableHead
    columns: tuple[MaskedColumn, ...]
    withheld: tuple[Column, ...]

    @property
    def head(self) -> TableHead:
        return TableHead(self.source.name, tuple(masked.column for masked in self.columns))

    @property
    def is_of_persons(self) -> bool:
        """True where rows say of somebody what the person could be told by."""
        return any(kind_of(column) in _OF_PERSONS for column in self.source.columns)

    def of_kind(self, *kinds: Kind) -> list[Column]:
        """The columns as they are, kind by kind, without those of single choices."""
        whole = [column for column in self.source.columns if not column.choice]
        return [c for kind in kinds for c in whole if kind_of(c) is kind]

    def ages(self) -> list[Column]:
        """Birth dates first: they are what ages were reckoned from."""
        return self.of_kind(*_AGES)

    def find_system(self, name: str) -> Column | None:
        return next(
            (c for c in self.source.columns if not c.path and _system_name(c) == name), None
        )

    def positions(self) -> Iterator[tuple[Column, Column]]:
        """Latitude and longitude of each position."""
        found = self.of_kind(Kind.LOCATION)
        for north in (c for c in found if c.part == _CELL_PARTS[0]):
            yield from (
                (north, c) for c in found if c.path == north.path and c.part == _CELL_PARTS[1]
            )


def narrowed(masked: MaskedTable, wanted: Sequence[str], *, only_choices: bool) -> MaskedTable:
    """With the columns that were asked for, and keys; with none where nothing else was.

    What the rows are told by is still read of all columns. With `only_choices` selects of several
    have none but those of their choices.
    """
    columns = [c for c in masked.columns if not (only_choices and _has_choices(c, masked))]
    if wanted:
        shown = [c for c in columns if any(is_wanted(n, wanted) for n in _names(c, masked))]
        columns = [c for c in columns if c in shown or _is_key(c.column)] if shown else []
    return replace(masked, columns=tuple(columns))


def names_out(masked: MaskedTable) -> list[str]:
    """All names by which columns can be asked for."""
    return [name for column in masked.columns for name in _names(column, masked)]


def _has_choices(masked: MaskedColumn, table: MaskedTable) -> bool:
    """Not so the groups, where one word stands for some of them."""
    is_whole = masked.kind is Kind.NONE and masked.column.is_multiple
    return is_whole and any(c.choice and c.path == masked.column.path for c in table.source.columns)


def _names(masked: MaskedColumn, table: MaskedTable) -> list[str]:
    """An age band is asked for by any age that it stands in for."""
    sources = table.ages() if masked.kind in _AGES else [masked.source]
    names = [masked.column.id] if masked.column.choice else [c.id for c in sources]
    return [*names, masked.column.id]


def _is_key(column: Column) -> bool:
    return not column.path and _system_name(column) in ("KEY", "PARENT_KEY")


def mask_table(head: TableHead, language: str, *, has_grid: bool) -> MaskedTable:
    columns: list[MaskedColumn] = []
    withheld: list[Column] = []
    has_age = False
    for column in head.columns:
        kind = kind_of(column)
        if column.choice:
            columns += _choices(column, kind, head)
        elif kind in _WITHHELD or not _stays(column, kind, has_grid=has_grid):
            withheld.append(column)
        elif kind in _AGES:
            if not has_age:
                columns.append(MaskedColumn(_age_band(column, head, language), column, kind))
            has_age = True
        else:
            columns.append(MaskedColumn(_masked(column, kind, language), column, kind))
    return MaskedTable(head, tuple(columns), tuple(withheld))


def _choices(column: Column, kind: Kind, head: TableHead) -> Iterator[MaskedColumn]:
    """The column of one choice, where it may be told; what is withheld is listed as a whole."""
    if kind is Kind.NONE:
        yield MaskedColumn(column, column, kind)
    elif kind is Kind.GROUP and is_open_group(column.choice):
        whole = (c for c in head.columns if c.path == column.path and not c.choice)
        yield from (MaskedColumn(column, source, kind) for source in list(whole)[:1])


def kind_of(column: Column) -> Kind:
    if not column.path:
        return _SYSTEM.get(_system_name(column), Kind.WITHHELD)
    known = column.sensitivity in list(Kind)
    return Kind(column.sensitivity) if known else Kind.WITHHELD


def _system_name(column: Column) -> str:
    """Without what sets it apart from a question of the same name."""
    return column.id.removeprefix("__")


def _stays(column: Column, kind: Kind, *, has_grid: bool) -> bool:
    """Files never do: their names are the phone's, and nobody has looked into them."""
    if kind is Kind.LOCATION:
        return has_grid and column.part in _CELL_PARTS
    return column.type != "binary"


def _masked(column: Column, kind: Kind, language: str) -> Column:
    match kind:
        case Kind.ID | Kind.DATE | Kind.DAY:
            return replace(column, type="string", codes={}, is_multiple=False)
        case Kind.ETHNICITY:
            return replace(column, codes=ethnicity_codes(language))
        case Kind.GROUP:
            return replace(column, codes=group_codes(column, language))
        case _:
            return column


def _age_band(column: Column, head: TableHead, language: str) -> Column:
    text = _AGE_BAND[language]
    wanted = text if column.name else "age_band"
    heading = _apart(wanted, [c.heading for c in head.columns])
    name = "age_band" if column.name else ""
    return Column(heading, name=name, label=text, path=column.path, sensitivity=Kind.AGE)


def _apart(heading: str, taken: Sequence[str]) -> str:
    return heading if heading not in taken else _apart(f"{heading}_", taken)
