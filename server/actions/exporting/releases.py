"""Releases of de-identified data: with what their files are written, and their end."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from exports.deidentifying.releases import Release as Handover
from server.auth.callers import Caller
from server.auth.tokens import unseal
from server.errors import ReleaseOver
from server.models import Release
from server.queries import audits, releases


def read_release(
    release_id: int, *, project_id: int, has_grid: bool, secret_key: str, tz: ZoneInfo
) -> Handover:
    """What a file of it is written with; raises ReleaseOver where it takes no more."""
    release = releases.get_release(release_id, project_id=project_id)
    sealed = require_key(release, datetime.now(tz).date())
    return Handover(
        bytes.fromhex(unseal(sealed, secret_key)),
        release.purpose,
        release.recipient,
        release.until,
        has_grid=has_grid,
        id=release.id,
    )


def require_open(release_id: int, *, project_id: int, tz: ZoneInfo) -> None:
    release = releases.get_release(release_id, project_id=project_id)
    require_key(release, datetime.now(tz).date())


def end_releases(*, today: date, by: Caller) -> int:
    """Destroy the keys of those that are over; return how many."""
    over = releases.list_over(today)
    for release in over:
        release.key_sealed = None
        audits.log(by, "release.end", "release", release.id)
    return len(over)


def tell_release(release_id: int, *, project_id: int) -> dict[str, Any]:
    """What the audit log says of it with each file."""
    return told(releases.get_release(release_id, project_id=project_id))


def told(release: Release) -> dict[str, Any]:
    return {
        "purpose": release.purpose,
        "recipient": release.recipient,
        "until": release.until.isoformat(),
    }


def require_key(release: Release, today: date) -> str:
    if release.until < today or release.key_sealed is None:
        raise ReleaseOver(id=release.id, until=release.until)
    return release.key_sealed
