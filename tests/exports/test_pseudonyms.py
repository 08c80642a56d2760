"""Ids under other names: always the same in a release, never the same in another."""

from __future__ import annotations

import hmac

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from exports.deidentifying.pseudonyms import Pseudonyms

IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60) | st.uuids().map(
    lambda uuid: f"uuid:{uuid}/rep_child[1]"
)
KEYS = st.binary(min_size=16, max_size=64)


@given(st.lists(IDS | st.none(), max_size=30), KEYS)
def test_two_ids_have_one_name_only_if_they_are_one(ids, key):
    series = pl.Series("id", ids, dtype=pl.String)

    named = Pseudonyms(key).of_all(series).to_list()

    assert named == Pseudonyms(key).of_all(series).to_list()
    pairs = {(i, n) for i, n in zip(ids, named, strict=True) if i is not None}
    assert len(pairs) == len({i for i, _ in pairs}) == len({n for _, n in pairs})
    assert [n is None for n in named] == [i is None for i in ids]


@given(IDS, KEYS, KEYS)
def test_each_release_has_names_of_its_own(id_, key, other):
    same = Pseudonyms(key).of(id_) == Pseudonyms(other).of(id_)

    # Keys are filled up with zeros to a block: HMAC takes those for one.
    assert same == (key.rstrip(b"\0") == other.rstrip(b"\0"))


@given(IDS, KEYS)
def test_a_name_is_a_word_that_no_program_takes_for_a_number(id_, key):
    name = Pseudonyms(key).of(id_)

    assert name.startswith("p")
    assert name.isalnum()
    assert len(name) == 21
    assert len(id_) < 3 or id_ not in name


def test_a_blank_id_stays_blank():
    named = Pseudonyms(b"k" * 16).of_all(pl.Series(["", None, "a"]))

    assert [n is None for n in named] == [True, True, False]


def test_it_is_an_hmac_that_others_can_reckon():
    expected = hmac.new(b"k" * 16, b"uuid:1", "sha256").hexdigest()[:20]

    assert Pseudonyms(b"k" * 16).of("uuid:1") == f"p{expected}"
