"""Open special circumstances and risks, derived from all the rest; restricted groups never."""

from dataclasses import dataclass
from random import Random

from server.demo.families import Family
from server.demo.health import CERTIFIED, Disability, Health
from server.demo.safety import Safety, Work
from server.demo.schooling import DROPPED_OUT, Schooling
from server.demo.tables import TABLES, happens

NONE = "00"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Codes of g_sc; None where the form does not ask."""

    groups: tuple[str, ...]
    sub: str | None
    risks: tuple[str, ...]


def draw_circumstances(
    rng: Random,
    family: Family,
    *,
    poor: bool,
    health: Health,
    disability: Disability,
    schooling: Schooling,
    work: Work,
    safety: Safety,
) -> Circumstances:
    left_school = schooling.status == DROPPED_OUT and work.hours == "0"
    groups = {
        family.group: bool(family.group),
        "04": disability.status == CERTIFIED,
        "08": schooling.earns,
        "13": poor and health.serious_illness == "1",
    }
    risks = {
        **dict.fromkeys(family.risks, True),
        "R1": poor,
        "R2": left_school,
        "R8": safety.seriously_injured,
    }
    if happens(rng, "family_risk"):
        risks[TABLES["other_risk"].draw(rng)] = True
    return Circumstances(_true_codes(groups), family.sub or None, _true_codes(risks))


def _true_codes(codes: dict[str, bool]) -> tuple[str, ...]:
    return tuple(sorted(code for code, true in codes.items() if true)) or (NONE,)
