"""An entity belongs where its properties say, as far as its slip's edition knows of that."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from server.actions.entities.lists import find_phone_lists
from server.actions.entities.places import place_of
from server.actions.unit_importing import import_units
from server.actions.unit_lists import VILLAGES
from server.auth.callers import Occasion, find_phone
from server.cli.common import operator, today
from server.db import db, transaction
from server.models import Entity
from server.queries import units, villages
from server.queries.entities import Place
from tests.helpers.children import child_slip, new_child, publish_children
from tests.helpers.duties import phone
from tests.helpers.phones import multipart
from tests.helpers.slips import ROOT

SAMPLE = ROOT / "xlsforms/child_situation/media/villages.csv"
HERE, VILLAGE, OLD = "12472", "V000019", "12505"


@pytest.fixture
def edition(app) -> str:
    """The edition in force, with the sample's villages."""
    with transaction():
        import_units([(VILLAGES, SAMPLE.read_bytes())], on=date(2026, 11, 23), by=operator())
    return units.find_edition(today()).id


def test_the_sample_is_as_these_tests_want_it(edition):
    assert villages.list_communes_of_village(VILLAGE)[edition] == HERE
    assert units.find_commune(edition, OLD) is None


@pytest.mark.parametrize(
    ("said", "commune"),
    [
        ({"village_code": VILLAGE}, HERE),
        ({"village_code": VILLAGE, "commune_code": HERE}, HERE),
        ({"village_code": VILLAGE, "commune_code": OLD}, HERE),
        ({"village_code": "V999999", "commune_code": OLD}, "12511"),
        ({"village_code": "V999999"}, "12511"),
        ({"commune_code": OLD}, "12511"),
    ],
)
def test_what_the_edition_does_not_know_is_where_the_slip_is_from(edition, said, commune):
    place = place_of(said, said, before=None, sent_from=Place(None, edition, "12511"))

    assert place == Place(said.get("village_code"), edition, commune)


def test_without_units_every_code_counts(app):
    said = {"village_code": "V1", "commune_code": "1"}

    assert place_of(said, said, before=None, sent_from=Place()) == Place("V1", None, "1")


@pytest.mark.parametrize("old", ["vn-2024", None])
def test_a_village_alone_that_nobody_knows_stays_in_its_commune(edition, old):
    before = Place("V1", old, OLD)
    data = {"village_code": "V2", "commune_code": OLD}

    place = place_of(data, {"village_code": "V2"}, before=before, sent_from=Place(None, edition))

    assert place == Place("V2", old, OLD)


def test_a_village_that_is_said_again_moves_nobody(edition):
    before = Place("V1", "vn-2024", OLD)
    data = {"village_code": "V1", "commune_code": OLD}

    place = place_of(data, {"village_code": "V1"}, before=before, sent_from=Place(None, edition))

    assert place == before


def test_a_child_of_an_old_commune_moves_to_a_village_s_phone(edition, app, tmp_path):
    publish_children(tmp_path)
    token = phone("Hoa", VILLAGE)
    id_ = new_child()

    for slip in (
        child_slip(id_, commune_code=OLD, village_code="V000020"),
        child_slip(id_, mode="update", base=1, label=None, village_code=VILLAGE),
    ):
        body, content_type = multipart(slip, [])
        answer = app.test_client().post(
            f"/v1/key/{token}/projects/1/submission", data=body, content_type=content_type
        )
        assert answer.status_code == 201, answer.text

    found = db.session.scalars(select(Entity).where(Entity.uuid == id_)).one()
    assert (found.village_code, found.edition, found.commune_code) == (VILLAGE, edition, HERE)
    caller = find_phone(token, 1, Occasion(today(), "test"))
    assert id_ in find_phone_lists(caller, 1, ["child.csv"])["child.csv"].to_csv().decode()
