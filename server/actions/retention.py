"""Let go of what has been kept for its period (domain.md §2.6), a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forms.redaction import bare_instance
from server.auth.callers import Caller
from server.auth.gate import require
from server.auth.roles import Verb
from server.config import Settings
from server.db import utc_now
from server.queries import audits, erasures, jobs, retention, submissions

_PAGE = 100
SUPERSEDED, QUARANTINE, ACCESS = "superseded", "quarantine", "access"
EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Periods:
    """How many years each kind is kept."""

    superseded: int
    access: int
    quarantine: int

    @classmethod
    def of(cls, settings: Settings) -> Periods:
        return cls(
            superseded=settings.retain_superseded_years,
            access=settings.retain_access_years,
            quarantine=settings.retain_quarantine_years,
        )

    def cutoffs(self, now: datetime | None = None) -> dict[str, datetime]:
        """The moment before which each kind has had its time."""
        years = {
            SUPERSEDED: self.superseded,
            QUARANTINE: self.quarantine,
            ACCESS: self.access,
        }
        return {kind: years_before(now or utc_now(), count) for kind, count in years.items()}


@dataclass(frozen=True, slots=True)
class Expired:
    """How much of a kind has had its time: all from before a moment, the oldest from another."""

    kind: str
    count: int
    oldest: datetime | None
    before: datetime


def find_expired(periods: Periods, *, project_id: int, by: Caller) -> list[Expired]:
    require(by, Verb.RETENTION_RUN, project_id=project_id)
    counts = {
        SUPERSEDED: retention.count_superseded,
        QUARANTINE: retention.count_quarantined,
        ACCESS: audits.count_older,
    }
    return [
        Expired(kind, *counts[kind](before), before) for kind, before in periods.cutoffs().items()
    ]


def let_go(periods: Periods, *, project_id: int, by: Caller) -> dict[str, int]:
    """Destroy one page of each kind; return how many of each, without what there is none of.

    Of a superseded version the row stays, with what it is called. Call until nothing comes back.
    """
    require(by, Verb.RETENTION_RUN, project_id=project_id)
    cutoffs = periods.cutoffs()
    keys: list[str] = []
    gone = {
        SUPERSEDED: _let_go_versions(cutoffs[SUPERSEDED], keys),
        QUARANTINE: _let_go_bodies(cutoffs[QUARANTINE], keys),
        ACCESS: audits.remove_older(cutoffs[ACCESS]),
    }
    gone = {kind: count for kind, count in gone.items() if count}
    if gone:
        jobs.add_job("remove_files", keys=keys)
        audits.log(by, "retention.run", "project", project_id, **gone)
    return gone


def years_before(moment: datetime, years: int) -> datetime:
    """The same day, years ago; the 28th for a 29 February that was none."""
    try:
        return moment.replace(year=moment.year - years)
    except ValueError:
        return moment.replace(year=moment.year - years, day=28)


def _let_go_versions(before: datetime, keys: list[str]) -> int:
    rows = retention.list_superseded(before, limit=_PAGE)
    for row in rows:
        erasures.lock_versions(row.submission_id)
        bare = bare_instance(submissions.load_xml(row.id))
        erasures.replace_xml(row.id, bare, finding=EXPIRED)
        keys += erasures.erase_files(row.id)
    return len(rows)


def _let_go_bodies(before: datetime, keys: list[str]) -> int:
    entries = retention.list_quarantined(before, limit=_PAGE)
    for entry in entries:
        keys += erasures.drop_waiting(entry)
    return len(entries)
