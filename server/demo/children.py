"""A child of a household with all that the repeat asks, consistent in itself."""

from dataclasses import dataclass
from datetime import date
from random import Random
from uuid import UUID

from server.demo.ages import completed_years
from server.demo.circumstances import Circumstances, draw_circumstances
from server.demo.families import Family
from server.demo.health import CERTIFIED, Disability, Health, draw_disability, draw_health
from server.demo.identities import Identity
from server.demo.safety import Safety, Work, draw_safety, draw_work
from server.demo.schooling import DROPPED_OUT, NEVER_ATTENDED, Schooling, draw_schooling
from server.demo.services import Services, draw_services
from server.demo.tables import TABLES

_AGE_OF_ASSENT = 7


@dataclass(frozen=True, slots=True)
class Child:
    """A child on the day of the survey."""

    uid: str
    identity: Identity
    age: int
    assent: str | None
    health: Health
    schooling: Schooling
    disability: Disability
    work: Work
    safety: Safety
    circumstances: Circumstances
    services: Services


def draw_child(
    rng: Random, identity: Identity, family: Family, *, poor: bool, survey: date, school: str
) -> Child:
    born = identity.birth.day
    age = completed_years(born, survey)
    disability = draw_disability(rng, in_care=bool(family.group))
    disabled = disability.status == CERTIFIED
    schooling = draw_schooling(rng, born, age, survey=survey, disabled=disabled, school=school)
    at_school = schooling.status not in (DROPPED_OUT, NEVER_ATTENDED)
    health = draw_health(rng, age, poor=poor)
    work = draw_work(rng, age, at_school=at_school, earns=schooling.earns)
    safety = draw_safety(rng, age)
    circumstances = draw_circumstances(
        rng,
        family,
        poor=poor,
        health=health,
        disability=disability,
        schooling=schooling,
        work=work,
        safety=safety,
    )
    return Child(
        uid=draw_uuid(rng),
        identity=identity,
        age=age,
        assent=TABLES["assent"].draw(rng) if age >= _AGE_OF_ASSENT else None,
        health=health,
        schooling=schooling,
        disability=disability,
        work=work,
        safety=safety,
        circumstances=circumstances,
        services=draw_services(rng, circumstances),
    )


def draw_uuid(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))
