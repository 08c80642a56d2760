"""Instances as the Dataset that writers get."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from exports.submissions import Record, Shape
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
    """Instances as a Dataset, in batches of two."""

    name = "f"
    title = "F"
    language = "vi"
    tz = ZoneInfo("Asia/Ho_Chi_Minh")

    def __init__(
        self,
        instances: Sequence[bytes],
        definitions: Sequence[FormDefinition],
        language: str | None = None,
    ) -> None:
        self.shape = Shape(definitions, language)
        self.instances = [parse_instance(xml) for xml in instances]

    @property
    def heads(self) -> tuple[TableHead, ...]:
        return self.shape.heads

    def batches(self) -> Iterator[tuple[Table, ...]]:
        for at in range(0, len(self.instances), 2):
            yield self.shape.tables([record(i) for i in self.instances[at : at + 2]])


def record(instance: Instance) -> Record:
    return Record(
        key=instance.instance_id,
        root=instance.root,
        submitted_at="2026-11-24T10:00:00.000+07:00",
        submitter="bob",
        attachments_present=0,
        attachments_expected=0,
        review_state="received",
        device_id="collect:1",
        form_version="1",
        commune="12472",
    )
