"""Lists that expressions look things up in: rows of text by column, indexed on first use."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from lxml import etree

from forms.definitions import FormDefinition
from forms.xforms_text import read_itext
from forms.xml import local_name, parse_xml

from .values import SAME, Atom, number_of_text, to_text

Row = Mapping[str, str]
_MAX_BYTES = 50_000_000
_MAX_NODES = 3_000_000


class LookupList:
    """The rows of one list, in order, and where each value of a column stands."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._texts: dict[str, dict[str, list[Row]]] = {}
        self._numbers: dict[str, dict[int, list[Row]]] = {}
        self._values: dict[str, frozenset[str]] = {}

    def values(self, column: str) -> frozenset[str]:
        """All that stands in the column."""
        values = self._values.get(column)
        if values is None:
            values = frozenset(row.get(column, "") for row in self.rows)
            self._values[column] = values
        return values

    def find(self, column: str, value: Atom) -> Sequence[Row] | None:
        """The rows where `column = value`; None where that must be asked of each row."""
        if isinstance(value, bool):
            return None
        if isinstance(value, float):
            return self._find_number(column, value)
        text = to_text(value) if isinstance(value, datetime) else value
        return self._by_text(column).get(text, ())

    def _by_text(self, column: str) -> dict[str, list[Row]]:
        index = self._texts.get(column)
        if index is None:
            index = {}
            for row in self.rows:
                index.setdefault(row.get(column, ""), []).append(row)
            self._texts[column] = index
        return index

    def _find_number(self, column: str, value: float) -> Sequence[Row] | None:
        if not math.isfinite(value) or abs(value - round(value)) >= SAME:
            return None
        index = self._numbers.get(column)
        if index is None:
            index = {}
            for row in self.rows:
                number = number_of_text(row.get(column, ""))
                if math.isfinite(number) and abs(number - round(number)) < SAME:
                    index.setdefault(round(number), []).append(row)
            self._numbers[column] = index
        return index.get(round(value), ())


Texts = Mapping[str, dict[str, str]]


def read_lists(definition: FormDefinition) -> tuple[dict[str, LookupList], Texts]:
    """The lists inside the form, their columns as they stand there, and the texts by their ids."""
    root = parse_xml(definition.xform, max_bytes=_MAX_BYTES, max_nodes=_MAX_NODES)
    lists = {
        instance.get("id", ""): LookupList(list(_rows(instance)))
        for instance in root.iter("{*}instance")
        if instance.get("src") is None and instance.get("id") in definition.lists
    }
    model = next(root.iter("{*}model"))
    return lists, read_itext(model).by_id


def _rows(instance: etree._Element) -> Iterable[Row]:
    for item in instance.iter():
        if local_name(item) == "item":
            yield {local_name(cell): (cell.text or "").strip() for cell in item}
