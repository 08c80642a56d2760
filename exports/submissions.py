"""Submissions as tables: the answers in form order, then the system columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from exports.labels import Choices, heading_text
from exports.tables import Column, Table, TableHead, unique_headings
from forms.definitions import FormDefinition
from forms.flatten import FlatRow, flatten_instance
from forms.layouts import TableLayout, build_layout

BEFORE = (Column("SubmissionDate", "dateTime"),)
AFTER = (
    Column("KEY"),
    Column("SubmitterName"),
    Column("AttachmentsPresent", "int"),
    Column("AttachmentsExpected", "int"),
    Column("Status"),
    Column("ReviewState"),
    Column("DeviceID"),
    Column("FormVersion"),
    Column("commune"),
)
OF_REPEATS = (Column("PARENT_KEY"), Column("KEY"))


@dataclass(frozen=True, slots=True)
class Record:
    """One submission: its parsed instance and what the server knows of it.

    `status` says what is not as it should be with an encrypted one (Central's column Status).
    """

    key: str
    root: etree._Element
    submitted_at: str
    submitter: str
    attachments_present: int
    attachments_expected: int
    review_state: str
    device_id: str
    form_version: str
    commune: str
    status: str = ""
    choices: Mapping[str, Choices] = field(default_factory=dict)

    def after(self) -> tuple[str | None, ...]:
        """Values of the columns of AFTER."""
        return (
            self.key,
            self.submitter or None,
            str(self.attachments_present),
            str(self.attachments_expected),
            self.status or None,
            self.review_state,
            self.device_id or None,
            self.form_version or None,
            self.commune or None,
        )


class Shape:
    """The tables of a form over all versions in an export, and the rows of each record.

    `language` makes labels of headings and chosen codes; None leaves names and codes.
    """

    def __init__(self, definitions: Sequence[FormDefinition], language: str | None = None) -> None:
        self.layouts = build_layout(definitions)
        self.language = language
        self._default = definitions[0].default_language if definitions else ""
        self.heads = tuple(self._head(layout) for layout in self.layouts)

    def tables(self, records: Sequence[Record]) -> tuple[Table, ...]:
        rows: list[list[list[str | None]]] = [[] for _ in self.layouts]
        for record in records:
            flat = flatten_instance(record.root, self.layouts, record.key)
            if record.choices:
                self._label(flat, record.choices)
            rows[0].append([record.submitted_at, *flat[0][0].values, *record.after()])
            for table, repeats in enumerate(flat[1:], start=1):
                rows[table].extend([*r.values, r.parent_key, r.key] for r in repeats)
        return tuple(Table.of(head, r) for head, r in zip(self.heads, rows, strict=True))

    def _head(self, layout: TableLayout) -> TableHead:
        answers = self._answer_columns(layout)
        taken = {column.heading for column in answers}
        before, after = (BEFORE, AFTER) if not layout.name else ((), OF_REPEATS)
        columns = (*_apart(before, taken), *answers, *_apart(after, taken))
        return TableHead(layout.name, tuple(columns))

    def _answer_columns(self, layout: TableLayout) -> list[Column]:
        names = [column.name for column in layout.columns]
        headings = names
        if self.language is not None:
            texts = [
                heading_text(c.field, self.language, self._default)
                + (f" ({c.part})" if c.part else "")
                for c in layout.columns
            ]
            headings = unique_headings(texts, names)
        types = ["decimal" if c.part else c.field.bind.type for c in layout.columns]
        return [Column(h, t) for h, t in zip(headings, types, strict=True)]

    def _label(self, flat: list[list[FlatRow]], choices: Mapping[str, Choices]) -> None:
        for layout, rows in zip(self.layouts, flat, strict=True):
            selects = [
                (i, choices[c.field.path])
                for i, c in enumerate(layout.columns)
                if c.field.path in choices
            ]
            for row in rows:
                for i, select in selects:
                    answer = row.values[i]
                    if answer:
                        row.values[i] = select.text(answer)


def _apart(columns: Sequence[Column], taken: set[str]) -> list[Column]:
    """System columns, renamed where a question has the same name."""
    return [Column(f"__{c.heading}", c.type) if c.heading in taken else c for c in columns]
