"""All of it, or de-identified: what must be said of a release before there is one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from exports.media import FORMAT as ATTACHMENTS
from exports.workbooks import FORMAT as WORKBOOK
from server.actions.exporting.orders import By
from server.errors import NotDeidentifiable, ProfileNeeded, ReleaseUnclear, ValueNotAllowed

_LONGEST = 1000


class Profile(StrEnum):
    """What is told of people."""

    FULL = "full"
    DEIDENTIFIED = "deidentified"


@dataclass(frozen=True, slots=True)
class ProfileWords:
    """A de-identified export begins a release by its `purpose`, `recipient` and `until`, the last
    day on which they may keep it, or goes on with the `release` of that number.

    With `grid` positions stay as a grid of about a kilometre where enough rows share a cell.
    """

    profile: Profile = Profile.FULL
    purpose: str = ""
    recipient: str = ""
    until: date | None = None
    release: int | None = None
    grid: bool = False

    @property
    def is_deidentified(self) -> bool:
        return self.profile is Profile.DEIDENTIFIED


def require_profile(words: ProfileWords, *, format: str, by: By, today: date) -> None:  # noqa: A002
    """Raise unless all is said that the profile needs, and nothing that it has no use for."""
    said = _said(words)
    if not words.is_deidentified:
        if said or words.grid:
            raise ProfileNeeded(names=", ".join([*said, *(["grid"] if words.grid else [])]))
        return
    if format in (ATTACHMENTS, WORKBOOK):
        raise NotDeidentifiable(what=format)
    if by not in (By.NONE, By.COMMUNE):
        raise NotDeidentifiable(what=f"by {by}")
    _require_release(said)
    if words.until is not None and words.until < today:
        raise ValueNotAllowed(field="until", value=words.until, reason=f"≥ {today.isoformat()}")
    for name, text in (("purpose", words.purpose), ("recipient", words.recipient)):
        if len(text) > _LONGEST:
            raise ValueNotAllowed(field=name, value=f"{text[:20]}…", reason=f"≤ {_LONGEST}")


def _said(words: ProfileWords) -> list[str]:
    given = {
        "purpose": words.purpose.strip(),
        "recipient": words.recipient.strip(),
        "until": words.until,
        "release": words.release,
    }
    return [name for name, value in given.items() if value]


def _require_release(said: list[str]) -> None:
    needed = ["purpose", "recipient", "until"]
    if said not in (needed, ["release"]):
        missing = [name for name in needed if name not in said]
        raise ReleaseUnclear(names=", ".join(said if "release" in said else missing))
