"""A form's submissions as Central lays them out, as a stream (central-api.md §11, §12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import md5
from itertools import chain
from pathlib import Path

from exports.central import Parts, iter_csv, iter_zip
from exports.media import Attachment
from exports.options import Options
from server.actions.decrypting import Opener, Unlocking
from server.actions.exporting.files import SubmissionFiles
from server.actions.exporting.grouping import as_reported
from server.actions.exporting.orders import ExportOrder
from server.actions.exporting.sources import Submissions, list_scope_versions
from server.actions.exporting.writing import Installed, readable_rows
from server.auth.callers import Caller
from server.errors import NotFound
from server.models import Form
from server.queries import actors
from server.queries.exports import ExportScope, Portion, iter_marks, sum_sizes

_LOG = "audit.csv"
_PER_ROW, _PER_CELL = 4_000, 4
_UNFORESEEN = 1 << 40


@dataclass(frozen=True, slots=True)
class CentralOrder:
    """What was asked for; `with_files` adds attachments to a ZIP."""

    scope: ExportScope
    options: Options
    with_files: bool = False
    unlocking: Unlocking = field(default_factory=Unlocking)


class CentralExport:
    """One download: make it in a `snapshot`, and use it up there.

    Raises as the gate, and where a passphrase is wrong.
    """

    def __init__(
        self,
        order: CentralOrder,
        form: Form,
        *,
        at: Installed,
        by: Caller,
        opener: Opener | None = None,
    ) -> None:
        """`opener` is what another one of the same order opened its keys with: that takes long."""
        self._order, self._at = order, at
        self._rows = readable_rows(form, by=by)
        tables = ExportOrder(
            "csv", Path(), order.scope, options=order.options, unlocking=order.unlocking
        )
        self._versions = list_scope_versions(tables, form)
        if not self._versions:
            raise NotFound(what=f"version of {form.xml_form_id}")
        self._source = Submissions(
            tables,
            self._rows,
            form,
            storage=at.storage,
            files=at.files,
            tz=at.tz,
            locate=as_reported,
            names={},
            progress=lambda count: None,
            opener=opener,
        )

    @property
    def opener(self) -> Opener:
        return self._source.opener

    @property
    def count(self) -> int:
        return self._mark[1]

    @property
    def tag(self) -> str:
        """Another one as soon as anything is different in it: an answer to `If-None-Match`."""
        return self._mark[0]

    @cached_property
    def _mark(self) -> tuple[str, int]:
        order = self._order
        digest = md5(usedforsecurity=False)
        keys = sorted(id_ for id_, _ in order.unlocking.by_key)
        digest.update(repr((order.options, order.with_files, keys)).encode())
        for version in self._versions:
            digest.update(f"{version.id} {version.sha256}\n".encode())
        count, senders = 0, set()
        for row in iter_marks(order.scope, self._rows):
            digest.update(f"{row.id} {row.changed_at}\n".encode())
            senders.add(row.submitter_id)
            count += 1
        for id_ in sorted(filter(None, senders)):
            digest.update(f"{id_} {actors.get_name(id_)}\n".encode())
        return digest.hexdigest(), count

    def csv(self) -> Iterator[bytes]:
        """The form's own rows."""
        return iter_csv(self._shaped())

    def zip(self) -> Iterator[bytes]:
        """All tables, and perhaps files."""
        source = self._shaped()
        attachments = self._attachments(source) if self._order.with_files else ()
        parts = Parts(source, attachments, self._logs(source), self._size(source))
        return iter_zip(parts, self._at.storage.uploads)

    def _shaped(self) -> Submissions:
        return self._source.shaped(Portion())

    def _attachments(self, source: Submissions) -> Iterator[Attachment]:
        files = SubmissionFiles(source.opener, self._at.storage, everything=False)
        return chain.from_iterable(files.of(page) for page in source.pages())

    def _logs(self, source: Submissions) -> frozenset[str]:
        """Phones call the log of filling so, where the form keeps one."""
        paths = {column.path for head in source.heads for column in head.columns}
        return frozenset({_LOG} if "/meta/audit" in paths else ())

    def _size(self, source: Submissions) -> int:
        """What the form's own rows may come to: answers as they are, each with what is around."""
        if self._order.unlocking != Unlocking():
            return _UNFORESEEN
        per_row = _PER_ROW + _PER_CELL * len(source.heads[0].columns)
        return sum_sizes(self._order.scope, self._rows) + self.count * per_row
