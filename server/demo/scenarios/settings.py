"""Where a scenario plays, and households that are as it wants them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random

from server.demo.ages import completed_years
from server.demo.births import FULL_DATE, Birth
from server.demo.children import draw_child
from server.demo.households import POOR, Household, draw_household
from server.demo.identities import Identity, iter_serials
from server.demo.reviews import Home, register_home
from server.demo.steps import Filled
from server.demo.surveys import XML_FORM_ID, Sources, Surveyed, with_own_ids, write_survey
from server.demo.villages import Post, Village, make_post
from server.demo.visits import Visit, draw_visit

_COLUMNS = ("name", "label", "commune_code", "legacy_commune_code")
_BOTH_PARENTS = 2


@dataclass(frozen=True, slots=True)
class Person:
    """A child as a scenario names it."""

    name: str
    sex: str
    born: date


@dataclass(frozen=True, slots=True)
class Setting:
    """The villages that the form offers, the versions of the forms, and what to draw from."""

    villages: Sequence[Village]
    versions: Mapping[str, str]
    seed: int
    sources: Sources

    @classmethod
    def of(
        cls, code: str, villages: Sequence[Village], *, versions: Mapping[str, str], seed: int
    ) -> Setting:
        sources = Sources(
            rng=Random(f"{seed}/{code}"),
            ids=Random(f"{seed}/{code}/ids"),
            serials=iter_serials(seed),
            posts=[make_post(village, seed=seed) for village in villages],
            version=versions[XML_FORM_ID],
        )
        return cls(villages, versions, seed, sources)

    def village(self, legacy_commune_code: str) -> Village:
        """The first of those that lay in this commune."""
        return next(v for v in self.villages if v.legacy_commune_code == legacy_commune_code)

    def village_list(self, *more: Village) -> bytes:
        """As operators import it."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for v in (*self.villages, *more):
            writer.writerow((v.code, v.label, v.commune_code, v.legacy_commune_code))
        return text.getvalue().encode()

    def survey(
        self,
        village: Village,
        day: date,
        children: Sequence[Person],
        *,
        commune_code: str | None = None,
    ) -> Surveyed:
        """A household with these children, who live with both parents, as it consents."""
        post = make_post(village, seed=self.seed)
        household = _draw_household(self.sources, post, day, children)
        visit = _draw_visit(self.sources.rng, post, day, children=len(children))
        if commune_code is not None:
            visit = replace(visit, commune_code=commune_code)
        return write_survey(self.sources, visit, household)

    def register(self, surveyed: Surveyed) -> Home:
        return register_home(self.sources, surveyed)


def filled(surveyed: Surveyed, *, arrived_at: datetime | None = None) -> Filled:
    return Filled(XML_FORM_ID, surveyed.xml, arrived_at=arrived_at)


def _draw_household(sources: Sources, post: Post, day: date, wanted: Sequence[Person]) -> Household:
    oldest = max(completed_years(person.born, day) for person in wanted)
    while True:
        drawn = draw_household(
            sources.rng, day, known=None, serials=sources.serials, school=post.school
        )
        is_old_enough = max(child.age for child in drawn.children) >= oldest
        if is_old_enough and len(drawn.family.parents_at_home) == _BOTH_PARENTS:
            break
    children = tuple(
        draw_child(
            sources.rng,
            _identity(person),
            drawn.family,
            poor=drawn.poverty in POOR,
            survey=day,
            school=post.school,
        )
        for person in wanted
    )
    return with_own_ids(sources.ids, replace(drawn, children=children))


def _identity(person: Person) -> Identity:
    """Registered, and without a number: no number can stand twice then."""
    return Identity(person.name, person.sex, Birth(person.born, FULL_DATE), "1", None, "")


def _draw_visit(rng: Random, post: Post, day: date, *, children: int) -> Visit:
    """One that says what the scenario wants to be said: with consent, and without mistakes."""
    own = [post.village.commune_code]
    while True:
        visit = draw_visit(rng, post, day, children=children, communes=own)
        if visit.consent and visit.normal_form == "NFC":
            return visit
