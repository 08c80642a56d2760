"""village_monthly as a collaborator fills it: mostly that there is nothing to report."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from server.demo.children import draw_uuid
from server.demo.instances import write_instance
from server.demo.nodes import Group, asked
from server.demo.sittings import Sitting, answer_metadata
from server.demo.tables import PHRASES
from server.demo.villages import Post
from server.demo.visits import VIETNAM

XML_FORM_ID = "village_monthly"
_MOST_BIRTHS = 50
_EVENING = time(19, 0, tzinfo=VIETNAM)


def draw_monthly(
    rng: Random, ids: Random, post: Post, month: date, *, births: int, is_quiet: bool, version: str
) -> bytes:
    """Of the month that begins on `month`, filled on one of the first evenings of the next one.

    `births` are those that the register knows of; a quiet month reports nothing.
    """
    sitting = _sit_down(rng, post, month)
    village, period = post.village, f"{month:%Y-%m}"
    meta = asked(
        ("instanceID", f"uuid:{draw_uuid(ids)}"), ("instanceName", f"{village.code} {period}")
    )
    answers: Group = [
        *answer_metadata(sitting),
        ("commune_code", village.commune_code),
        ("village_code", village.code),
        ("period_date", month.isoformat()),
        ("period", period),
        ("no_change", "1" if is_quiet else "0"),
        *([] if is_quiet else [_answer_changes(rng, births)]),
        ("g_act", _answer_nothing() if is_quiet else _answer_activities(rng)),
        ("meta", meta),
    ]
    return write_instance(answers, form_id=XML_FORM_ID, version=version)


def months_before(today: date, count: int) -> list[date]:
    """The first days of the last full months, oldest first."""
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - count, number)]


def _sit_down(rng: Random, post: Post, month: date) -> Sitting:
    next_month = (month + timedelta(days=31)).replace(day=1)
    evening = datetime.combine(next_month, _EVENING)
    start = evening + timedelta(seconds=rng.randrange(3600))
    end = start + timedelta(seconds=rng.randrange(120, 900))
    return Sitting(start, end, post.username, post.device_id)


def _answer_changes(rng: Random, births: int) -> tuple[str, Group]:
    injuries = rng.randrange(3)
    return (
        "g_move",
        asked(
            ("births", str(min(births, _MOST_BIRTHS))),
            ("births_unreg", "0"),
            ("moved_in", "0"),
            ("moved_out", "0"),
            ("deaths", "0"),
            ("deaths_injury", "0"),
            ("deaths_drown", "0"),
            ("injuries", str(injuries)),
            ("new_sc", "0"),
            ("new_risk", str(rng.randrange(2))),
            ("dropouts", "0"),
            ("back_school", "0"),
        ),
    )


def _answer_nothing() -> Group:
    return _activities(("0", "", "0", "0", "0", "0", "0"), "0", "", "")


def _answer_activities(rng: Random) -> Group:
    visited, sessions = rng.randrange(8, 50), rng.randrange(3)
    counts = (
        str(visited),
        str(visited // 2),
        "0",
        str(sessions),
        str(sessions * rng.randrange(20, 50)),
        str(rng.randrange(6)),
        str(rng.randrange(3)),
    )
    return _activities(
        counts, "1", rng.choice(PHRASES["difficulty"]), rng.choice(PHRASES["proposal"])
    )


def _activities(counts: tuple[str, ...], meeting: str, difficulty: str, proposal: str) -> Group:
    names = (
        "hh_visited",
        "forms_sent",
        "concerns_reported",
        "comm_sessions",
        "comm_people",
        "counselled",
        "referrals",
    )
    return [
        *zip(names, counts, strict=True),
        ("meeting", meeting),
        ("difficulty", difficulty),
        ("proposal", proposal),
    ]
