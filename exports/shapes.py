"""Submissions as tables: the answers in form order, then the system columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from exports.columns import Output, answer_outputs, is_wanted, system_outputs
from exports.labels import Choices, choices_by_path
from exports.options import Options
from exports.rows import KEY, PARENT_KEY, VERSION, FormRows, column_id
from exports.tables import Table, TableHead, unique_headings
from forms.definitions import FormDefinition
from forms.layouts import TableLayout, build_layout

RECORDS: dict[str, pl.DataType] = {
    VERSION: pl.Int64(),
    "form_version": pl.Int64(),
    "SubmissionDate": pl.String(),
    "KEY": pl.String(),
    "SubmitterID": pl.String(),
    "SubmitterName": pl.String(),
    "AttachmentsPresent": pl.String(),
    "AttachmentsExpected": pl.String(),
    "Status": pl.String(),
    "ReviewState": pl.String(),
    "DeviceID": pl.String(),
    "Edits": pl.String(),
    "FormVersion": pl.String(),
    "commune": pl.String(),
    "commune_name": pl.String(),
}
"""What the server knows of submissions, one row each: `Status` says what is not as it should be
with an encrypted one (Central's column)."""


_PLAIN = Options()


@dataclass(frozen=True, slots=True)
class Page:
    """Some submissions in their order, and the rows of every table of the form for them."""

    records: pl.DataFrame
    rows: Sequence[pl.DataFrame]


class Shape:
    """The tables of a form over all its versions, as an export shows them.

    `definitions` are the versions by id, newest first; `files` their attached lists, by name.
    `seen` has codes of selects of several that occur, by column, for columns of their own.
    """

    def __init__(
        self,
        definitions: Mapping[int, FormDefinition],
        options: Options = _PLAIN,
        *,
        files: Mapping[int, Mapping[str, bytes]] | None = None,
        seen: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        versions = list(definitions.values())
        self.options = options
        self.rows = FormRows(definitions)
        language = options.language or next((d.default_language for d in versions), "")
        self._choices = {
            id_: choices_by_path(d, (files or {}).get(id_, {}), language)
            for id_, d in definitions.items()
        }
        shaped = [
            (at, self._head(layout, versions, seen or {}))
            for at, layout in self._shown(versions[:1])
        ]
        self._tables = [
            (at, head, outputs)
            for at, (head, outputs) in shaped
            if not options.columns or any(is_wanted(o.column.id, options.columns) for o in outputs)
        ]
        self.heads = tuple(head for _, head, _ in self._tables)
        self.answers = {name for _, _, outputs in self._tables for o in outputs for name in o.needs}

    def tables(self, page: Page) -> tuple[Table, ...]:
        return tuple(
            Table(head, self._frame(self.rows.layouts[at], outputs, page, page.rows[at]))
            for at, head, outputs in self._tables
        )

    def _shown(self, newest: Sequence[FormDefinition]) -> Iterator[tuple[int, TableLayout]]:
        """The tables and their columns; for Central those of the newest version, unless older ones
        are wanted too: a repeat that vanished is no table, and gives no other one a number.
        """
        if self.options.older_fields or not self.options.is_central:
            yield from enumerate(self.rows.layouts)
            return
        known = {layout.path: layout for layout in build_layout(newest)}
        for at, layout in enumerate(self.rows.layouts):
            if layout.path in known:
                yield at, known[layout.path]

    def _head(
        self,
        layout: TableLayout,
        versions: Sequence[FormDefinition],
        seen: Mapping[str, Sequence[str]],
    ) -> tuple[TableHead, list[Output]]:
        codes = self._codes()
        answers = list(answer_outputs(layout, versions, self.options, codes, seen))
        taken = {output.column.heading for output in answers}
        before, after = system_outputs(layout, self.options, taken)
        outputs = [*before, *answers, *after]
        if self.options.columns:
            outputs = [
                o for o in outputs if o.is_key or is_wanted(o.column.id, self.options.columns)
            ]
        headings = unique_headings(
            [o.column.heading for o in outputs], [o.column.id for o in outputs]
        )
        headed = [o.headed(h) for o, h in zip(outputs, headings, strict=True)]
        return TableHead(layout.name, tuple(o.column for o in headed)), headed

    def _codes(self) -> dict[str, Choices]:
        """The choices of every select: what newer versions say of a code counts."""
        merged: dict[str, Choices] = {}
        for choices in self._choices.values():
            for path, of_version in choices.items():
                newer = merged.get(path)
                merged[path] = of_version if newer is None else newer.with_older(of_version)
        return merged

    def _frame(
        self,
        layout: TableLayout,
        outputs: Sequence[Output],
        page: Page,
        rows: pl.DataFrame,
    ) -> pl.DataFrame:
        if layout.path:
            records = page.records.select(VERSION, "form_version", "KEY")
            frame = records.join(rows, on=VERSION, how="inner", maintain_order="left_right")
            frame = frame.with_columns(
                (pl.col("KEY") + pl.col(PARENT_KEY)).alias("PARENT_KEY"),
                (pl.col("KEY") + pl.col(KEY)).alias("KEY"),
            )
        else:
            frame = page.records.join(rows, on=VERSION, how="left", maintain_order="left")
        frame = self._with_labels(frame, layout, outputs)
        return frame.select(o.value.alias(o.column.heading) for o in outputs)

    def _with_labels(
        self, frame: pl.DataFrame, layout: TableLayout, outputs: Sequence[Output]
    ) -> pl.DataFrame:
        """The frame and a column `{id}:label` for each that an output asks for."""
        wanted = {o.labelled for o in outputs if o.labelled}
        for column in layout.columns:
            if column_id(column) in wanted:
                frame = self._label(frame, column_id(column), column.field.path)
        return frame

    def _label(self, frame: pl.DataFrame, id_: str, path: str) -> pl.DataFrame:
        """Each answer is looked up once for each version of the form that it was given to."""
        pairs = frame.select("form_version", id_).drop_nulls().unique()
        labels = [
            self._choices[version][path].text(answer)
            if path in self._choices.get(version, {})
            else answer
            for version, answer in pairs.iter_rows()
        ]
        known = pairs.with_columns(pl.Series(f"{id_}:label", labels, dtype=pl.String))
        return frame.join(known, on=["form_version", id_], how="left", maintain_order="left")


def iter_split(rows: FormRows) -> Iterator[tuple[int, str]]:
    """(table, column) of every select of several."""
    for at, layout in enumerate(rows.layouts):
        for column in layout.columns:
            if column.field.select_multiple:
                yield at, column_id(column)


def list_columns(definitions: Mapping[int, FormDefinition], options: Options) -> list[str]:
    """The names of all columns, for programs."""
    heads = Shape(definitions, options).heads
    return [column.id for head in heads for column in head.columns]
