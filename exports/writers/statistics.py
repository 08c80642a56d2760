"""A table as the variables of a statistics program: values where it holds them, labels, text.

An answer that its variable cannot hold exactly is missing there and stands as text in a variable
beside it, which exists only then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

import polars as pl

from exports.tables import Column, TableHead
from exports.values import DTYPES, is_exact_number, value_of
from exports.writers.variables import Names, Program, cut, size_in_bytes

_INTEGER = r"^-?(0|[1-9][0-9]{0,8})$"  # Int32, and no number that Stata takes for missing
_CODE = re.compile(_INTEGER, re.ASCII)
_AS_ANSWERED = {"vi": "nguyên văn", "en": "as answered"}
_AS_CODES = {"vi": "ghi mã", "en": "codes"}

Labels = dict[Any, str]
"""The labels of values by the value: a number or, where the program has such labels, a text."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of the file; `format` is empty where the program's own will do."""

    name: str
    label: str
    values: pl.Series
    format: str = ""
    labels: Labels = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Variables:
    """Makes the variables of a table for a program; moments are shown in `tz`."""

    program: Program
    tz: tzinfo
    language: str

    def of(self, head: TableHead, frame: pl.DataFrame) -> list[Variable]:
        names = Names(self.program)
        own = [names.take(column.id) for column in head.columns]
        return [
            variable
            for column, name in zip(head.columns, own, strict=True)
            for variable in self._of_column(column, name, frame[column.heading], names)
        ]

    def _of_column(
        self, column: Column, name: str, text: pl.Series, names: Names
    ) -> Iterator[Variable]:
        if column.codes and not column.is_multiple:
            yield self._of_codes(column, name, text)
        elif column.type in DTYPES:
            yield from self._of_values(column, name, text, names)
        else:
            yield self._of_text(column, name, text)

    def _of_codes(self, column: Column, name: str, text: pl.Series) -> Variable:
        codes = {code: self._value_label(label) for code, label in column.codes.items()}
        answered = text.drop_nulls().unique()
        if all(map(_CODE.match, codes)) and answered.str.contains(_INTEGER).all():
            labels: Labels = {int(code): label for code, label in codes.items()}
            values = text.cast(pl.Int32)
            return Variable(name, self._label(column), values, self._number_format(0), labels)
        if self.program.labels_text:
            return self._of_text(column, name, text, _fitting(codes, set(answered)))
        if set(answered) <= set(codes):
            return self._of_numbered(column, name, text)
        return self._of_text(column, name, text, note=_AS_CODES[self.language])

    def _of_numbered(self, column: Column, name: str, text: pl.Series) -> Variable:
        """The choices as 1, 2, 3 …, in the order of the form; the label says the code too."""
        numbers = {code: number for number, code in enumerate(column.codes, start=1)}
        values = text.replace_strict(numbers, default=None, return_dtype=pl.Int32)
        labels: Labels = {
            number: self._value_label(f"{column.codes[code]} [{code}]")
            for code, number in numbers.items()
        }
        return Variable(name, self._label(column), values, self._number_format(0), labels)

    def _of_values(
        self, column: Column, name: str, text: pl.Series, names: Names
    ) -> Iterator[Variable]:
        table = pl.DataFrame({"text": text}).select(
            "text", value=self._value(pl.col("text"), column.type)
        )
        yield Variable(name, self._label(column), table["value"], self._format(column.type, text))
        beside = table.select(pl.when(pl.col("value").is_null()).then("text"))["text"]
        if beside.null_count() < beside.len():
            twin, note = names.take(column.id, "_text"), _AS_ANSWERED[self.language]
            yield self._of_text(column, twin, beside, note=note)

    def _of_text(
        self,
        column: Column,
        name: str,
        text: pl.Series,
        labels: Labels | None = None,
        note: str = "",
    ) -> Variable:
        return Variable(name, self._label(column, note), text.fill_null(""), labels=labels or {})

    def _value(self, text: pl.Expr, type_: str) -> pl.Expr:
        """What the program's doubles hold exactly: 15 digits, milliseconds, its calendar."""
        value = value_of(text, type_, self.tz)
        match type_:
            case "int" | "decimal":
                return pl.when(is_exact_number(text)).then(value.cast(pl.Float64))
            case "date":
                return pl.when(value >= self.program.earliest).then(value)
            case "dateTime":
                value = value.dt.convert_time_zone(str(self.tz)).dt.replace_time_zone(None)
                value = pl.when(value.dt.date() >= self.program.earliest).then(value)
                return pl.when(value.dt.microsecond() % 1000 == 0).then(value)
        return pl.when(value.dt.nanosecond() % 1_000_000 == 0).then(value)

    def _format(self, type_: str, text: pl.Series) -> str:
        if type_ in self.program.formats:
            return self.program.formats[type_]
        decimals = text.str.extract(r"\.([0-9]{1,10})").str.len_bytes().max()
        return self._number_format(int(str(decimals or 0)))

    def _number_format(self, decimals: int) -> str:
        return self.program.number_format(decimals)

    def _label(self, column: Column, note: str = "") -> str:
        """The original name first, so that it is there however long the question is."""
        text = f"{column.id} ({note})" if note else column.id
        question = column.label or column.heading
        if question != column.id:
            text = f"{text}: {question}"
        return cut(text, self.program.max_label, self.program.size)

    def _value_label(self, text: str) -> str:
        return cut(text, self.program.max_value_label, self.program.size)


def _fitting(codes: Mapping[str, str], answered: set[str]) -> Labels:
    """Without codes that nobody chose and that are wider in bytes than in characters.

    pyreadstat counts characters, and a label of a code wider than its variable would be damaged.
    """
    return {
        code: label
        for code, label in codes.items()
        if code in answered or size_in_bytes(code) == len(code)
    }
