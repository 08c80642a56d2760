"""What an officer hears of a case, and how grave it is judged: drawn, of children who do not exist.

Nothing here tells a story: codes, moments, and phrases that fit many cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from server.demo.ages import completed_years, years_before
from server.demo.names import draw_child_name, draw_family_name
from server.demo.registers import Known
from server.demo.sittings import Officer, Sitting, draw_office_hour
from server.demo.tables import TABLES, happens

HIGH, MIDDLE, LOW = "3", "2", "1"
_FACTORS = 6


@dataclass(frozen=True, slots=True)
class Registered:
    """A child of the register as somebody saw it last, and where."""

    known: Known
    sex: str
    born: date
    village_code: str
    school_status: str
    care_form: str
    groups: tuple[str, ...]
    seen_on: date


@dataclass(frozen=True, slots=True)
class Victim:
    """The child of a case: of the register, or what the informant knew; "" for what nobody knew."""

    registered: Registered | None
    village_code: str
    name: str
    sex: str
    born: date | None
    age: int


@dataclass(frozen=True, slots=True)
class Risk:
    """Six factors (Mẫu số 02) and what is concluded: codes of the list hml."""

    factors: tuple[str, ...]
    level: str

    @property
    def harm(self) -> int:
        return sum(map(int, self.factors[:3]))

    @property
    def resilience(self) -> int:
        return sum(map(int, self.factors[3:]))

    @property
    def suggested(self) -> str:
        """As the form computes it."""
        severity, access, _, self_protection, *_ = self.factors
        out_of_reach = access == HIGH and self_protection == LOW
        if severity == HIGH or out_of_reach or self.harm - self.resilience >= 3:
            return HIGH
        return MIDDLE if self.harm > self.resilience else LOW


@dataclass(frozen=True, slots=True)
class Moments:
    """When the word came, and what was done when; all before the form was finished."""

    received: datetime
    chair_informed: datetime
    assessed: datetime
    measures: datetime | None
    sitting: Sitting


def draw_victim(rng: Random, registered: Registered | None, village_code: str, day: date) -> Victim:
    if registered is not None:
        age = completed_years(registered.born, day)
        return Victim(registered, registered.village_code, "", registered.sex, None, age)
    sex = "2" if happens(rng, "girl_of_case") else "1"
    age = int(TABLES["victim_age"].draw(rng))
    born = years_before(day, age) - timedelta(days=rng.randrange(360))
    family = draw_family_name(rng)
    return Victim(
        None,
        village_code,
        draw_child_name(rng, family, sex=sex) if happens(rng, "name_of_case_known") else "",
        sex,
        born if happens(rng, "birth_date_of_case_known") else None,
        age,
    )


def draw_risk(rng: Random) -> Risk:
    risk = Risk(tuple(TABLES["hml"].draw(rng) for _ in range(_FACTORS)), "")
    level = MIDDLE if happens(rng, "other_risk_level") else risk.suggested
    return Risk(risk.factors, level)


def draw_moments(
    rng: Random, officer: Officer, day: date, *, is_emergency: bool, received: datetime | None
) -> Moments:
    """The chairperson within the hour, the assessment within 12 hours; measures mostly so too."""
    received = received or draw_office_hour(rng, day)
    informed = received + timedelta(minutes=rng.randrange(8, 50))
    assessed = received + timedelta(minutes=rng.randrange(60, 300))
    measures = None
    if is_emergency:
        late = not happens(rng, "within_12_hours")
        minutes = rng.randrange(800, 1400) if late else rng.randrange(90, 500)
        measures = received + timedelta(minutes=minutes)
    end = max(assessed, measures or assessed) + timedelta(minutes=rng.randrange(5, 30))
    start = received + timedelta(minutes=rng.randrange(1, 8))
    return Moments(
        received,
        informed,
        assessed,
        measures,
        Sitting(start, end, officer.username, officer.device_id),
    )
