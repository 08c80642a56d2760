"""Schooling by age, and the few who left it."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from server.demo.mistakes import clashing_school_status
from server.demo.tables import TABLES, goes_wrong, happens

KINDERGARTEN, VOCATIONAL = "2", "6"
DROPPED_OUT, NEVER_ATTENDED = "8", "9"
_GRADES = {"3": (1, 5), "4": (6, 9), "5": (10, 12)}
_SCHOOLS = {
    "1": "Trường Mầm non",
    "2": "Trường Mầm non",
    "3": "Trường Tiểu học",
    "4": "Trường THCS",
    "5": "Trường THPT",
    "6": "Trung tâm GDTX",
    "7": "Trường chuyên biệt",
}


@dataclass(frozen=True, slots=True)
class Schooling:
    """Codes and texts of g_edu; None where the form does not ask."""

    status: str
    grade: str | None
    school: str | None
    dropout_date: str | None
    dropout_reason: str | None
    lower_secondary_done: str | None
    earns: bool


def draw_schooling(
    rng: Random, born: date, age: int, *, survey: date, disabled: bool, school: str
) -> Schooling:
    grade = _grade_of_age(born, survey)
    status = _draw_status(rng, age, grade, disabled=disabled)
    earns = status == DROPPED_OUT and happens(rng, "leaves_to_earn")
    return Schooling(
        status=status,
        grade=_grade_within(status, grade),
        school=f"{_SCHOOLS[status]} {school}" if status in _SCHOOLS else None,
        dropout_date=_draw_dropout_date(rng, survey) if status == DROPPED_OUT else None,
        dropout_reason=_draw_reason(rng, status, earns=earns),
        lower_secondary_done=_lower_secondary_done(status, grade) if age >= 14 else None,
        earns=earns,
    )


def _grade_of_age(born: date, survey: date) -> int:
    """School years begin in September; a child enters grade 1 in the year it turns 6."""
    return survey.year - (survey.month < 9) - born.year - 5


def _draw_status(rng: Random, age: int, grade: int, *, disabled: bool) -> str:
    if goes_wrong(rng, "school_clash"):
        return clashing_school_status(age)
    if age < 3:
        return "1" if happens(rng, "nursery") else "0"
    if age < 6:
        return KINDERGARTEN if happens(rng, "kindergarten") else "0"
    if disabled and (special := TABLES["school_of_disabled"].draw(rng)) != "regular":
        return special
    if happens(rng, "never_attends"):
        return NEVER_ATTENDED
    return _level(grade) if age < 11 else _draw_older_status(rng, age, grade)


def _draw_older_status(rng: Random, age: int, grade: int) -> str:
    if happens(rng, "drops_out"):
        return DROPPED_OUT
    if age == 15 and grade > 9 and happens(rng, "vocational_at_15"):
        return VOCATIONAL
    return _level(grade)


def _level(grade: int) -> str:
    if grade < 1:
        return KINDERGARTEN
    return next(level for level, (_, last) in _GRADES.items() if grade <= last)


def _grade_within(status: str, grade: int) -> str | None:
    if status not in _GRADES:
        return None
    first, last = _GRADES[status]
    return str(min(max(grade, first), last))


def _draw_dropout_date(rng: Random, survey: date) -> str:
    return (survey - timedelta(days=rng.randrange(30, 330))).isoformat()


def _draw_reason(rng: Random, status: str, *, earns: bool) -> str | None:
    if status == NEVER_ATTENDED:
        return TABLES["never_reason"].draw(rng)
    if status == DROPPED_OUT:
        return TABLES["earner_reason" if earns else "dropout_reason"].draw(rng)
    return None


def _lower_secondary_done(status: str, grade: int) -> str:
    return "1" if status in ("5", VOCATIONAL) and grade > 9 else "0"
