"""Who the children are: names, sex, birth, registration and personal numbers never issued."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from random import Random

from server.demo.births import Birth
from server.demo.families import UNKNOWN, Family
from server.demo.mistakes import double_space, flip_sex_digit
from server.demo.names import draw_child_name
from server.demo.tables import TABLES, goes_wrong, happens

NEVER_ISSUED = "999"
_NEWBORN_DAYS = 60
_SERIALS = 1_000_000
_SERIAL_STEP = 618_033


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a child is; blank where there is no number, None where no reason is asked."""

    name: str
    sex: str
    birth: Birth
    registration: str
    noreg_reason: str | None
    personal_id: str


def iter_serials(seed: int) -> Iterator[str]:
    """Six digits that look random; none comes twice in a million children."""
    for number in count(Random(seed).randrange(_SERIALS)):
        yield f"{number * _SERIAL_STEP % _SERIALS:06}"


def draw_identities(
    rng: Random,
    births: list[Birth],
    family: Family,
    family_name: str,
    *,
    survey: date,
    serials: Iterator[str],
) -> list[Identity]:
    identities: list[Identity] = []
    for birth in births:
        sex = "1" if happens(rng, "boy") else "2"
        name = _draw_new_name(rng, family_name, sex, identities)
        registration, reason = _draw_registration(rng, family, (survey - birth.day).days)
        registered = registration in ("1", "2")
        personal_id = _draw_personal_id(rng, birth, sex, serials) if registered else ""
        identities.append(Identity(name, sex, birth, registration, reason, personal_id))
    return [_misspell(rng, identity) for identity in identities]


def register_again(identity: Identity) -> Identity:
    """The same child as another collaborator enters it, without its papers."""
    return replace(identity, personal_id="")


def _draw_new_name(rng: Random, family_name: str, sex: str, siblings: list[Identity]) -> str:
    taken = {sibling.name for sibling in siblings}
    while (name := draw_child_name(rng, family_name, sex=sex)) in taken:
        pass
    return name


def _draw_registration(rng: Random, family: Family, days_old: int) -> tuple[str, str | None]:
    if not happens(rng, _unregistered_share(days_old)):
        return "2" if happens(rng, "registered_late") else "1", None
    if days_old < _NEWBORN_DAYS:
        return "0", "1"
    return "0", "3" if family.father == UNKNOWN else TABLES["noreg_reason"].draw(rng)


def _unregistered_share(days_old: int) -> str:
    if days_old < _NEWBORN_DAYS:
        return "unregistered_newborn"
    if days_old < 365:
        return "unregistered_under_1"
    return "unregistered_under_5" if days_old < 5 * 365 else "unregistered"


def _draw_personal_id(rng: Random, birth: Birth, sex: str, serials: Iterator[str]) -> str:
    """Digits 4 to 6 tell sex, century and year of birth as they do in real numbers."""
    if not happens(rng, "personal_id"):
        return ""
    century_and_sex = (birth.day.year // 100 - 19) * 2 + (sex == "2")
    personal_id = f"{NEVER_ISSUED}{century_and_sex}{birth.day.year % 100:02}{next(serials)}"
    return flip_sex_digit(personal_id) if goes_wrong(rng, "wrong_sex_digit") else personal_id


def _misspell(rng: Random, identity: Identity) -> Identity:
    if goes_wrong(rng, "double_space"):
        return replace(identity, name=double_space(identity.name))
    return identity
