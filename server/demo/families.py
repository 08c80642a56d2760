"""Who brings the children up, and what follows for them from that."""

from dataclasses import dataclass
from random import Random

from server.demo.tables import Weighted, read_data

FATHER, MOTHER, GRANDPARENT, AUNT_OR_UNCLE = "1", "2", "3", "5"
ADOPTIVE_PARENT, OTHER_RELATIVE, FOSTER_CARER = "6", "7", "8"
AT_HOME, AWAY, DEAD, UNKNOWN = "1", "2", "4", "6"


@dataclass(frozen=True, slots=True)
class Family:
    """What holds for all the children of a household: codes of the form, blank where none."""

    father: str
    mother: str
    carer: str
    group: str
    sub: str
    issue: str
    risk: str

    @property
    def parents_at_home(self) -> tuple[str, ...]:
        parents = ((FATHER, self.father), (MOTHER, self.mother))
        return tuple(relation for relation, status in parents if status == AT_HOME)

    @property
    def care_form(self) -> str:
        if at_home := len(self.parents_at_home):
            return "1" if at_home == 2 else "2"
        return {ADOPTIVE_PARENT: "5", FOSTER_CARER: "4"}.get(self.carer, "3")

    @property
    def risks(self) -> set[str]:
        parents = self.father, self.mother
        risks = {self.risk} if self.risk else set()
        if parents == (AWAY, AWAY):
            risks.add("R6")
        if parents.count(DEAD) == 1:
            risks.add("R7")
        return risks


def draw_family(rng: Random) -> Family:
    kind = _KINDS[int(_WEIGHTS.draw(rng))]
    father, mother = kind["parents"]
    if kind.get("swap") and rng.random() < 0.5:
        father, mother = mother, father
    return Family(
        father=father,
        mother=mother,
        carer=kind["carers"].draw(rng),
        group=kind.get("group", ""),
        sub=kind.get("sub", ""),
        issue=kind.get("issue", ""),
        risk=kind.get("risk", ""),
    )


_KINDS = [
    {**kind, "carers": Weighted.of(kind["carers"])} for kind in read_data("families")["family"]
]
_WEIGHTS = Weighted.of({str(i): kind["weight"] for i, kind in enumerate(_KINDS)})
