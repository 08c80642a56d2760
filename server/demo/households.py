"""A household as it answers: its adults, its means, its children."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from server.demo.adults import Adult, Adults, draw_adults
from server.demo.ages import completed_years
from server.demo.births import draw_births
from server.demo.children import Child, draw_child, draw_uuid
from server.demo.families import GRANDPARENT, Family, draw_family
from server.demo.identities import Identity, draw_identities, register_again
from server.demo.phones import draw_phone
from server.demo.tables import PHRASES, TABLES, happens

KINH = "01"
POOR = ("1", "2")
_NOT_POOR = "0"


@dataclass(frozen=True, slots=True)
class Household:
    """Everything asked of a household, whether or not it consents to tell."""

    uid: str
    family: Family
    adults: Adults
    children: tuple[Child, ...]
    ethnicity: str
    phone: str
    address: str
    poverty: str
    poverty_year: int | None
    issues: tuple[str, ...]

    @property
    def size(self) -> int:
        return self.adults.count + len(self.children)


def draw_household(
    rng: Random, survey: date, *, known: Identity | None, serials: Iterator[str], school: str
) -> Household:
    """A child already known from another household is entered here again, as the first one."""
    family = draw_family(rng)
    births = draw_births(rng, survey, first=known.birth if known else None)
    ages = [completed_years(birth.day, survey) for birth in births]
    adults = draw_adults(rng, family, ages, year=survey.year)
    identities = draw_identities(
        rng, births, family, adults.childrens_family_name, survey=survey, serials=serials
    )
    if known:
        identities[0] = register_again(known)
    poverty = TABLES["poverty_in_care" if family.group else "poverty"].draw(rng)
    poor = poverty in POOR
    children = [
        draw_child(rng, identity, family, poor=poor, survey=survey, school=school)
        for identity in identities
    ]
    return Household(
        uid=draw_uuid(rng),
        family=family,
        adults=adults,
        children=tuple(sorted(children, key=lambda child: child.identity.birth.day)),
        ethnicity=TABLES["other_ethnicity"].draw(rng) if happens(rng, "other_ethnicity") else KINH,
        phone=draw_phone(rng),
        address=_draw_address(rng),
        poverty=poverty,
        poverty_year=None if poverty == _NOT_POOR else survey.year - 1,
        issues=_draw_issues(rng, family, adults.carer, poor=poor),
    )


def _draw_address(rng: Random) -> str:
    if not happens(rng, "address"):
        return ""
    return rng.choice(PHRASES["address"]).format(n=rng.randrange(1, 60))


def _draw_issues(rng: Random, family: Family, carer: Adult, *, poor: bool) -> tuple[str, ...]:
    issues = {family.issue} - {""}
    if happens(rng, "old_carer_ill" if carer.relation == GRANDPARENT else "carer_ill"):
        issues.add("4")
    if happens(rng, "near_water"):
        issues.add("5")
    if happens(rng, "unsafe_house_of_the_poor" if poor else "unsafe_house"):
        issues.add("6")
    return tuple(sorted(issues)) or ("0",)
