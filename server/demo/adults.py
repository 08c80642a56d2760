"""The adults of a household: parents at home, elders, who heads it and who answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from server.demo.families import (
    AT_HOME,
    AUNT_OR_UNCLE,
    FATHER,
    GRANDPARENT,
    MOTHER,
    OTHER_RELATIVE,
    UNKNOWN,
    Family,
)
from server.demo.names import draw_adult_name, draw_family_name
from server.demo.tables import TABLES, happens

_HEAD_AGES = (28, 76, 42)
_KIN = (GRANDPARENT, AUNT_OR_UNCLE, OTHER_RELATIVE)


@dataclass(frozen=True, slots=True)
class Adult:
    """A named adult by the relation to the children (list relation)."""

    relation: str
    name: str
    sex: str
    born: int

    @property
    def family_name(self) -> str:
        return self.name.split(" ", 1)[0]


@dataclass(frozen=True, slots=True)
class Adults:
    """All adults who usually live here are counted; only those the form asks for have names."""

    head: Adult
    carer: Adult
    respondent: Adult
    count: int
    childrens_family_name: str


def draw_adults(rng: Random, family: Family, ages: Sequence[int], *, year: int) -> Adults:
    parents = _draw_parents(rng, year - max(ages))
    head = _draw_head(rng, family, parents, ages, year=year)
    carer = _draw_carer(rng, family, parents, head)
    return Adults(
        head=head,
        carer=carer,
        respondent=head if happens(rng, "head_is_respondent") else carer,
        count=_count(rng, family, head, carer),
        childrens_family_name=_childrens_family_name(rng, family, parents, carer),
    )


def _draw_parents(rng: Random, first_birth: int) -> dict[str, Adult]:
    mothers_age = int(rng.triangular(19, 36, 24))
    return {
        FATHER: _draw_adult(rng, FATHER, "1", first_birth - mothers_age - rng.randrange(6)),
        MOTHER: _draw_adult(rng, MOTHER, "2", first_birth - mothers_age),
    }


def _draw_head(
    rng: Random, family: Family, parents: dict[str, Adult], ages: Sequence[int], *, year: int
) -> Adult:
    age = int(rng.triangular(*_HEAD_AGES))
    oldest, youngest = max(ages), min(ages)
    if not family.parents_at_home:
        return _draw_kin(rng, family.carer, parents, year - _carers_age(rng, family, age, oldest))
    if age >= oldest + 42 and (age > youngest + 45 or happens(rng, "elder_heads")):
        return _draw_kin(rng, GRANDPARENT, parents, year - age)
    age = min(max(age, _HEAD_AGES[0], oldest + 19), youngest + 45)
    father_heads = family.parents_at_home[0] == FATHER and happens(rng, "father_heads")
    relation = FATHER if father_heads else family.parents_at_home[-1]
    return replace(parents[relation], born=year - age)


def _carers_age(rng: Random, family: Family, age: int, oldest: int) -> int:
    if family.carer == GRANDPARENT:
        return min(75, oldest + 42 + rng.randrange(20))
    return min(max(age, oldest + 19), 62)


def _draw_carer(rng: Random, family: Family, parents: dict[str, Adult], head: Adult) -> Adult:
    if family.carer == head.relation:
        return head
    if family.carer in parents:
        return parents[family.carer]
    return _draw_kin(rng, family.carer, parents, parents[MOTHER].born - 24)


def _draw_kin(rng: Random, relation: str, parents: dict[str, Adult], born: int) -> Adult:
    """A man among kin bears the family name of the parent he belongs to; a woman keeps hers.

    Nobody bears the name of a parent: who heads the household is told by the name.
    """
    names = {parent.name for parent in parents.values()}
    while (adult := _draw_relative(rng, relation, parents, born)).name in names:
        pass
    return adult


def _draw_relative(rng: Random, relation: str, parents: dict[str, Adult], born: int) -> Adult:
    sex = "1" if happens(rng, "elder_man") else "2"
    adult = _draw_adult(rng, relation, sex, born)
    if sex == "2" or relation not in _KIN:
        return adult
    parent = parents[FATHER if happens(rng, "elder_of_father") else MOTHER]
    return replace(adult, name=adult.name.replace(adult.family_name, parent.family_name, 1))


def _draw_adult(rng: Random, relation: str, sex: str, born: int) -> Adult:
    name = draw_adult_name(rng, draw_family_name(rng), sex=sex, born=born)
    return Adult(relation, name, sex, born)


def _count(rng: Random, family: Family, head: Adult, carer: Adult) -> int:
    count = len({*family.parents_at_home, head.relation, carer.relation})
    if head.relation not in (FATHER, MOTHER):
        count += happens(rng, "spouse_of_carer")
    elif carer.relation in (FATHER, MOTHER):
        count += int(TABLES["elders_beside_parents"].draw(rng))
    return count + int(TABLES["other_adults"].draw(rng))


def _childrens_family_name(
    rng: Random, family: Family, parents: dict[str, Adult], carer: Adult
) -> str:
    if family.father == UNKNOWN:
        return (parents[MOTHER] if family.mother == AT_HOME else carer).family_name
    return parents[FATHER if happens(rng, "fathers_family_name") else MOTHER].family_name
