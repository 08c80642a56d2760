"""Instances as the Dataset that writers get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import polars as pl

from exports.options import Options
from exports.rows import Slip
from exports.shapes import RECORDS, Page, Shape
from exports.tables import Cells, Table, TableHead
from forms.definitions import FormDefinition
from forms.instances import Instance, parse_instance


class Rows:
    """Rows as they stand as a Dataset: the form's, then those of each repeat, `at_once` a batch."""

    name = "f"
    title = "F"
    tz = ZoneInfo("Asia/Ho_Chi_Minh")

    def __init__(
        self,
        heads: Sequence[TableHead],
        *tables: Sequence[Cells],
        at_once: int = 1_000,
        language: str = "vi",
    ) -> None:
        self.heads = heads
        self.language = language
        self._tables = tables
        self._at_once = at_once

    def batches(self) -> Iterator[tuple[Table, ...]]:
        for at in range(0, max(map(len, self._tables)), self._at_once):
            parts = (rows[at : at + self._at_once] for rows in self._tables)
            yield tuple(Table.of(head, p) for head, p in zip(self.heads, parts, strict=True))


class Instances:
    """Instances as a Dataset, `at_once` a batch; all filled with the newest version."""

    name = "f"
    title = "F"
    language = "vi"
    tz = ZoneInfo("Asia/Ho_Chi_Minh")

    def __init__(
        self,
        instances: Sequence[bytes],
        definitions: Sequence[FormDefinition],
        language: str | None = None,
        *,
        options: Options | None = None,
        seen: Mapping[str, Sequence[str]] | None = None,
        at_once: int = 2,
    ) -> None:
        options = options or Options(language=language)
        self.shape = Shape(dict(enumerate(definitions)), options, seen=seen)
        self.instances = [parse_instance(xml) for xml in instances]
        self._at_once = at_once

    @property
    def heads(self) -> tuple[TableHead, ...]:
        return self.shape.heads

    def batches(self) -> Iterator[tuple[Table, ...]]:
        numbered = list(enumerate(self.instances))
        for at in range(0, len(numbered), self._at_once):
            some = numbered[at : at + self._at_once]
            rows = self.shape.rows.frames(Slip(number, 0, i.root) for number, i in some)
            yield self.shape.tables(Page(records(some), rows))


def records(instances: Sequence[tuple[int, Instance]]) -> pl.DataFrame:
    """What the server knows of them."""
    known = {
        "form_version": 0,
        "SubmissionDate": "2026-11-24T10:00:00.000+07:00",
        "SubmitterName": "bob",
        "AttachmentsPresent": "0",
        "AttachmentsExpected": "0",
        "Status": None,
        "ReviewState": "received",
        "DeviceID": "collect:1",
        "FormVersion": "1",
        "commune": "12472",
        "commune_name": None,
    }
    rows = [{"version": n, "KEY": i.instance_id, **known} for n, i in instances]
    return pl.DataFrame(rows, schema=RECORDS)
