"""What every job is given beside its arguments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from server.actions.checking.slips import Checker
from server.actions.retention import Periods
from server.config import Settings
from server.projection.files import RowFiles
from server.storage import Storage


@dataclass(frozen=True, slots=True)
class Post:
    """By what e-mail goes out, as whose, and the server's address for links in it."""

    smtp_url: str
    sender: str
    address: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The installation's storage, files of rows, time zone and checks; how long files of exports
    are kept; its post, where that is set up, and the retention periods, where they run by
    themselves.
    """

    storage: Storage
    rows: RowFiles
    tz: ZoneInfo
    checker: Checker
    keep_exports: timedelta = timedelta(days=7)
    periods: Periods | None = None
    post: Post | None = None

    @classmethod
    def of(cls, settings: Settings, storage: Storage) -> Surroundings:
        post = Post(settings.smtp_url, settings.mail_from, settings.public_url)
        return cls(
            storage,
            RowFiles(storage, settings.secret_key),
            settings.tz,
            Checker.of(settings, storage),
            keep_exports=timedelta(days=settings.keep_exports_days),
            periods=Periods.of(settings) if settings.retention else None,
            post=post if settings.smtp_url else None,
        )
