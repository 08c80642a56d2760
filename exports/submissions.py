"""Submissions as tables: the answers in form order, then the system columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from exports.headings import point_text, question_heading, review_state_text, system_heading
from exports.labels import Choices, heading_text, pick_text
from exports.tables import Column, Table, TableHead, unique_headings
from forms.definitions import Field, FormDefinition
from forms.flatten import FlatRow, flatten_instance
from forms.layouts import Column as LayoutColumn
from forms.layouts import TableLayout, build_layout, see_as

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
OF_LABELS = (Column("commune_name"),)
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
    commune_name: str = ""
    status: str = ""
    choices: Mapping[str, Choices] = field(default_factory=dict)

    def after(self, language: str | None) -> tuple[str | None, ...]:
        """Values of the columns of AFTER, and with labels of OF_LABELS."""
        state = review_state_text(self.review_state, language) if language else self.review_state
        values = (
            self.key,
            self.submitter or None,
            str(self.attachments_present),
            str(self.attachments_expected),
            self.status or None,
            state,
            self.device_id or None,
            self.form_version or None,
            self.commune or None,
        )
        return values if language is None else (*values, self.commune_name or None)


class Shape:
    """The tables of a form over all versions in an export, and the rows of each record.

    `language` makes labels of headings and chosen codes, and leaves out notes, which hold no
    answers; None leaves names and codes, and every column that the form declares.
    """

    def __init__(self, definitions: Sequence[FormDefinition], language: str | None = None) -> None:
        self._definitions = definitions
        self.language = language
        self.layouts = build_layout(
            definitions, without=lambda f: language is not None and f.is_note
        )
        self._seen = {d.version: see_as(self.layouts, d) for d in definitions}
        self.heads = tuple(self._head(layout) for layout in self.layouts)

    def tables(self, records: Iterable[Record]) -> tuple[Table, ...]:
        """The rows of some records, each read once and let go."""
        rows: list[list[list[str | None]]] = [[] for _ in self.layouts]
        for record in records:
            nodes = self._seen.get(record.form_version)
            flat = flatten_instance(record.root, self.layouts, record.key, nodes)
            if record.choices:
                self._label(flat, record.choices)
            after = record.after(self.language)
            rows[0].append([record.submitted_at, *flat[0][0].values, *after])
            for table, repeats in enumerate(flat[1:], start=1):
                rows[table].extend([*r.values, r.parent_key, r.key] for r in repeats)
        return tuple(Table.of(head, r) for head, r in zip(self.heads, rows, strict=True))

    def _head(self, layout: TableLayout) -> TableHead:
        answers = [self._answer(c) for c in layout.columns]
        before, after = ((), OF_REPEATS) if layout.name else (BEFORE, AFTER)
        if self.language is None:
            taken = {column.heading for column in answers}
            columns = (*_apart(before, taken), *answers, *_apart(after, taken))
            return TableHead(layout.name, columns)
        after = (*after, *OF_LABELS) if not layout.name else after
        columns = (*before, *answers, *after)
        headings = [
            *(system_heading(c.heading, self.language) for c in before),
            *self._question_headings(layout, self.language),
            *(system_heading(c.heading, self.language) for c in after),
        ]
        unique = unique_headings(headings, [c.heading for c in columns])
        headed = (
            replace(c, heading=h, name=c.heading) for h, c in zip(unique, columns, strict=True)
        )
        return TableHead(layout.name, tuple(headed))

    def _answer(self, column: LayoutColumn) -> Column:
        field, default = column.field, self._definitions[0].default_language
        language = self.language or default
        codes = {c.value: pick_text(c.labels, language, default) for c in field.choices}
        return Column(
            column.name,
            "decimal" if column.part else _type(field),
            label=heading_text(field, language, default),
            codes={code: text for code, text in codes.items() if text},
            is_multiple=field.select_multiple,
            path=field.path,
            part=column.part,
            sensitivity=field.bind.sensitivity,
        )

    def _question_headings(self, layout: TableLayout, language: str) -> list[str]:
        return [
            question_heading(c.field, self._definitions, language)
            + (f" ({point_text(c.part, language)})" if c.part else "")
            for c in layout.columns
        ]

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


def _type(field: Field) -> str:
    """A calculation is text to the form; one of `now()` is a moment to people."""
    is_moment = field.bind.type == "string" and "now()" in field.bind.calculate
    return "dateTime" if is_moment else field.bind.type


def _apart(columns: Sequence[Column], taken: set[str]) -> tuple[Column, ...]:
    """System columns, renamed where a question has the same name."""
    return tuple(Column(f"__{c.heading}", c.type) if c.heading in taken else c for c in columns)
