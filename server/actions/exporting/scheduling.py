"""Exports on a schedule, into a folder that the operator chose by command."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from exports.names import file_name
from server.actions.exporting.asking import ExportRequest, make_order
from server.actions.exporting.opening import open_release
from server.actions.exporting.writing import readable_rows
from server.auth.callers import Caller
from server.db import utc_now
from server.errors import ExportFolderRefused, NotAllowed
from server.models import Every, Export, ExportSchedule, ExportState, Form
from server.queries import audits, export_schedules, forms, kept_exports
from server.storage import PRIVATE

_DATED = re.compile(r"(.*)-\d{4}-\d\d-\d\d\.zip", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Timetable:
    """When it is written, where the installation is, and how many of the newest files stay."""

    every: Every
    hour: int
    keep: int


def next_time(every: Every, hour: int, after: datetime) -> datetime:
    """The next one, in the zone of `after`: any day, a Monday, or the first of a month."""
    day = after.date()
    while True:
        moment = datetime.combine(day, time(hour), after.tzinfo)
        if moment > after and _is_day(every, day):
            return moment
        day += timedelta(days=1)


def _is_day(every: Every, day: date) -> bool:
    if every is Every.WEEK:
        return day.weekday() == 0
    return every is Every.DAY or day.day == 1


def add_schedule(
    request: ExportRequest,
    form: Form,
    folder: Path,
    timetable: Timetable,
    *,
    secret_key: str,
    tz: ZoneInfo,
    by: Caller,
) -> ExportSchedule:
    """Raises what can be told at once; the folder is there afterwards, for its owner alone.

    De-identified files are all of one release, and end with it.
    """
    readable_rows(form, by=by)
    if by.actor_id is None:
        raise NotAllowed
    make_order(request, form, out=folder, tz=tz)
    request = open_release(request, form, secret_key=secret_key, tz=tz, by=by)
    _make_private(folder)
    schedule = export_schedules.add_schedule(
        ExportSchedule(
            project_id=form.project_id,
            form_id=form.id,
            actor_id=by.actor_id,
            reason=by.occasion.reason,
            request=request.to_json(),
            folder=str(folder),
            every=timetable.every,
            hour=timetable.hour,
            keep=timetable.keep,
            next_at=next_time(timetable.every, timetable.hour, datetime.now(tz)),
        )
    )
    audits.log(by, "export_schedule.create", "export_schedule", schedule.id, form=form.id)
    return schedule


def remove_schedule(schedule: ExportSchedule, *, by: Caller) -> None:
    """Files that it wrote stay; one being written is left out."""
    audits.log(by, "export_schedule.delete", "export_schedule", schedule.id)
    kept_exports.drop(kept_exports.list_of_schedule(schedule.id))
    export_schedules.remove_schedule(schedule.id)


def add_due(*, tz: ZoneInfo) -> int:
    """Have workers write what is due, each once however much was missed; return how many."""
    now = utc_now()
    due = export_schedules.list_due(now)
    for schedule in due:
        here = now.astimezone(tz)
        schedule.ran_at = now
        schedule.next_at = next_time(schedule.every, schedule.hour, here)
        if not any(e.state in kept_exports.OPEN for e in _exports_of(schedule)):
            form = forms.get_form_by_id(schedule.form_id)
            kept_exports.add_export(
                Export(
                    project_id=schedule.project_id,
                    form_id=schedule.form_id,
                    actor_id=schedule.actor_id,
                    schedule_id=schedule.id,
                    reason=schedule.reason,
                    request=schedule.request,
                    name=file_name(f"{form.xml_form_id}-{here.date().isoformat()}.zip"),
                    state=ExportState.WAITING,
                )
            )
    return len(due)


def _exports_of(schedule: ExportSchedule) -> list[Export]:
    return list(kept_exports.list_of_schedule(schedule.id))


def prune(newest: Path, keep: int) -> None:
    """Keep so many of the files that the schedule of this one wrote, by their dates."""
    match = _DATED.fullmatch(newest.name)
    if match is None:
        return
    of_form = [
        path
        for path in newest.parent.iterdir()
        if (found := _DATED.fullmatch(path.name)) and found[1] == match[1] and path.is_file()
    ]
    for path in sorted(of_form, key=lambda path: path.name)[:-keep]:
        path.unlink(missing_ok=True)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise ExportFolderRefused(path=folder, error=error.strerror) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ExportFolderRefused(path=folder, error=os.strerror(13))
