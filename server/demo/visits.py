"""A collaborator's visit to one household: when, where, with what answer to the first question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from random import Random
from typing import Literal

from server.demo.tables import PHRASES, goes_wrong, happens
from server.demo.villages import Post, draw_gps

VIETNAM = timezone(timedelta(hours=7))
_FIRST_START = time(7, 30, tzinfo=VIETNAM)
_LAST_START_AFTER = 12 * 60 * 60


@dataclass(frozen=True, slots=True)
class Visit:
    """What does not depend on who lives in the household."""

    post: Post
    commune_code: str
    start: datetime
    asked: datetime
    end: datetime
    consent: bool
    written_consent: bool
    refusal_reason: str
    gps: str
    concern: bool
    comment: str
    normal_form: Literal["NFC", "NFD"]


def draw_visit(
    rng: Random, post: Post, day: date, *, children: int, communes: Sequence[str]
) -> Visit:
    start = _draw_start(rng, day)
    asked = start + timedelta(seconds=rng.randrange(60, 170))
    consent = not happens(rng, "refuses")
    seconds = _draw_seconds(rng, children) if consent else rng.randrange(5, 60)
    return Visit(
        post=post,
        commune_code=_draw_commune_code(rng, post, communes),
        start=start,
        asked=asked,
        end=asked + timedelta(seconds=seconds, milliseconds=rng.randrange(1000)),
        consent=consent,
        written_consent=happens(rng, "written_consent"),
        refusal_reason=_draw_phrase(rng, "refusal_reason_given", "refusal"),
        gps=draw_gps(rng, post) if happens(rng, "gps") else "",
        concern=happens(rng, "concern"),
        comment=_draw_phrase(rng, "comment", "comment"),
        normal_form="NFD" if goes_wrong(rng, "decomposed_text") else "NFC",
    )


def _draw_start(rng: Random, day: date) -> datetime:
    seconds, milliseconds = rng.randrange(_LAST_START_AFTER), rng.randrange(1000)
    offset = timedelta(seconds=seconds, milliseconds=milliseconds)
    return datetime.combine(day, _FIRST_START) + offset


def _draw_seconds(rng: Random, children: int) -> int:
    return rng.randrange(150, 420) + sum(rng.randrange(130, 400) for _ in range(children))


def _draw_commune_code(rng: Random, post: Post, communes: Sequence[str]) -> str:
    own = post.village.commune_code
    if len(communes) > 1 and goes_wrong(rng, "other_commune"):
        return rng.choice([code for code in communes if code != own])
    return own


def _draw_phrase(rng: Random, share: str, kind: str) -> str:
    return rng.choice(PHRASES[kind]) if happens(rng, share) else ""
