"""What somebody asks of a form, in words: the same by command, in JSON and in an address.

Words are kept as they were said, and mean what they mean on the day when a file is written:
`current` is then the edition of that day, a unit its communes of then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from exports.options import Options, Split, Values
from server.actions.decrypting import Unlocking
from server.actions.exporting.orders import By, ExportOrder, require_known
from server.actions.exporting.profiles import Profile, ProfileWords, require_profile
from server.errors import NotFound, PeriodRefused
from server.models import Form, ReviewState, Unit
from server.queries import units
from server.queries.exports import ExportScope, ReportedCommune

AS_REPORTED, CURRENT, NO_LABELS = "as-reported", "current", "none"


@dataclass(frozen=True, slots=True)
class ExportRequest(ProfileWords):
    """Which submissions of a form, in which shape.

    `edition` is one of the words above or a day (ISO), `labels` a language or NO_LABELS.
    """

    format: str = "csv"
    by: By = By.NONE
    units: tuple[str, ...] = ()
    edition: str = AS_REPORTED
    labels: str = NO_LABELS
    values: Values = Values.LABELS
    split: Split = Split.NONE
    group_prefixes: bool = True
    older_fields: bool = True
    deleted: bool = False
    columns: tuple[str, ...] = ()
    received_from: date | None = None
    received_to: date | None = None
    review: tuple[ReviewState, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Under the names that the API has."""
        return {
            "format": self.format,
            "by": self.by.value,
            "units": list(self.units),
            "edition": self.edition,
            "labels": self.labels,
            "values": self.values.value,
            "split": self.split.value,
            "groupPrefixes": self.group_prefixes,
            "olderFields": self.older_fields,
            "deleted": self.deleted,
            "columns": list(self.columns),
            "from": _day_text(self.received_from),
            "to": _day_text(self.received_to),
            "review": [state.value for state in self.review],
            "profile": self.profile.value,
            "purpose": self.purpose,
            "recipient": self.recipient,
            "until": _day_text(self.until),
            "release": self.release,
            "grid": self.grid,
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> ExportRequest:
        """What `to_json` made; before there were profiles, all of them were full."""
        return cls(
            format=kept["format"],
            by=By(kept["by"]),
            units=tuple(kept["units"]),
            edition=kept["edition"],
            labels=kept["labels"],
            values=Values(kept["values"]),
            split=Split(kept["split"]),
            group_prefixes=kept["groupPrefixes"],
            older_fields=kept["olderFields"],
            deleted=kept["deleted"],
            columns=tuple(kept["columns"]),
            received_from=_day(kept["from"]),
            received_to=_day(kept["to"]),
            review=tuple(ReviewState(state) for state in kept["review"]),
            profile=Profile(kept.get("profile", Profile.FULL)),
            purpose=kept.get("purpose", ""),
            recipient=kept.get("recipient", ""),
            until=_day(kept.get("until")),
            release=kept.get("release"),
            grid=kept.get("grid", False),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """The order, and the units that it was limited to."""

    order: ExportOrder
    units: Sequence[Unit]


def make_order(
    request: ExportRequest,
    form: Form,
    *,
    out: Path,
    tz: ZoneInfo,
    unlocking: Unlocking | None = None,
) -> Asked:
    """What the words mean today; raises where there is no such unit, edition, column, language."""
    start, end = request.received_from, request.received_to
    if start and end and end < start:
        raise PeriodRefused(start=start.isoformat(), end=end.isoformat())
    today = datetime.now(tz).date()
    require_profile(request, format=request.format, by=request.by, today=today)
    edition = _find_edition(request.edition, today)
    chosen = [_find_unit(code, edition, today) for code in request.units]
    order = ExportOrder(
        format=request.format,
        out=out,
        scope=_scope(request, form, _communes_of(chosen), tz),
        by=request.by,
        edition=edition,
        options=Options(
            language=None if request.labels == NO_LABELS else request.labels,
            values=request.values,
            split=request.split,
            group_prefixes=request.group_prefixes,
            older_fields=request.older_fields,
            columns=request.columns,
        ),
        unlocking=unlocking or Unlocking(),
        is_deidentified=request.is_deidentified,
        release=request.release,
        has_grid=request.grid,
    )
    require_known(order, form)
    return Asked(order, chosen)


def is_edition(text: str) -> bool:
    """True for the words and for days."""
    try:
        return text in (AS_REPORTED, CURRENT) or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _scope(
    request: ExportRequest,
    form: Form,
    communes: tuple[ReportedCommune, ...] | None,
    tz: ZoneInfo,
) -> ExportScope:
    to = request.received_to
    return ExportScope(
        project_id=form.project_id,
        form_id=form.id,
        received_from=_midnight(request.received_from, tz),
        received_before=_midnight(to + timedelta(days=1), tz) if to else None,
        review_states=request.review,
        communes=communes,
        with_deleted=request.deleted,
    )


def _find_edition(text: str, today: date) -> str | None:
    """The id of the edition asked for; None for each commune as it was reported."""
    if text == AS_REPORTED:
        return None
    edition = units.find_edition(today if text == CURRENT else date.fromisoformat(text))
    if edition is None:
        raise NotFound(subject="edition", name=text)
    return edition.id


def _find_unit(code: str, edition: str | None, today: date) -> Unit:
    if edition is None:
        return units.get_unit(code, today)
    unit = units.find_unit(edition, code)
    if unit is None:
        raise NotFound(subject="unit", name=code)
    return unit


def _communes_of(chosen: Sequence[Unit]) -> tuple[ReportedCommune, ...] | None:
    """The communes of the units asked for, each in its edition; None where none was."""
    if not chosen:
        return None
    found = {unit.code: units.list_communes_of(unit) for unit in chosen}
    for code, communes in found.items():
        if not communes:
            raise NotFound(what=f"commune in unit {code}")
    return tuple(
        ReportedCommune(c.code, c.edition) for communes in found.values() for c in communes
    )


def _midnight(day: date | None, tz: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time.min, tz) if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _day_text(day: date | None) -> str | None:
    return day.isoformat() if day else None
