"""A stream of filled child_situation forms from households that do not exist."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from server.demo.ages import completed_years
from server.demo.answers import answer_form
from server.demo.births import OLDEST
from server.demo.children import draw_uuid
from server.demo.households import Household, draw_household
from server.demo.identities import Identity, iter_serials
from server.demo.instances import write_instance
from server.demo.tables import goes_wrong
from server.demo.villages import Village, commune_codes, make_post
from server.demo.visits import draw_visit

XML_FORM_ID = "child_situation"
_DAYS = 70
_REMEMBERED = 0.1


def iter_slips(
    villages: Sequence[Village], *, count: int, seed: int, version: str, today: date
) -> Iterator[bytes]:
    """Yield instances in the order of their survey dates, over the ten weeks before today.

    Other arguments make other instanceIDs: what was received before is in nobody's way.
    """
    rng = Random(seed)
    codes = " ".join(village.code for village in villages)
    ids = Random(f"{seed} {count} {version} {today} {codes}")
    posts = [make_post(village, seed=seed) for village in villages]
    weights = list(accumulate(post.households for post in posts))
    communes, serials = commune_codes(villages), iter_serials(seed)
    known: dict[str, Identity] = {}
    for index in range(count):
        post = rng.choices(posts, cum_weights=weights)[0]
        day = today - timedelta(days=_DAYS - index * _DAYS // count)
        again = _draw_known(rng, known, post.village.commune_code, day)
        household = draw_household(rng, day, known=again, serials=serials, school=post.school)
        visit = draw_visit(rng, post, day, children=len(household.children), communes=communes)
        if visit.consent:
            _remember(rng, known, visit.commune_code, household)
        answers = answer_form(rng, visit, household, instance_id=f"uuid:{draw_uuid(ids)}")
        yield write_instance(answers, form_id=XML_FORM_ID, version=version)


def _draw_known(
    rng: Random, known: dict[str, Identity], commune_code: str, day: date
) -> Identity | None:
    """A child that another household of the commune has already declared, once at most."""
    if not goes_wrong(rng, "household_with_duplicate_child"):
        return None
    child = known.pop(commune_code, None)
    return child if child and completed_years(child.birth.day, day) <= OLDEST else None


def _remember(
    rng: Random, known: dict[str, Identity], commune_code: str, household: Household
) -> None:
    if commune_code not in known or rng.random() < _REMEMBERED:
        known[commune_code] = rng.choice(household.children).identity
