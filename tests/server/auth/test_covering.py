"""A scope covers another only if nothing in the other can lie outside it."""

from __future__ import annotations

import json

import pytest

from server.queries.scopes import EVERYTHING, NOTHING, Scope

NEW, OLD = "vn-2025-07", "vn-2025-01"
COMMUNE, SISTER, DIVIDED = (NEW, "12472"), (NEW, "12511"), (OLD, "12505")
VILLAGE = ("V1", NEW, "12472")


def communes(*places) -> Scope:
    return Scope(communes=frozenset(places))


def split(*villages) -> Scope:
    return Scope(split=frozenset({DIVIDED}), villages_of_split=frozenset(villages))


def of_villages(*villages) -> Scope:
    return Scope(villages=frozenset(villages))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (EVERYTHING, communes(COMMUNE)),
        (communes(COMMUNE), NOTHING),
        (communes(COMMUNE, SISTER), communes(SISTER)),
        (communes(DIVIDED), split("V1")),
        (split("V1", "V2"), split("V1")),
        (of_villages(VILLAGE, ("V2", NEW, "12472")), of_villages(VILLAGE)),
        (Scope(submissions=frozenset({1, 2})), Scope(submissions=frozenset({1}))),
    ],
)
def test_the_wider_covers_the_narrower_and_not_the_other_way_round(wide, narrow):
    assert wide.covers(narrow)
    assert wide.covers(wide)
    assert not narrow.covers(wide)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (communes(COMMUNE), communes(SISTER)),
        (communes(COMMUNE), communes((OLD, "12472"))),
        (split("V1"), split("V2")),
        (split("V1"), communes(DIVIDED)),
        (communes(COMMUNE), Scope(submissions=frozenset({1}))),
        (communes(COMMUNE), of_villages(VILLAGE)),  # also what names it and has no commune
    ],
)
def test_neither_covers_what_may_lie_elsewhere(one, other):
    assert not one.covers(other)


def test_a_scope_is_the_same_after_it_was_kept():
    scope = Scope(
        communes=frozenset({COMMUNE, SISTER}),
        split=frozenset({DIVIDED}),
        villages_of_split=frozenset({"V1"}),
        villages=frozenset({VILLAGE}),
        submissions=frozenset({7}),
    )

    assert Scope.of_json(json.loads(json.dumps(scope.to_json()))) == scope
    assert Scope.of_json(EVERYTHING.to_json()) == EVERYTHING
