"""What every job is given beside its arguments."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from server.actions.retention import Periods
from server.storage import Storage


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The installation's storage and time zone; retention periods where they run by themselves."""

    storage: Storage
    tz: ZoneInfo
    periods: Periods | None = None
