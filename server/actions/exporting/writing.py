"""Write an export of a form, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from exports.deidentifying.releases import Release
from exports.errors import FolderTaken as FolderRefused
from exports.errors import TableTooLarge
from exports.formats import FORMATS
from exports.media import FORMAT as ATTACHMENTS
from exports.packages import deliver, staged
from exports.partition import Part, write_parts
from server.actions.decrypting import Unlocking
from server.actions.exporting.attachments import write_files
from server.actions.exporting.deidentifying import Passes, whole_options, write_deidentified
from server.actions.exporting.grouping import (
    Group,
    Locate,
    as_reported,
    group_sources,
    in_edition,
)
from server.actions.exporting.orders import By, ExportOrder, Written
from server.actions.exporting.releases import read_release, tell_release
from server.actions.exporting.sources import Submissions
from server.actions.exporting.village_names import VillageNames
from server.auth.callers import Caller
from server.auth.gate import FormKey, require_rows
from server.auth.roles import Verb
from server.errors import ExportTooLarge, FolderTaken, NotAllowed
from server.models import Form
from server.projection.files import RowFiles
from server.queries import audits, units
from server.queries.exports import ExportScope, ReportedCommune, Source, count_sources
from server.queries.scopes import Scope
from server.storage import Storage


@dataclass(frozen=True, slots=True)
class Installed:
    """Where an installation keeps what exports are made of, and its zone."""

    storage: Storage
    files: RowFiles
    tz: ZoneInfo
    secret_key: str = field(repr=False)

    @classmethod
    def of(cls, storage: Storage, secret_key: str, tz: ZoneInfo) -> Installed:
        return cls(storage, RowFiles(storage, secret_key), tz, secret_key)


def write_export(
    order: ExportOrder,
    form: Form,
    *,
    at: Installed,
    by: Caller,
    progress: Callable[[int], None] = lambda count: None,
) -> Written:
    """Write the files, whole or not at all; call it in a `snapshot`.

    A folder is replaced only if an earlier run of this export (form and format) wrote it.

    `progress` is told how many submissions each step added.
    """
    if order.format != ATTACHMENTS and FORMATS[order.format].of_codes:
        order = replace(order, options=order.options.of_codes())
    rows = readable_rows(form, by=by)
    release = _find_release(order, form, at)
    locate = in_edition(order.edition) if order.edition else as_reported
    sources = find_sources(order, rows, locate)
    if release is not None:
        progress = Passes(progress, sum(sources.values()))
    names = name_places(sources, locate)
    source = Submissions(
        _read_order(order),
        rows,
        form,
        storage=at.storage,
        files=at.files,
        tz=at.tz,
        locate=locate,
        names=names,
        progress=progress,
    )

    villages = VillageNames(form, at.storage)

    def group(by: By) -> list[Group]:
        tells = _by_village(order)
        return group_sources(sources, by, locate, names, by_village=tells, villages=villages)

    try:
        if order.format == ATTACHMENTS:
            write_files(order, _folders(order, source, group), at.storage, progress)
        else:
            _write_tables(order, source, group, release)
    except FolderRefused as error:
        raise FolderTaken(path=error.path) from error
    except TableTooLarge as error:
        raise ExportTooLarge(format=order.format) from error
    return tell_written(order, source, sources, locate)


def _find_release(order: ExportOrder, form: Form, at: Installed) -> Release | None:
    """What a de-identified file is written for; its number is known by now."""
    if not order.is_deidentified:
        return None
    return read_release(
        order.release or 0,
        project_id=form.project_id,
        has_grid=order.has_grid,
        secret_key=at.secret_key,
        tz=at.tz,
    )


def _read_order(order: ExportOrder) -> ExportOrder:
    """What is read for it."""
    options = whole_options(order.options) if order.is_deidentified else order.options
    return replace(order, scope=reported_scope(order), options=options)


def name_places(sources: Iterable[Source], locate: Locate) -> Mapping[tuple[str, str], str]:
    communes = {source.commune for source in sources} | {locate(source) for source in sources}
    return units.name_communes([(c.edition, c.code) for c in communes if c.code])


def count_submissions(order: ExportOrder, form: Form, *, by: Caller) -> int:
    """How many it would hold; raises as `write_export`."""
    rows = readable_rows(form, by=by)
    locate = in_edition(order.edition) if order.edition else as_reported
    return sum(find_sources(order, rows, locate).values())


def find_sources(order: ExportOrder, rows: Scope, locate: Locate) -> dict[Source, int]:
    """Where what is in scope comes from; in another edition the communes asked for are those.

    Raises NotAllowed where communes are asked for and the caller may see nothing of any.
    """
    asked = order.scope.communes
    require_in_sight(asked, rows)
    sources = count_sources(
        reported_scope(order),
        rows,
        villages=_by_village(order),
        submitters=order.by is By.COLLABORATOR,
    )
    if order.edition is None or asked is None:
        return sources
    return {s: count for s, count in sources.items() if locate(s) in asked}


def require_in_sight(communes: Sequence[ReportedCommune] | None, rows: Scope) -> None:
    """Raise NotAllowed where communes are asked for and nothing of any may be seen."""
    if communes is not None and not any(rows.may_hold((c.edition, c.code)) for c in communes):
        raise NotAllowed


def reported_scope(order: ExportOrder) -> ExportScope:
    """What is read of it: in another edition, the groups tell which communes were reported."""
    return order.scope if order.edition is None else replace(order.scope, communes=None)


def _by_village(order: ExportOrder) -> bool:
    return order.by is By.VILLAGE or order.edition is not None


def _write_tables(
    order: ExportOrder,
    source: Submissions,
    group: Callable[[By], list[Group]],
    release: Release | None,
) -> None:
    export = f"{source.name} {order.format}"
    if release is not None:
        export += " deidentified"
    format_ = FORMATS[order.format]
    [whole] = group(By.NONE) or [Group()]
    source = source.shaped(whole.portion)
    with staged(order.out, export) as folder:
        if release is not None:
            parts = list(_parts(source, group(order.by) or [whole]))
            write_deidentified(order, parts, folder, format_, release)
        elif order.by is By.NONE:
            format_.write(source, folder)
        else:
            write_parts(_parts(source, group(order.by)), folder, format_)
        deliver(folder, order.out, export)


def _folders(
    order: ExportOrder, source: Submissions, group: Callable[[By], list[Group]]
) -> Iterator[tuple[str, Submissions]]:
    """The folders of a ZIP of attachments, each with what goes into it."""
    groups = group(order.by)
    for part, of_part in zip(_parts(source, groups), groups, strict=True):
        folder = "" if order.by is By.NONE else part.file_name
        yield folder, source.of(of_part.portion)


def _parts(source: Submissions, groups: list[Group]) -> Iterator[Part]:
    current = units.find_edition(datetime.now(source.tz).date())
    for group in groups:
        yield Part(
            code=group.code,
            name=group.name,
            edition=group.edition,
            is_current=not group.edition or (current is not None and group.edition == current.id),
            count=group.portion.count,
            dataset=source.of(group.portion),
        )


def tell_written(
    order: ExportOrder, source: Submissions, sources: Mapping[Source, int], locate: Locate
) -> Written:
    counts: dict[ReportedCommune, int] = {}
    for place, count in sources.items():
        commune = locate(place)
        counts[commune] = counts.get(commune, 0) + count
    unknown = counts.pop(ReportedCommune(), 0)
    return Written(
        order.out,
        submissions=sum(counts.values()) + unknown,
        communes=len(counts),
        unknown=unknown,
        decrypted=source.opener.decrypted,
        statuses={status.value: n for status, n in source.opener.statuses.items()},
    )


def readable_rows(form: Form, *, by: Caller) -> Scope:
    """Which of the form's submissions a person may take along; raises as `require_rows`."""
    key = FormKey.of(form)
    return require_rows(by, Verb.SUBMISSION_READ, project_id=form.project_id, form=key)


def log_export(
    form: Form, order: ExportOrder, *, submissions: int, by: Caller, export: int | None = None
) -> None:
    """Say in the audit log who takes what, before there is a file; the files do not say it.

    `export` is the id of one that a worker writes.
    """
    more: dict[str, object] = {} if export is None else {"export": export}
    if order.is_deidentified:
        number = order.release or 0
        released = tell_release(number, project_id=form.project_id)
        more |= {"profile": "deidentified", "release": number, **released}
    audits.log(
        by,
        "form.submission.export",
        "form",
        form.id,
        format=order.format,
        by_commune=order.by is By.COMMUNE,
        submissions=submissions,
        communes=[[c.code, c.edition] for c in order.scope.communes or ()],
        decrypted=order.unlocking != Unlocking(),
        **more,
    )


def log_central(form: Form, unlocking: Unlocking, *, submissions: int, by: Caller) -> None:
    """The same of a download as Central lays it out."""
    details = {"submissions": submissions, "decrypted": unlocking != Unlocking()}
    audits.log(by, "form.submission.export", "form", form.id, format="central", **details)
