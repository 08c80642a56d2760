"""First surveys: a visit to a household that nobody has registered, and the form filled there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from server.demo.ages import completed_years
from server.demo.answers import answer_form
from server.demo.births import OLDEST
from server.demo.children import Child, draw_uuid
from server.demo.households import Household, draw_household
from server.demo.identities import Identity, iter_serials, register_again
from server.demo.instances import write_instance
from server.demo.tables import goes_wrong
from server.demo.villages import Post, Village, commune_codes, make_post
from server.demo.visits import Visit, draw_visit

XML_FORM_ID = "child_situation"
DAYS = 70
_REMEMBERED = 0.1


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A household as it answered, its form, and the child in it that is registered already."""

    visit: Visit
    household: Household
    xml: bytes
    twice: tuple[str, str] | None = None
    """The keys under which one child is registered: the first, and the one in this household."""


@dataclass(slots=True)
class Sources:
    """What all surveys of a demonstration draw from, so that nothing in it comes twice."""

    rng: Random
    ids: Random
    serials: Iterator[str]
    posts: Sequence[Post]
    version: str

    @classmethod
    def of(
        cls, villages: Sequence[Village], *, count: int, seed: int, version: str, today: date
    ) -> Sources:
        """Other arguments make other ids: what was received before is in nobody's way."""
        codes = " ".join(village.code for village in villages)
        return cls(
            rng=Random(seed),
            ids=Random(f"{seed} {count} {version} {today} {codes}"),
            serials=iter_serials(seed),
            posts=[make_post(village, seed=seed) for village in villages],
            version=version,
        )


def iter_surveys(
    sources: Sources, count: int, survey_day: Callable[[int], date]
) -> Iterator[Surveyed]:
    """`survey_day` of the first, second … survey: in the order of time."""
    rng, posts = sources.rng, sources.posts
    weights = list(accumulate(post.households for post in posts))
    communes = commune_codes(post.village for post in posts)
    known: dict[str, Child] = {}
    for index in range(count):
        post = rng.choices(posts, cum_weights=weights)[0]
        day = survey_day(index)
        again = _draw_known(rng, known, post.village.commune_code, day)
        identity = again.identity if again else None
        household = with_own_ids(
            sources.ids,
            draw_household(rng, day, known=identity, serials=sources.serials, school=post.school),
        )
        visit = draw_visit(rng, post, day, children=len(household.children), communes=communes)
        surveyed = write_survey(sources, visit, household)
        if not visit.consent:
            yield surveyed
            continue
        yield replace(surveyed, twice=_find_twice(again, household))
        _remember(rng, known, visit.commune_code, household)


def write_survey(sources: Sources, visit: Visit, household: Household) -> Surveyed:
    instance_id = f"uuid:{draw_uuid(sources.ids)}"
    answers = answer_form(sources.rng, visit, household, instance_id=instance_id)
    xml = write_instance(answers, form_id=XML_FORM_ID, version=sources.version)
    return Surveyed(visit, household, xml)


def with_own_ids(ids: Random, household: Household) -> Household:
    """The same people in another demonstration are other entities."""
    children = tuple(replace(child, uid=draw_uuid(ids)) for child in household.children)
    return replace(household, uid=draw_uuid(ids), children=children)


def days_before(today: date, count: int) -> Callable[[int], date]:
    """The ten weeks before a day, for so many surveys."""
    return lambda index: today - timedelta(days=DAYS - index * DAYS // count)


def _draw_known(rng: Random, known: dict[str, Child], commune_code: str, day: date) -> Child | None:
    """A child that another household of the commune has already declared, once at most."""
    if not goes_wrong(rng, "household_with_duplicate_child"):
        return None
    child = known.pop(commune_code, None)
    young = child is not None and completed_years(child.identity.birth.day, day) <= OLDEST
    return child if young else None


def _find_twice(first: Child | None, household: Household) -> tuple[str, str] | None:
    if first is None:
        return None
    identity: Identity = register_again(first.identity)
    return next((first.uid, c.uid) for c in household.children if c.identity == identity)


def _remember(
    rng: Random, known: dict[str, Child], commune_code: str, household: Household
) -> None:
    if commune_code not in known or rng.random() < _REMEMBERED:
        known[commune_code] = rng.choice(household.children)
