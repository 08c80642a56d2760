"""Work, injuries and swimming."""

from dataclasses import dataclass
from random import Random

from server.demo.tables import TABLES, happens

_PLACE_ON_THE_ROAD_OR_IN_WATER = "3"


@dataclass(frozen=True, slots=True)
class Work:
    """None where the form does not ask."""

    hours: str | None
    hazard: str | None


@dataclass(frozen=True, slots=True)
class Safety:
    """Codes of g_inj; None where the form does not ask."""

    injury: str
    injury_types: str | None
    injury_place: str | None
    swims: str | None
    seriously_injured: bool


def draw_work(rng: Random, age: int, *, at_school: bool, earns: bool) -> Work:
    """Whoever left school and does not earn does not work: that tells risk R2 from group 08."""
    if age < 5:
        return Work(None, None)
    if earns:
        return Work(str(rng.randrange(35, 57)), TABLES["work_hazard"].draw(rng))
    if age >= 10 and at_school and happens(rng, "work"):
        return Work(str(rng.randrange(3, 15)), TABLES["work_hazard"].draw(rng))
    return Work("0", None)


def draw_safety(rng: Random, age: int) -> Safety:
    swims = TABLES["swims"].draw(rng) if age >= 6 else None
    if not happens(rng, "injury"):
        return Safety("0", None, None, swims, seriously_injured=False)
    kind = TABLES["injury_type"].draw(rng)
    outside = kind in ("03", "08")
    place = _PLACE_ON_THE_ROAD_OR_IN_WATER if outside else TABLES["injury_place"].draw(rng)
    return Safety("1", kind, place, swims, seriously_injured=happens(rng, "serious_injury"))
