"""Write commune workbooks: one alone, or all of a province with an index and a total."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from exports.errors import FolderTaken as FolderRefused
from exports.headings import review_state_text
from exports.labels import repeat_labels
from exports.options import Options
from exports.packages import deliver, staged
from exports.partition import Part, write_index, write_part
from exports.workbooks import FORMAT as WORKBOOK
from exports.workbooks.contents import Commune, CommuneBook, Due, Filters, Tally
from exports.workbooks.totals import NAME, Row, write_total
from exports.workbooks.writing import write_workbook
from server.actions.communes import find_places
from server.actions.definitions import get_definitions
from server.actions.due.entries import Entry
from server.actions.due.listing import (
    LISTS,
    Everything,
    find_readable,
    list_everything,
    log_everything,
)
from server.actions.exporting.entity_labels import find_registers
from server.actions.exporting.grouping import Group, Locate, as_reported, group_sources, in_edition
from server.actions.exporting.noted import Noticing
from server.actions.exporting.orders import By, ExportOrder, Written
from server.actions.exporting.sources import Submissions
from server.actions.exporting.village_names import VillageNames
from server.actions.exporting.writing import (
    Installed,
    find_sources,
    name_places,
    readable_rows,
    reported_scope,
    tell_written,
)
from server.auth.callers import Caller
from server.errors import FolderTaken, NotAllowed
from server.messages import text
from server.models import Form, UnitLevel
from server.queries import units, workbooks
from server.queries.exports import ReportedCommune, Source
from server.queries.scopes import Scope

_COUNTS = ("submissions", "children", "findings", "flagged", "due")
_INDEX = ("code", "name", "edition", *_COUNTS, "path")


def write_workbooks(
    order: ExportOrder,
    form: Form,
    *,
    at: Installed,
    by: Caller,
    progress: Callable[[int], None] = lambda count: None,
) -> Written:
    """Write a workbook for each commune, whole or not at all; call it in a `snapshot`.

    A single `.xlsx` takes the one commune that is asked for. Every commune asked for has one, also
    where nothing came from it; raises NotAllowed where the caller may see nothing of any of them.
    """
    work = _Work(order, form, at, by, progress)
    export = f"{form.xml_form_id} {WORKBOOK}"
    try:
        with staged(order.out, export) as folder:
            work.write(folder)
            deliver(folder, order.out, export)
    except FolderRefused as error:
        raise FolderTaken(path=error.path) from error
    return tell_written(work.order, work.source, work.sources, work.locate)


def log_due(form: Form, *, by: Caller) -> None:
    """Say in the audit log who takes along what is due; outside any transaction."""
    if _follows(form):
        log_everything(project_id=form.project_id, by=by)


def withholds_due(form: Form, *, by: Caller) -> bool:
    """True where the form follows something, and nothing due about it is the caller's to see."""
    return _follows(form) and not find_readable(project_id=form.project_id, by=by)


def _follows(form: Form) -> bool:
    """Whether it has to do with what is followed: children and cases."""
    lists = {e.dataset for d in get_definitions(form).values() for e in d.entities}
    return bool(lists & set(LISTS))


@dataclass(slots=True)
class _DueOf:
    """What is due, by the commune where it counts; a note where something of it is left out."""

    by_commune: dict[ReportedCommune, list[Due]] = field(default_factory=dict)
    note: str = ""


class _Work:
    """One order being written."""

    def __init__(
        self,
        order: ExportOrder,
        form: Form,
        at: Installed,
        by: Caller,
        progress: Callable[[int], None],
    ) -> None:
        language = order.options.language or "vi"
        self.order = replace(order, by=By.COMMUNE, options=Options(language=language))
        self.rows = readable_rows(form, by=by)
        self.locate: Locate = in_edition(order.edition) if order.edition else as_reported
        self.sources = find_sources(self.order, self.rows, self.locate)
        self._form = form
        self._by = by
        self._villages = VillageNames(form, at.storage)
        self._names = dict(name_places(self.sources, self.locate))
        self.source = Submissions(
            replace(self.order, scope=reported_scope(order)),
            self.rows,
            form,
            storage=at.storage,
            files=at.files,
            tz=at.tz,
            locate=self.locate,
            names=self._names,
            progress=progress,
            lists=self._list_entities(),
        )

    def _list_entities(self) -> Mapping[str, bytes]:
        """So that people read names where slips have ids."""
        versions = get_definitions(self._form).values()
        registers = find_registers(versions, project_id=self._form.project_id, by=self._by)
        return {name: register.to_csv() for name, register in registers.items()}

    def write(self, folder: Path) -> None:
        groups, due = self._groups(), self._due
        [whole] = self._grouped(By.NONE) or [Group()]
        self.source = self.source.shaped(whole.portion)
        if self.order.out.suffix.lower() == ".xlsx":
            [group] = groups
            write_workbook(self._book(group, due), folder)
            return
        rows: list[Row] = []
        for group in groups:
            book = self._book(group, due)
            rows.append((book.commune, *self._write_part(book, group, folder)))
        self._write_lists(rows, folder)

    def _write_part(self, book: CommuneBook, group: Group, folder: Path) -> tuple[Tally, str]:
        tallies: list[Tally] = []

        def write(own: Path) -> list[Path]:
            paths, tally = write_workbook(book, own)
            tallies.append(tally)
            return paths

        is_current = not group.edition or group.edition == self._current
        count = group.portion.count
        part = Part(group.code, group.name, group.edition, is_current, count, book.dataset)
        place = write_part(part, folder, write, suffix="xlsx")
        return tallies[0], place

    def _write_lists(self, rows: Sequence[Row], folder: Path) -> None:
        write_index([_INDEX, *map(_index_cells, rows)], folder)
        write_total(
            rows,
            folder / NAME,
            title=self.source.title,
            language=self.source.language,
            tz=self.source.tz,
        )

    @cached_property
    def _current(self) -> str:
        edition = units.find_edition(datetime.now(self.source.tz).date())
        return edition.id if edition else ""

    def _grouped(self, by: By) -> list[Group]:
        return group_sources(
            self.sources,
            by,
            self.locate,
            self._names,
            by_village=self.order.edition is not None,
            villages=self._villages,
        )

    def _groups(self) -> list[Group]:
        """Those that something came from, and all that were asked for, by code; unknown last."""
        groups = {ReportedCommune(g.code, g.edition): g for g in self._grouped(By.COMMUNE)}
        asked = self.order.scope.communes
        wanted = self._due.by_commune if asked is None else asked
        may_hold = self.rows.may_hold
        further = [c for c in wanted if c not in groups and may_hold((c.edition, c.code))]
        names = units.name_communes([(c.edition, c.code) for c in further if c.code])
        for commune in further:
            name = names.get((commune.edition, commune.code), "")
            groups[commune] = Group(commune.code, name, commune.edition)
        if not groups:
            if asked is not None:
                raise NotAllowed
            groups[ReportedCommune()] = Group()
        return [groups[c] for c in sorted(groups, key=lambda c: (not c.code, c))]

    def _book(self, group: Group, due: _DueOf) -> CommuneBook:
        scope, rows, portion = reported_scope(self.order), self.rows, group.portion
        slips = list(workbooks.iter_slips(scope, rows, portion))
        commune = ReportedCommune(group.code, group.edition)
        return CommuneBook(
            dataset=self.source.of(portion),
            commune=self._commune(group),
            asked=self._asked,
            repeats=self._repeats,
            villages=self._villages_of(commune) if self._asks_village else {},
            village_of={row.instance_id: row.village_code for row in slips if row.village_code},
            noted=list(self._noticing.iter_noted(scope, rows, portion)),
            due=due.by_commune.get(commune, []) if _follows(self._form) else None,
            due_note=due.note,
            changed_at=max((row.changed_at for row in slips), default=None),
            filters=self._filters(commune, rows),
        )

    def _villages_of(self, commune: ReportedCommune) -> Mapping[str, str]:
        is_current = commune.edition == self._current
        return self._villages.of_commune(commune.edition, commune.code, is_current=is_current)

    def _commune(self, group: Group) -> Commune:
        above = units.list_above(group.edition, group.code) if group.code else []
        province = next((u.name for u in above if u.level is UnitLevel.PROVINCE), "")
        is_as_reported = self.order.edition is None
        return Commune(group.code, group.name, group.edition, province, is_as_reported)

    def _filters(self, commune: ReportedCommune, rows: Scope) -> Filters:
        scope, language = self.order.scope, self.source.language
        is_whole = rows.everything or (commune.edition, commune.code) in rows.communes
        return Filters(
            received_from=scope.received_from,
            received_before=scope.received_before,
            review_states=[review_state_text(s, language) for s in scope.review_states],
            with_deleted=scope.with_deleted,
            is_own_part=not is_whole,
        )

    @cached_property
    def _noticing(self) -> Noticing:
        return Noticing(get_definitions(self._form), self.source.language)

    @cached_property
    def _asked(self) -> frozenset[str]:
        versions = get_definitions(self._form).values()
        fields = (f for version in versions for f in version.fields())
        return frozenset(f.path for f in fields if f.control and not f.is_note)

    @cached_property
    def _asks_village(self) -> bool:
        """Else no village is missing."""
        versions = get_definitions(self._form).values()
        return any(find_places(version).village for version in versions)

    @cached_property
    def _repeats(self) -> dict[str, str]:
        return repeat_labels(list(get_definitions(self._form).values()), self.source.language)

    @cached_property
    def _due(self) -> _DueOf:
        if not _follows(self._form):
            return _DueOf()
        everything = list_everything(project_id=self._form.project_id, by=self._by)
        found = _DueOf(note=_due_note(everything))
        for commune, due in self._iter_due(everything):
            found.by_commune.setdefault(commune, []).append(due)
        return found

    def _iter_due(self, everything: Everything) -> Iterator[tuple[ReportedCommune, Due]]:
        for row, entry in everything.found:
            is_known = bool(row.commune_code and row.edition)
            place = ReportedCommune(*((row.commune_code, row.edition) if is_known else ()))
            code = row.village_code or ""
            where = self._villages_of(place).get(code) or self._villages.find(code)
            yield (
                self.locate(Source(place, row.village_code)),
                _in_words(entry, where, self.source.language),
            )


def _due_note(everything: Everything) -> str:
    if not everything.is_allowed:
        return "due_not_allowed"
    return "" if everything.has_cases else "due_without_cases"


def _in_words(entry: Entry, where: str, language: str) -> Due:
    return Due(
        what=text(f"due_task_{entry.kind.value}", language),
        at=entry.due_at,
        about=entry.label,
        list_name=text(f"due_list_{entry.list_name}", language),
        uuid=entry.uuid,
        case_code=entry.case_code or "",
        where=where,
        responsible=", ".join(name for _, name in entry.responsible),
    )


def _index_cells(row: Row) -> tuple[str, ...]:
    commune, tally, file = row
    counts = (tally.submissions, tally.children, tally.findings, tally.flagged, tally.due)
    told = ("" if count is None else str(count) for count in counts)
    return commune.code, commune.name, commune.edition, *told, file
