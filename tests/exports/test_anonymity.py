"""Classes of any sizes become classes that are large enough, and no coarser than they must."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from exports.deidentifying.ages import widened
from exports.deidentifying.anonymity import Class, hidden_places, plan

BANDS = ["", "0–2", "3–5", "6–10", "11–14", "15", "16–17", "18+"]
CLASSES = st.builds(
    Class,
    st.sampled_from(["", "12472", "12322", "13225"]),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from(BANDS),
    st.sampled_from(["", "00", "04", "sensitive_group"]),
)
COUNTS = st.dictionaries(CLASSES, st.integers(1, 12), max_size=40)
LEAST = st.integers(3, 7)


@given(COUNTS, LEAST)
def test_every_class_that_is_published_is_large_enough(counts, least):
    made = plan(counts, hidden_places([counts], least), least)

    sizes = Counter()
    for class_, number in counts.items():
        if (published := made.published[class_]) is not None:
            sizes[published] += number
    assert sizes == made.sizes
    assert all(number >= least for number in sizes.values())


@given(COUNTS, LEAST)
def test_nothing_is_said_that_was_not_answered(counts, least):
    hidden = hidden_places([counts], least)

    for class_, published in plan(counts, hidden, least).published.items():
        if published is not None:
            assert published.place == ("" if class_.place in hidden else class_.place)
            assert published.sex in ("", class_.sex)
            assert published.group in ("", class_.group)
            assert published.band in ("", class_.band, widened(class_.band))


@given(COUNTS, LEAST)
def test_rows_are_left_out_only_where_there_are_fewer_than_a_class(counts, least):
    made = plan(counts, hidden_places([counts], least), least)

    is_left_out = None in made.published.values()
    assert is_left_out == (0 < sum(counts.values()) < least)


@given(st.lists(COUNTS, max_size=3), LEAST)
def test_with_several_tables_each_has_large_classes_alone(tables, least):
    hidden = hidden_places(tables, least)

    for counts in tables:
        assert all(number >= least for number in plan(counts, hidden, least).sizes.values())


@given(COUNTS, LEAST)
def test_classes_that_were_large_enough_stay_unless_a_smaller_one_needs_them(counts, least):
    counts = {class_: number + least for class_, number in counts.items()}

    made = plan(counts, hidden_places([counts], least), least)

    assert all(class_ == published for class_, published in made.published.items())


@given(COUNTS, LEAST)
def test_nobody_can_tell_a_hidden_place_by_what_is_missing(counts, least):
    totals = Counter()
    for class_, number in counts.items():
        totals[class_.place] += number

    hidden = hidden_places([counts], least)

    unnamed = sum(number for place, number in totals.items() if place in hidden or not place)
    assert unnamed == 0 or unnamed >= least or unnamed == totals.total()
    assert all(number >= least for place, number in totals.items() if place and place not in hidden)


def test_the_group_goes_first_then_the_age_gets_wider_then_it_goes_then_the_sex():
    counts = {
        Class("c", "1", "0–2", "00"): 8,
        Class("c", "1", "6–10", "04"): 2,
        Class("c", "1", "6–10", "00"): 3,
        Class("c", "2", "11–14", "00"): 2,
        Class("c", "2", "6–10", "00"): 3,
        Class("c", "1", "18+", "00"): 4,
        Class("c", "1", "15", "00"): 1,
        Class("d", "1", "15", "00"): 4,
        Class("d", "2", "3–5", "00"): 4,
    }

    made = plan(counts, frozenset(), 5).published

    assert made[Class("c", "1", "0–2", "00")] == Class("c", "1", "0–2", "00")
    assert made[Class("c", "1", "6–10", "04")] == Class("c", "1", "6–10", "")
    assert made[Class("c", "2", "11–14", "00")] == Class("c", "2", "6–14", "")
    assert made[Class("c", "1", "15", "00")] == Class("c", "1", "", "")
    assert made[Class("d", "1", "15", "00")] == Class("d", "", "", "")


def test_one_that_is_alone_to_the_end_is_joined_by_the_next_smallest_class():
    alone, smaller, larger = (Class("c", sex, "15", "") for sex in ("3", "2", "1"))

    made = plan({alone: 1, smaller: 5, larger: 6}, frozenset(), 5).published

    bare = Class("c", "", "", "")
    assert made == {alone: bare, smaller: bare, larger: larger}
