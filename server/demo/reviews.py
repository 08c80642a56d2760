"""The yearly review: a registered household a year later, its children a year older."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from server.demo.answers import answer_form, household_label
from server.demo.births import BETWEEN_SIBLINGS, FULL_DATE, OLDEST, Birth
from server.demo.child_answers import child_label
from server.demo.children import Child, draw_child, draw_uuid
from server.demo.families import MOTHER
from server.demo.households import POOR, Household
from server.demo.identities import draw_identities
from server.demo.instances import write_instance
from server.demo.nodes import Flags
from server.demo.registers import Again, Known, change, made
from server.demo.surveys import XML_FORM_ID, Sources, Surveyed
from server.demo.tables import happens
from server.demo.visits import Visit, draw_visit

_NOT_CREATED = (("create", "0"),)


@dataclass(slots=True)
class Home:
    """A household of the register as it was seen last, and what is known of its entities."""

    visit: Visit
    household: Household
    entity: Known
    children: dict[str, Known]

    @property
    def day(self) -> date:
        return self.visit.start.date()


def register_home(sources: Sources, surveyed: Surveyed) -> Home:
    """What the register has after the first survey."""
    visit, household = surveyed.visit, surveyed.household
    entity = _made(sources, visit, household.uid, household_label(visit, household))
    home = Home(visit, household, entity, {})
    for child in household.children:
        home.children[child.uid] = _made(sources, visit, child.uid, child_label(child, visit))
    return home


def may_be_reviewed(home: Home, day: date) -> bool:
    """Where nobody has grown out of the form, and the village is that of the commune."""
    village = home.visit.post.village
    oldest = min(child.identity.birth.day for child in home.household.children)
    is_young = (day - oldest).days < OLDEST * 365
    return is_young and home.visit.commune_code == village.commune_code


def review(sources: Sources, home: Home, day: date) -> Surveyed:
    """Fill the form again and bring the home up to date."""
    household = _grow_older(sources, home, day)
    visit = _draw_visit(sources, home, household, day)
    again = Again(
        household=_change(sources, home.entity, visit),
        children={
            child.uid: _change(sources, home.children[child.uid], visit)
            for child in household.children
            if child.uid in home.children
        },
    )
    instance_id = f"uuid:{draw_uuid(sources.ids)}"
    answers = answer_form(sources.rng, visit, household, instance_id=instance_id, again=again)
    home.visit, home.household = visit, household
    for child in household.children:
        label = child_label(child, visit)
        known = home.children.setdefault(child.uid, _made(sources, visit, child.uid, label))
        known.label = label
    home.entity.label = household_label(visit, household)
    xml = write_instance(answers, form_id=XML_FORM_ID, version=sources.version)
    return Surveyed(visit, household, xml)


def _grow_older(sources: Sources, home: Home, day: date) -> Household:
    known = home.household
    older = [
        replace(_draw_child(sources, home, child, day), uid=child.uid) for child in known.children
    ]
    if (newborn := _draw_newborn(sources, home, day)) is not None:
        older.append(newborn)
    poverty_year = known.poverty_year and day.year - 1
    return replace(known, children=tuple(older), poverty_year=poverty_year)


def _draw_child(sources: Sources, home: Home, child: Child, day: date) -> Child:
    return draw_child(
        sources.rng,
        child.identity,
        home.household.family,
        poor=home.household.poverty in POOR,
        survey=day,
        school=home.visit.post.school,
    )


def _draw_newborn(sources: Sources, home: Home, day: date) -> Child | None:
    """Born since the last visit to a mother who lives at home."""
    rng, household = sources.rng, home.household
    youngest = max(child.identity.birth.day for child in household.children)
    first = max(home.day + timedelta(days=1), youngest + BETWEEN_SIBLINGS)
    days = (day - first).days
    if days < 1 or MOTHER not in household.family.parents_at_home:
        return None
    if not happens(rng, "newborn_at_review"):
        return None
    birth = Birth(first + timedelta(days=rng.randrange(days)), FULL_DATE)
    (identity,) = draw_identities(
        rng,
        [birth],
        household.family,
        household.adults.childrens_family_name,
        survey=day,
        serials=sources.serials,
    )
    if identity.name in {child.identity.name for child in household.children}:
        return None
    child = draw_child(
        rng,
        identity,
        household.family,
        poor=household.poverty in POOR,
        survey=day,
        school=home.visit.post.school,
    )
    return replace(child, uid=draw_uuid(sources.ids))


def _draw_visit(sources: Sources, home: Home, household: Household, day: date) -> Visit:
    """Whoever agreed to the first visit agrees again."""
    own = [home.visit.post.village.commune_code]
    while True:
        visit = draw_visit(
            sources.rng, home.visit.post, day, children=len(household.children), communes=own
        )
        if visit.consent:
            return visit


def _made(sources: Sources, visit: Visit, id_: str, label: str) -> Known:
    device_id, day = visit.post.device_id, visit.start.date()
    return made(sources.ids, id_, label, device_id=device_id, day=day)


def _change(sources: Sources, known: Known, visit: Visit) -> Flags:
    device_id, day = visit.post.device_id, visit.start.date()
    return (*_NOT_CREATED, *change(sources.ids, known, device_id=device_id, day=day))
