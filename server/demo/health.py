"""Insurance, immunisation, nutrition, illness and disability."""

from dataclasses import dataclass
from random import Random

from server.demo.tables import TABLES, happens

NOT_DISABLED, CERTIFIED, SUSPECTED = "0", "1", "2"


@dataclass(frozen=True, slots=True)
class Health:
    """Codes of g_reg; None where the form does not ask."""

    insurance: str
    immunised: str | None
    nutrition: str | None
    checkup: str
    serious_illness: str


@dataclass(frozen=True, slots=True)
class Disability:
    """Codes of g_dis; None where the form does not ask."""

    status: str
    types: str | None
    level: str | None


def draw_health(rng: Random, age: int, *, poor: bool) -> Health:
    ill = happens(rng, "serious_illness_of_the_poor" if poor else "serious_illness")
    return Health(
        insurance=TABLES["insurance_under_6" if age < 6 else "insurance"].draw(rng),
        immunised=TABLES["immunised"].draw(rng) if age < 5 else None,
        nutrition=TABLES["nutrition"].draw(rng) if age < 5 else None,
        checkup=TABLES["checkup"].draw(rng),
        serious_illness="1" if ill else "0",
    )


def draw_disability(rng: Random, *, in_care: bool) -> Disability:
    if happens(rng, "disability_in_care" if in_care else "disability"):
        return Disability(CERTIFIED, _draw_types(rng), TABLES["disab_level"].draw(rng))
    if happens(rng, "suspected_disability"):
        return Disability(SUSPECTED, _draw_types(rng), None)
    return Disability(NOT_DISABLED, None, None)


def _draw_types(rng: Random) -> str:
    types = {TABLES["disab_type"].draw(rng)}
    if happens(rng, "second_disability"):
        types.add(TABLES["disab_type"].draw(rng))
    return " ".join(sorted(types))
