"""Which columns a table has, what each is called, and where its cells come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from exports.headings import (
    code_heading,
    point_text,
    question_heading,
    review_state_expr,
    system_heading,
)
from exports.labels import Choices, heading_text
from exports.options import Layout, Options, Split, Values
from exports.rows import column_id, value_type
from exports.tables import Column
from forms.definitions import FormDefinition, Kind
from forms.layouts import Column as LayoutColumn
from forms.layouts import TableLayout

BEFORE = (Column("SubmissionDate", "dateTime"),)
AFTER: dict[Layout, tuple[Column, ...]] = {
    Layout.PEOPLE: (
        Column("KEY"),
        Column("SubmitterName"),
        Column("AttachmentsPresent", "int"),
        Column("AttachmentsExpected", "int"),
        Column("Status"),
        Column("ReviewState"),
        Column("DeviceID"),
        Column("FormVersion"),
        Column("commune"),
    ),
    Layout.CENTRAL: (
        Column("KEY"),
        Column("SubmitterID", "int"),
        Column("SubmitterName"),
        Column("AttachmentsPresent", "int"),
        Column("AttachmentsExpected", "int"),
        Column("Status"),
        Column("ReviewState"),
        Column("DeviceID"),
        Column("Edits", "int"),
        Column("FormVersion"),
    ),
}
OF_LABELS = (Column("commune_name"),)
OF_REPEATS = (Column("PARENT_KEY"), Column("KEY"))


@dataclass(frozen=True, slots=True)
class Output:
    """A column and the expression of its cells; `labelled` is the column whose labels it needs."""

    column: Column
    value: pl.Expr
    labelled: str = ""
    is_key: bool = False

    @property
    def needs(self) -> list[str]:
        """The columns of rows that the cells are made of."""
        return [name.removesuffix(":label") for name in self.value.meta.root_names()]

    def headed(self, heading: str) -> Output:
        name = self.column.id if self.column.id != heading else ""
        return replace(self, column=replace(self.column, heading=heading, name=name))


def is_wanted(name: str, columns: Sequence[str]) -> bool:
    """True for a column that is named itself or by a group around it."""
    return any(
        name == wanted or name.startswith((f"{wanted}-", f"{wanted}/", f"{wanted}:"))
        for wanted in columns
    )


def system_outputs(
    layout: TableLayout, options: Options, taken: set[str]
) -> tuple[list[Output], list[Output]]:
    """What stands before and after the answers; renamed for people if a question has the name."""
    labels = OF_LABELS if options.language is not None else ()
    before, after = ((), OF_REPEATS) if layout.path else (BEFORE, (*AFTER[options.layout], *labels))
    return (
        [_system(column, options, taken) for column in before],
        [_system(column, options, taken) for column in after],
    )


def _system(column: Column, options: Options, taken: set[str]) -> Output:
    name = column.heading
    value = pl.col(name)
    if options.is_central:
        heading = name
        if name == "ReviewState":
            value = pl.when(value != "received").then(value)
    elif options.language is None:
        heading = f"__{name}" if name in taken else name
    else:
        heading = system_heading(name, options.own_language)
        if name == "ReviewState":
            value = review_state_expr(value, options.own_language)
    return Output(replace(column, heading=heading, name=name), value, is_key=name.endswith("KEY"))


def answer_outputs(
    layout: TableLayout,
    versions: Sequence[FormDefinition],
    options: Options,
    codes: Mapping[str, Choices],
    seen: Mapping[str, Sequence[str]],
) -> Iterator[Output]:
    """The answers, in form order."""
    fields = (field for version in versions[:1] for field in version.fields())
    newest = {field.path for field in fields if field.kind is Kind.QUESTION}
    for column in layout.columns:
        if options.language is not None and column.field.is_note:
            continue
        if not options.older_fields and column.field.path not in newest:
            continue
        yield from _of_question(column, versions, options, codes, seen.get(column_id(column), ()))


def _of_question(
    column: LayoutColumn,
    versions: Sequence[FormDefinition],
    options: Options,
    codes: Mapping[str, Choices],
    seen: Sequence[str],
) -> Iterator[Output]:
    id_, choices = column_id(column), codes.get(column.field.path)
    answer = _column(column, versions, options, choices)
    is_select = choices is not None
    splits = options.split is not Split.NONE and answer.is_multiple
    if not (splits and options.split is Split.ONLY):
        if is_select and options.shows_labels:
            yield Output(answer, pl.col(f"{id_}:label"), labelled=id_)
            if options.values is Values.BOTH:
                heading = code_heading(answer.heading, options.own_language)
                coded = replace(answer, heading=heading, name=f"{answer.name}:code")
                yield Output(coded, pl.col(id_))
        else:
            yield Output(answer, pl.col(id_))
    if splits:
        declared = [] if options.is_central else [c.value for c in column.field.choices]
        rest = [code for code in seen if code not in declared]
        yield from _split(answer, id_, [*declared, *rest], choices, options)


def _column(
    column: LayoutColumn,
    versions: Sequence[FormDefinition],
    options: Options,
    choices: Choices | None,
) -> Column:
    field, default = column.field, versions[0].default_language
    if options.language is not None:
        part = f" ({point_text(column.part, options.own_language)})" if column.part else ""
        heading = question_heading(field, versions, options) + part
    elif options.group_prefixes:
        heading = column.name
    else:
        heading = field.name + (f"-{column.part}" if column.part else "")
    return Column(
        heading,
        value_type(column),
        name=heading if options.is_central else column.name,
        label=heading_text(field, options.language or default, default),
        codes=choices.by_code if choices else {},
        is_multiple=field.select_multiple,
        path=field.path,
        part=column.part,
        sensitivity=field.bind.sensitivity,
    )


def _split(
    answer: Column, id_: str, codes: Sequence[str], choices: Choices | None, options: Options
) -> Iterator[Output]:
    """A column for each choice: 1 or 0; nothing where the question was not answered, 0 in Central's
    layout.
    """
    labels = choices.by_code if choices else {}
    chosen = pl.col(id_).str.split(" ")
    blank = "0" if options.is_central else None
    for code in codes:
        heading = f"{answer.heading}/{code}"
        if options.shows_labels:
            heading = f"{answer.heading}: {labels.get(code, code)}"
        yield Output(
            Column(
                heading,
                "int",
                name=f"{answer.name}/{code}",
                label=f"{answer.label}: {labels.get(code, code)}",
                path=answer.path,
                choice=code,
                sensitivity=answer.sensitivity,
            ),
            chosen.list.contains(code).cast(pl.Int8).cast(pl.String).fill_null(pl.lit(blank)),
        )
