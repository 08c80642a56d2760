"""When the children of a household were born, and how exactly that is known."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from server.demo.ages import completed_years, years_before
from server.demo.tables import TABLES, goes_wrong, happens

FULL_DATE, MONTH_AND_YEAR, YEAR_ONLY = "1", "2", "3"
OLDEST = 15
BETWEEN_SIBLINGS = timedelta(days=330)


@dataclass(frozen=True, slots=True)
class Birth:
    """A date of birth as the form holds it: day 15 or 1 July stand for what is not known."""

    day: date
    precision: str


def draw_births(rng: Random, survey: date, *, first: Birth | None = None) -> list[Birth]:
    """The first stays first; the others are a pregnancy apart from it and from each other."""
    births = [first or _draw_birth(rng, survey)]
    for _ in range(int(TABLES["children"].draw(rng)) - 1):
        births.append(births[-1] if happens(rng, "twins") else _draw_sibling(rng, births, survey))
    return births


def _draw_sibling(rng: Random, births: list[Birth], survey: date) -> Birth:
    while True:
        birth = _draw_birth(rng, survey)
        if all(abs(birth.day - other.day) >= BETWEEN_SIBLINGS for other in births):
            return birth


def _draw_birth(rng: Random, survey: date) -> Birth:
    age = int(TABLES["age"].draw(rng))
    exact = years_before(survey, age) - timedelta(days=rng.randrange(365))
    birth = _blur(rng, exact)
    if birth.day > survey or completed_years(birth.day, survey) > OLDEST:
        return Birth(exact, FULL_DATE)
    return birth


def _blur(rng: Random, exact: date) -> Birth:
    if goes_wrong(rng, "year_only"):
        return Birth(date(exact.year, 7, 1), YEAR_ONLY)
    if happens(rng, "month_and_year_only"):
        return Birth(exact.replace(day=15), MONTH_AND_YEAR)
    return Birth(exact, FULL_DATE)
