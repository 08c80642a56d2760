"""A case of a child that was merged into another is a case of the other, wherever it is read."""

from __future__ import annotations

import csv
import io

import pytest

from server.actions.entities.access import Access
from server.actions.entities.exporting import iter_csv
from server.actions.entities.known import get_list
from server.actions.entities.lists import PhoneList, find_phone_lists
from server.actions.entities.merging import merge_entities, split_entity
from server.auth.callers import Occasion, find_phone
from server.cli.common import operator, today
from server.db import db, transaction
from server.models import EntityVersion
from server.queries.scopes import EVERYTHING
from tests.helpers import cases
from tests.helpers.cases import add_child, follow_case, open_case
from tests.helpers.duties import phone

RECEIVED = "2026-11-20T08:00:00"


@pytest.fixture
def officer(app, tmp_path):
    """The phone of a commune's officer, who has the list of cases."""
    cases.publish_register(tmp_path)
    return phone("Hoa", cases.COMMUNE, role="commune_officer")


def listed(token: str) -> PhoneList:
    db.session.rollback()
    caller = find_phone(token, 1, Occasion(today(), "test"))
    return find_phone_lists(caller, 1, ["case.csv"])["case.csv"]


def child_of(token: str, case: str) -> str:
    rows = csv.DictReader(io.StringIO(listed(token).to_csv().decode()))
    return next(row["child_id"] for row in rows if row["name"] == case)


def merge(keep: str, drop: str, *, undo: bool = False) -> None:
    with transaction():
        children = get_list(None, 1, "child")
        if undo:
            split_entity(children, drop, by=operator())
        else:
            merge_entities(children, keep, drop, by=operator())


def test_phones_find_the_survivor_and_after_the_undoing_the_other_again(officer):
    keep, drop = add_child("Lan"), add_child("Lân")
    case = open_case("2611-1a", RECEIVED, child_ref=drop)
    before = listed(officer).tag

    merge(keep, drop)

    merged = listed(officer).tag
    assert child_of(officer, case) == keep
    merge(keep, drop, undo=True)
    assert child_of(officer, case) == drop
    assert len({before, merged, listed(officer).tag}) == 3


def test_a_case_that_comes_after_the_merge_is_found_too(officer):
    last, keep, drop = add_child("Lan"), add_child("Lan"), add_child("Lân")
    merge(keep, drop)
    merge(last, keep)

    case = open_case("2611-1a", RECEIVED, child_ref=drop)

    assert child_of(officer, case) == last


def test_a_merge_leaves_the_case_s_history_and_offline_work_alone(officer):
    keep, drop = add_child("Lan"), add_child("Lân")
    case = open_case("2611-1a", RECEIVED, child_ref=drop)
    merge(keep, drop)

    follow_case(case, 1, next_visit="2026-12-20")

    versions = db.session.query(EntityVersion).filter(EntityVersion.path == "").all()
    assert not any(version.conflict for version in versions)
    assert child_of(officer, case) == keep


def test_an_exported_list_names_the_survivor(officer):
    keep, drop = add_child("Lan"), add_child("Lân")
    open_case("2611-1a", RECEIVED, child_ref=drop)
    merge(keep, drop)
    db.session.rollback()

    access = Access(get_list(None, 1, "case"), EVERYTHING, ("child_id",))

    text = b"".join(piece for piece, _ in iter_csv(access)).decode()
    assert (keep in text, drop in text) == (True, False)
