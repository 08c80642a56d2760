"""Write an export of a form: which submissions, as which tables, into which files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from exports.errors import FolderTaken as FolderRefused
from exports.formats import FORMATS
from exports.labels import Choices, choices_by_path
from exports.packages import deliver, staged
from exports.partition import Part, write_parts
from exports.submissions import Record, Shape
from exports.tables import Table, TableHead
from forms.instances import is_encrypted
from forms.xml import parse_xml
from server.actions.decrypting import Opener, Unlocking
from server.actions.definitions import get_definition
from server.auth.callers import Caller
from server.auth.gate import FormKey, require_rows
from server.auth.roles import Verb
from server.errors import FolderTaken
from server.models import Form, FormVersion
from server.queries import audits, forms, submission_attachments, units
from server.queries.exports import ExportScope, ReportedCommune, count_by_commune, iter_pages
from server.queries.scopes import Scope
from server.storage import Storage


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What was asked for. `language` None leaves codes; `by_commune` makes a file for each.

    Encrypted submissions are opened by what `unlocking` holds; others stay rows without answers.
    """

    format: str
    out: Path
    scope: ExportScope
    by_commune: bool = False
    language: str | None = None
    unlocking: Unlocking = field(default_factory=Unlocking)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written where, and what is not as it should be with encrypted submissions.

    `unknown` counts the submissions whose commune cannot be told.
    """

    out: Path
    submissions: int
    communes: int
    unknown: int
    decrypted: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)


def write_export(
    order: ExportOrder,
    form: Form,
    *,
    storage: Storage,
    tz: ZoneInfo,
    by: Caller,
    progress: Callable[[int], None] = lambda count: None,
) -> Written:
    """Write the files, whole or not at all; call it in a `snapshot`.

    A folder is replaced only if an earlier run of this export (form and format) wrote it.

    `progress` is told how many submissions each step added.
    """
    rows = readable_rows(form, by=by)
    counts = count_by_commune(order.scope, rows)
    source = _Source(order, rows, form, storage, tz, progress)
    try:
        _write_files(order, source, counts)
    except FolderRefused as error:
        raise FolderTaken(path=error.path) from error
    unknown = counts.pop(ReportedCommune(), 0)
    return Written(
        order.out,
        submissions=sum(counts.values()) + unknown,
        communes=len(counts),
        unknown=unknown,
        decrypted=source.opener.decrypted,
        statuses={status.value: n for status, n in source.opener.statuses.items()},
    )


def _write_files(
    order: ExportOrder, source: _Source, counts: Mapping[ReportedCommune, int]
) -> None:
    export = f"{source.name} {order.format}"
    format_ = FORMATS[order.format]
    with staged(order.out, export) as folder:
        if order.by_commune:
            write_parts(_parts(source, counts), folder, format_)
        else:
            format_.write(source, folder)
        deliver(folder, order.out, export)


def readable_rows(form: Form, *, by: Caller) -> Scope:
    """Which of the form's submissions a person may take along; raises as `require_rows`."""
    key = FormKey.of(form)
    return require_rows(by, Verb.SUBMISSION_READ, project_id=form.project_id, form=key)


def log_export(form: Form, order: ExportOrder, *, submissions: int, by: Caller) -> None:
    """Say in the audit log who takes what, before there is a file; the files do not say it."""
    audits.log(
        by,
        "form.submission.export",
        "form",
        form.id,
        format=order.format,
        by_commune=order.by_commune,
        submissions=submissions,
        communes=[[c.code, c.edition] for c in order.scope.communes or ()],
        decrypted=order.unlocking != Unlocking(),
    )


def _parts(source: _Source, counts: Mapping[ReportedCommune, int]) -> Iterator[Part]:
    current = units.find_edition(datetime.now(source.tz).date())
    for commune, count in counts.items():
        yield Part(
            code=commune.code,
            name=source.commune_name(commune.edition, commune.code),
            edition=commune.edition,
            is_current=current is not None and commune.edition == current.id,
            count=count,
            dataset=source.of(commune),
        )


class _Source:
    """The form's submissions as a Dataset: pages of the database, parsed and flattened."""

    def __init__(
        self,
        order: ExportOrder,
        rows: Scope,
        form: Form,
        storage: Storage,
        tz: ZoneInfo,
        progress: Callable[[int], None],
    ) -> None:
        self.name = form.xml_form_id
        self.language = order.language or "vi"
        self._order = order
        self._rows = rows
        self.tz: tzinfo = tz
        self._progress = progress
        self._commune: ReportedCommune | None = None
        self._names = {(unit.edition, unit.code): unit.name for unit in units.list_communes()}
        versions = forms.list_versions(form)
        self._versions = {v.id: v.version for v in versions}
        definitions = [get_definition(v.id, v.sha256, v.commune_field) for v in versions]
        self.title = definitions[0].title if definitions else self.name
        publics = {v.id: d.public_key for v, d in zip(versions, definitions, strict=True)}
        self.opener = Opener(order.unlocking, form, publics, storage)
        self._shape = Shape(definitions, order.language)
        self._choices = {
            v.id: _choices(v, order.language, storage) for v in versions if order.language
        }

    @property
    def heads(self) -> Sequence[TableHead]:
        return self._shape.heads

    def of(self, commune: ReportedCommune) -> _Source:
        """The same, of one commune only."""
        part = object.__new__(_Source)
        part.__dict__.update(self.__dict__, _commune=commune)
        return part

    def commune_name(self, edition: str | None, code: str | None) -> str:
        return self._names.get((edition or "", code or ""), "")

    def batches(self) -> Iterator[Sequence[Table]]:
        for rows in iter_pages(self._order.scope, self._rows, self._commune):
            files = submission_attachments.count_files([row.version_id for row in rows])
            records = (self._record(row, files.get(row.version_id, (0, 0))) for row in rows)
            yield self._shape.tables(records)
            self._progress(len(rows))

    def _record(self, row: Any, files: tuple[int, int]) -> Record:
        root, status = parse_xml(row.xml, lenient=True), ""
        if is_encrypted(root):
            root, status = self.opener.open(
                row.xml, version_id=row.version_id, form_version_id=row.form_version_id
            )
        return Record(
            key=row.instance_id,
            root=root,
            submitted_at=_local_time(row.created_at, self.tz),
            submitter=row.display_name or "",
            attachments_present=files[0],
            attachments_expected=files[1],
            review_state=row.review_state.value,
            device_id=row.device_id or "",
            form_version=self._versions.get(row.form_version_id, ""),
            commune=row.commune_code or "",
            commune_name=self.commune_name(row.edition, row.commune_code),
            status=status,
            choices=self._choices.get(row.form_version_id, {}),
        )


def _choices(version: FormVersion, language: str, storage: Storage) -> dict[str, Choices]:
    """Labels of one version's selects, lists in its attached files included."""
    definition = get_definition(version.id, version.sha256, version.commune_field)
    files = {
        file.name: storage.path(file.storage_key).read_bytes()
        for file in forms.list_attachments(version.id)
        if file.storage_key and file.name.endswith(".csv")
    }
    return choices_by_path(definition, files, language)


def _local_time(moment: datetime, tz: tzinfo) -> str:
    return moment.astimezone(tz).isoformat(timespec="milliseconds")
