"""A form's submissions as a Dataset: pages of the database, and the projection's rows for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from exports.options import Split
from exports.rows import VERSION, Slip
from exports.shapes import RECORDS, Page, Shape, iter_split
from exports.tables import Table, TableHead
from forms.instances import is_encrypted
from forms.xml import parse_xml
from server.actions.decrypting import Opener, Status
from server.actions.definitions import get_compiled, get_definition
from server.actions.exporting.grouping import Locate
from server.actions.exporting.orders import ExportOrder
from server.models import Form, FormVersion
from server.projection.files import RowFiles
from server.projection.reading import RowReader
from server.queries import forms, projection, submission_attachments
from server.queries.exports import (
    Portion,
    RecordRow,
    ReportedCommune,
    Source,
    iter_newest,
    iter_pages,
)
from server.queries.scopes import Scope
from server.storage import Storage

_SLIPS_AT_ONCE = 100
_UTC = ZoneInfo("UTC")
_LOCAL, _CENTRAL = "%Y-%m-%dT%H:%M:%S%.3f%:z", "%Y-%m-%dT%H:%M:%S%.3fZ"


class Submissions:
    """What an order asks of a form, as far as `rows` reach; `of` is the same of a portion."""

    def __init__(
        self,
        order: ExportOrder,
        rows: Scope,
        form: Form,
        *,
        storage: Storage,
        files: RowFiles,
        tz: ZoneInfo,
        locate: Locate,
        names: Mapping[tuple[str, str], str],
        progress: Callable[[int], None],
        opener: Opener | None = None,
    ) -> None:
        """`names` are those of communes, by edition and code."""
        self.name = form.xml_form_id
        self.tz = tz
        self.language = order.options.own_language
        self._order = order
        self._rows = rows
        self._files = files
        self._storage = storage
        self._locate = locate
        self._progress = progress
        self._portion = Portion()
        self._statuses: dict[int, str] = {}
        self._versions = list_scope_versions(order, form)
        self._definitions = {
            v.id: get_definition(v.id, v.sha256, v.commune_field) for v in self._versions
        }
        publics = {id_: d.public_key for id_, d in self._definitions.items()}
        self.opener = opener or Opener(order.unlocking, form, publics, storage)
        self.title = next((d.title for d in self._definitions.values()), self.name)
        self._names = names

    def of(self, portion: Portion) -> Submissions:
        part = object.__new__(Submissions)
        part.__dict__.update(self.__dict__, _portion=portion)
        return part

    def shaped(self, whole: Portion) -> Submissions:
        """Ready to be written: the columns are decided, by what is in the whole where need be."""
        part = self.of(whole)
        files = {v.id: _lists(v, self._storage) for v in self._versions}
        options = self._order.options
        part.__dict__["shape"] = Shape(self._definitions, options, files=files)
        if options.split is not Split.NONE:
            seen = part._seen_codes()
            part.__dict__["shape"] = Shape(self._definitions, options, files=files, seen=seen)
        return part

    @cached_property
    def shape(self) -> Shape:
        return Shape(self._definitions, self._order.options)

    @property
    def heads(self) -> Sequence[TableHead]:
        return self.shape.heads

    def batches(self) -> Iterator[Sequence[Table]]:
        reader = RowReader(self.shape.rows, self._files, self._read_slips, self.shape.answers)
        for page in self.pages():
            rows = reader.read(page)
            kept = [row for row in page if self._is_kept(row)]
            if kept:
                yield self.shape.tables(Page(self._records(kept), rows))
            self._progress(len(page))

    def pages(self) -> Iterator[Sequence[RecordRow]]:
        """Central has the newest first, people commune by commune."""
        if self._order.options.is_central:
            return iter_newest(self._order.scope, self._rows)
        return iter_pages(self._order.scope, self._rows, self._portion)

    def _is_kept(self, row: RecordRow) -> bool:
        """To Central a passphrase also says that what it does not open is not wanted."""
        is_closed = self._statuses.get(row.version_id) == Status.NOT_DECRYPTED
        return not (is_closed and self._order.unlocking.by_key)

    def _seen_codes(self) -> dict[str, list[str]]:
        """The codes that occur in selects of several, in order."""
        wanted = list(iter_split(self.shape.rows))
        seen: dict[str, set[str]] = {id_: set() for _, id_ in wanted}
        reader = RowReader(self.shape.rows, self._files, self._read_slips, set(seen))
        for page in self._live_pages():
            rows = reader.read(page)
            for at, id_ in wanted:
                answers = rows[at].get_column(id_).unique().drop_nulls()
                seen[id_].update(code for answer in answers for code in answer.split())
        return {id_: sorted(codes) for id_, codes in seen.items()}

    def _live_pages(self) -> Iterator[Sequence[RecordRow]]:
        """Where columns come of answers, Central passes over deleted ones."""
        if not self._order.options.is_central:
            return self.pages()
        return iter_newest(replace(self._order.scope, with_deleted=False), self._rows)

    def _read_slips(self, records: Sequence[RecordRow]) -> Iterator[Slip]:
        """Slips out of their XML, few in memory at a time; encrypted ones are opened."""
        for at in range(0, len(records), _SLIPS_AT_ONCE):
            some = records[at : at + _SLIPS_AT_ONCE]
            found = projection.load_xml([row.version_id for row in some])
            for row in some:
                xml, _ = found[row.version_id]
                root = parse_xml(xml, lenient=True)
                if is_encrypted(root):
                    root, status = self.opener.open(
                        xml, version_id=row.version_id, form_version_id=row.form_version_id
                    )
                    self._statuses[row.version_id] = status
                yield Slip(row.version_id, row.form_version_id, root)

    def _records(self, page: Sequence[RecordRow]) -> pl.DataFrame:
        known = dict(zip(page[0]._fields, zip(*page, strict=True), strict=True))
        version_ids = known["version_id"]
        counts: Mapping[int, tuple[int, int]] = {}
        if self._has_files:
            counts = submission_attachments.count_files(version_ids)
        none, none_of_page = (0, 0), (0,) * len(page)
        places = self._places(page)
        versions = {v.id: v.version for v in self._versions}
        of_version = known.get("first_version_id", known["form_version_id"])
        columns: dict[str, Sequence[Any]] = {
            VERSION: version_ids,
            "form_version": known["form_version_id"],
            "KEY": known["instance_id"],
            "SubmitterID": [str(id_ or "") for id_ in known["submitter_id"]],
            "SubmitterName": known["submitter"],
            "AttachmentsPresent": [str(counts.get(id_, none)[0]) for id_ in version_ids],
            "AttachmentsExpected": [str(counts.get(id_, none)[1]) for id_ in version_ids],
            "Status": [self._statuses.pop(id_, None) for id_ in version_ids],
            "ReviewState": known["review_state"],
            "DeviceID": known["device_id"],
            "Edits": [str(count) for count in known.get("edits", none_of_page)],
            "FormVersion": [versions.get(id_) for id_ in of_version],
            "commune": [code for _, code in places],
            "commune_name": [self._names.get(place) for place in places],
        }
        frame = pl.DataFrame(columns, schema_overrides=RECORDS)
        frame = frame.with_columns(pl.col(pl.String).replace("", None))
        zone, form = (self.tz, _LOCAL) if not self._order.options.is_central else (_UTC, _CENTRAL)
        dated = frame.with_columns(SubmissionDate=_times(known["created_at"], zone, form))
        return dated.select(list(RECORDS))

    def _places(self, page: Sequence[RecordRow]) -> list[tuple[str, str]]:
        """(edition, code) of each; a code alone, whose edition cannot be told, stays."""
        if self._order.edition is None:
            return [(row.edition or "", row.commune_code or "") for row in page]
        located = []
        for row in page:
            is_known = bool(row.commune_code and row.edition)
            reported = ReportedCommune(*((row.commune_code, row.edition) if is_known else ()))
            commune = self._locate(Source(reported, row.village_code))
            located.append((commune.edition, commune.code))
        return located

    @cached_property
    def _has_files(self) -> bool:
        return any(
            v.has_public_key or get_compiled(v.id, v.sha256, v.commune_field).has_files
            for v in self._versions
        )


def list_scope_versions(order: ExportOrder, form: Form) -> Sequence[FormVersion]:
    """The versions of the form to which slips in scope belong, newest first."""
    if not order.scope.is_draft:
        return forms.list_versions(form)
    draft = forms.find_draft(form)
    return [draft] if draft is not None else []


def _lists(version: FormVersion, storage: Storage) -> dict[str, bytes]:
    """The choice lists in files that a version of the form came with."""
    return {
        file.name: storage.path(file.storage_key).read_bytes()
        for file in forms.list_attachments(version.id)
        if file.storage_key and file.name.endswith(".csv")
    }


def _times(moments: Sequence[datetime | str], tz: ZoneInfo, form: str) -> pl.Series:
    """Moments as the database has them: UTC, as text in SQLite."""
    if isinstance(moments[0], str):
        utc = pl.Series(moments).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_zone="UTC")
    else:
        utc = pl.Series(moments, dtype=pl.Datetime("us", "UTC"))
    return utc.dt.convert_time_zone(str(tz)).dt.strftime(form)
