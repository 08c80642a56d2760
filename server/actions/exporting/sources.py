"""A form's submissions as a Dataset: pages of the database, and the projection's rows for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from zoneinfo import ZoneInfo

import polars as pl

from exports.options import Split
from exports.rows import VERSION, Slip
from exports.shapes import Page, Shape, iter_split
from exports.tables import Table, TableHead
from forms.instances import is_encrypted
from forms.xml import parse_xml
from server.actions.decrypting import Opener, Status
from server.actions.definitions import get_compiled, get_definition
from server.actions.exporting.grouping import Locate
from server.actions.exporting.orders import ExportOrder
from server.models import Form, FormVersion
from server.projection.files import RowFiles
from server.projection.reading import RowReader, frame_of
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
        lists: Mapping[str, bytes] | None = None,
    ) -> None:
        """`names` are those of communes, by edition and code; `lists` come in place of files that
        the form has.
        """
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
        self._own_lists = dict(lists or {})
        self._shape: Shape

    def of(self, portion: Portion) -> Submissions:
        part = copy(self)
        part._portion = portion
        return part

    def shaped(self, whole: Portion) -> Submissions:
        """Ready to be written: the columns are decided, by what is in the whole where need be."""
        part, options = self.of(whole), self._order.options
        files = {v.id: _lists(v, self._storage) | self._own_lists for v in self._versions}
        part._shape = Shape(self._definitions, options, files=files)
        if options.split is not Split.NONE and (seen := part._seen_codes()):
            part._shape = Shape(self._definitions, options, files=files, seen=seen)
        return part

    @property
    def heads(self) -> Sequence[TableHead]:
        return self._shape.heads

    def batches(self) -> Iterator[Sequence[Table]]:
        reader = RowReader(self._shape.rows, self._files, self._read_slips, self._shape.answers)
        for page in self.pages():
            yield from self._tables(reader, frame_of(page))
            self._progress(len(page))

    def _tables(self, reader: RowReader, page: pl.DataFrame) -> list[tuple[Table, ...]]:
        """One batch, or none where nothing of the page is kept."""
        rows = reader.read(page)  # first: the statuses of records are found on the way
        kept = self._kept(page)
        return [self._shape.tables(Page(self._records(kept), rows))] if kept.height else []

    def pages(self) -> Iterator[Sequence[RecordRow]]:
        """Central has the newest first, people commune by commune."""
        if self._order.options.is_central:
            return iter_newest(self._order.scope, self._rows)
        return iter_pages(self._order.scope, self._rows, self._portion)

    def _kept(self, page: pl.DataFrame) -> pl.DataFrame:
        """To Central a passphrase also says that what it does not open is not wanted."""
        if not self._order.unlocking.by_key:
            return page
        closed = [id_ for id_, s in self._statuses.items() if s == Status.NOT_DECRYPTED]
        return page.filter(~pl.col("version_id").is_in(closed))

    def _seen_codes(self) -> dict[str, list[str]]:
        """The codes that occur in selects of several, in order."""
        wanted = list(iter_split(self._shape.rows))
        if not wanted:
            return {}
        seen: dict[str, set[str]] = {id_: set() for _, id_ in wanted}
        reader = RowReader(self._shape.rows, self._files, self._read_slips, set(seen))
        for page in self._live_pages():
            rows = reader.read(frame_of(page))
            for at, id_ in wanted:
                answers = rows[at].get_column(id_).unique().drop_nulls()
                seen[id_].update(code for answer in answers for code in answer.split())
        self.opener.forget()
        self._statuses.clear()
        return {id_: sorted(codes) for id_, codes in seen.items()}

    def _live_pages(self) -> Iterator[Sequence[RecordRow]]:
        """Where columns come of answers, Central passes over deleted ones."""
        if not self._order.options.is_central:
            return self.pages()
        return iter_newest(replace(self._order.scope, with_deleted=False), self._rows)

    def _read_slips(self, records: pl.DataFrame) -> Iterator[Slip]:
        """Slips out of their XML, few in memory at a time; encrypted ones are opened."""
        for some in records.select("version_id").iter_slices(_SLIPS_AT_ONCE):
            for row in projection.load_slips(some["version_id"].to_list()):
                root = parse_xml(row.xml, lenient=True)
                if is_encrypted(root):
                    root, status = self.opener.open(
                        row.xml, version_id=row.id, form_version_id=row.form_version_id
                    )
                    self._statuses[row.id] = status
                yield Slip(row.id, row.form_version_id, root)

    def _records(self, page: pl.DataFrame) -> pl.DataFrame:
        statuses = {id_: status or None for id_, status in self._statuses.items()}
        self._statuses.clear()
        is_central = self._order.options.is_central
        version, place = pl.col("version_id"), self._places(page)
        versions = {v.id: v.version or None for v in self._versions}
        files = self._count_files(page["version_id"])
        return page.with_columns(place.get_columns()).select(
            version.alias(VERSION),
            pl.col("form_version_id").alias("form_version"),
            _times(page["created_at"], None if is_central else self.tz).alias("SubmissionDate"),
            pl.col("instance_id").alias("KEY"),
            pl.col("submitter_id").cast(pl.String).alias("SubmitterID"),
            _present("submitter").alias("SubmitterName"),
            files["present"].alias("AttachmentsPresent"),
            files["expected"].alias("AttachmentsExpected"),
            _looked_up(version, statuses).alias("Status"),
            pl.col("review_state").alias("ReviewState"),
            _present("device_id").alias("DeviceID"),
            (pl.col("edits") if is_central else pl.lit(None)).cast(pl.String).alias("Edits"),
            _looked_up(
                pl.col("first_version_id" if is_central else "form_version_id"), versions
            ).alias("FormVersion"),
            _present("commune"),
            pl.col("commune_name"),
        )

    def _count_files(self, versions: pl.Series) -> pl.DataFrame:
        """How many files are there (`present`) of how many there should be (`expected`)."""
        counts: Mapping[int, tuple[int, int]] = {}
        if self._has_files:
            counts = submission_attachments.count_files(versions.to_list())
        present, expected = zip(*(counts.get(id_, (0, 0)) for id_ in versions), strict=True)
        frame = pl.DataFrame({"present": present, "expected": expected})
        return frame.with_columns(pl.all().cast(pl.String))

    def _places(self, page: pl.DataFrame) -> pl.DataFrame:
        """`commune` and `commune_name` of each; a code alone, whose edition is unknown, stays."""
        place = ["village_code", "edition", "commune_code"]
        places = page.select(place).unique(maintain_order=True)
        communes = [self._commune(*row) for row in places.iter_rows()]
        codes = pl.Series("commune", [code for _, code in communes], dtype=pl.String)
        names = [self._names.get(commune) for commune in communes]
        named = places.with_columns(codes, pl.Series("commune_name", names, dtype=pl.String))
        joined = page.select(place).join(
            named, on=place, how="left", nulls_equal=True, maintain_order="left"
        )
        return joined.select("commune", "commune_name")

    def _commune(
        self, village: str | None, edition: str | None, code: str | None
    ) -> tuple[str, str]:
        """(edition, code)"""
        if self._order.edition is None:
            return edition or "", code or ""
        reported = ReportedCommune(code, edition) if code and edition else ReportedCommune()
        commune = self._locate(Source(reported, village))
        return commune.edition, commune.code

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
        file.name: storage.file(file.storage_key).read_bytes()
        for file in forms.list_attachments(version.id)
        if file.storage_key and file.name.endswith(".csv")
    }


def _present(name: str) -> pl.Expr:
    """An empty text is none."""
    return pl.col(name).replace("", None)


def _looked_up(key: pl.Expr, values: Mapping[int, str | None]) -> pl.Expr:
    return key.replace_strict(values, default=None, return_dtype=pl.String)


def _times(moments: pl.Series, tz: ZoneInfo | None) -> pl.Series:
    """Moments as the database has them (UTC, as text in SQLite) in a zone; None: UTC as Central."""
    if moments.dtype == pl.String:
        moments = moments.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC")
    if tz is None:
        return moments.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    return moments.dt.convert_time_zone(str(tz)).dt.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z")
