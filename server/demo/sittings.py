"""When and on whose phone a form was filled: what every form begins with."""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from server.demo.nodes import Group, asked
from server.demo.villages import Village
from server.demo.visits import VIETNAM

_OFFICE_OPENS = time(7, 40, tzinfo=VIETNAM)
_SECONDS_OPEN = 9 * 60 * 60


@dataclass(frozen=True, slots=True)
class Officer:
    """Who protects the children of a commune, with one telephone."""

    commune_code: str
    username: str
    device_id: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """From the first question to the last."""

    start: datetime
    end: datetime
    username: str
    device_id: str


def make_officer(village: Village, *, seed: int) -> Officer:
    """The officer of the village's commune, the same for all its villages."""
    code = village.commune_code
    letters = Random(f"{seed}/{code}").choices(string.ascii_letters + string.digits, k=16)
    return Officer(code, f"canbo{code}", "collect:" + "".join(letters))


def draw_office_hour(rng: Random, day: date) -> datetime:
    return datetime.combine(day, _OFFICE_OPENS) + timedelta(seconds=rng.randrange(_SECONDS_OPEN))


def sit_down(rng: Random, officer: Officer, day: date) -> Sitting:
    start = draw_office_hour(rng, day)
    end = start + timedelta(seconds=rng.randrange(400, 2400))
    return Sitting(start, end, officer.username, officer.device_id)


def answer_metadata(sitting: Sitting) -> Group:
    return asked(
        ("start", write_moment(sitting.start)),
        ("end", write_moment(sitting.end)),
        ("today", sitting.start.date().isoformat()),
        ("username", sitting.username),
        ("deviceid", sitting.device_id),
    )


def write_moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
