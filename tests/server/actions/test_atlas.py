"""Which commune, in another edition: on small made-up countries of any shape."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.queries.atlas import Atlas, commune_in, reach, reach_village


@dataclass(frozen=True)
class Country:
    """Villages, each with its commune in every edition; the successions follow from them."""

    villages: tuple[tuple[str, ...], ...]

    @property
    def editions(self) -> list[str]:
        return [f"e{i}" for i in range(len(self.villages[0]))]

    def atlas(self) -> Atlas:
        after, before = defaultdict(set), defaultdict(set)
        for communes in self.villages:
            places = list(zip(self.editions, communes, strict=True))
            for old, new in pairwise(places):
                after[old].add(new)
                before[new].add(old)
        return Atlas(
            {edition: rank for rank, edition in enumerate(self.editions)},
            lambda places: {p: set(after[p]) for p in places},
            lambda places: {p: set(before[p]) for p in places},
            lambda places: {p: {p} for p in places},
        )


CODES = st.sampled_from(["01", "02", "03", "04"])
COUNTRIES = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.tuples(*[CODES] * n), min_size=1, max_size=12).map(
        lambda villages: Country(tuple(villages))
    )
)


@given(COUNTRIES, st.data())
def test_every_commune_goes_somewhere_and_the_truth_is_among_the_answers(country, data):
    communes = data.draw(st.sampled_from(country.villages))
    i = data.draw(st.integers(0, len(communes) - 1))
    j = data.draw(st.integers(0, len(communes) - 1))

    found = reach(country.atlas(), (f"e{i}", communes[i]), f"e{j}")

    assert communes[j] in found.codes
    assert found.is_complete
    assert found.only in (None, communes[j])


@given(COUNTRIES, st.data())
def test_what_is_decided_is_true_and_sums_are_preserved(country, data):
    atlas = country.atlas()
    i = data.draw(st.integers(0, len(country.editions) - 1))
    j = data.draw(st.integers(0, len(country.editions) - 1))
    slips = data.draw(st.lists(st.sampled_from(country.villages), max_size=20))

    answers = [
        commune_in(atlas, f"e{j}", reported=(f"e{i}", communes[i])).commune_code
        for communes in slips
    ]

    sums = Counter(answers)
    assert sum(sums.values()) == len(slips)
    assert all(a in (None, communes[j]) for a, communes in zip(answers, slips, strict=True))


@given(COUNTRIES, st.data())
def test_a_village_listed_in_the_edition_decides(country, data):
    atlas = country.atlas()
    communes = data.draw(st.sampled_from(country.villages))
    i = data.draw(st.integers(0, len(communes) - 1))
    j = data.draw(st.integers(0, len(communes) - 1))

    answer = commune_in(
        atlas, f"e{j}", reported=(f"e{i}", communes[i]), village={f"e{j}": communes[j]}
    )

    assert answer.commune_code == communes[j]


@given(COUNTRIES, st.data())
def test_a_village_is_never_put_where_it_is_not(country, data):
    communes = data.draw(st.sampled_from(country.villages))
    known = data.draw(st.sets(st.sampled_from(country.editions), min_size=1))
    j = data.draw(st.integers(0, len(communes) - 1))
    listed = {e: communes[int(e[1:])] for e in known}

    found = reach_village(country.atlas(), listed, f"e{j}")

    assert communes[j] in found.codes
    assert found.only in (None, communes[j])


def test_a_village_that_contradicts_the_commune_decides_nothing():
    atlas = Country((("01", "01"), ("01", "02"), ("03", "03"))).atlas()

    answer = commune_in(atlas, "e1", reported=("e0", "01"), village={"e1": "03"})

    assert answer.commune_code is None
    assert answer.candidates == {"01", "02"}
