"""Named checks over submissions, as a form of a project declares them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from forms.named_checks import NAMED_CHECKS
from server.actions.checking.named import CHECKS
from server.actions.checking.named.near_village import distance_km
from server.actions.checking.named.restricted_words import WORDS
from server.actions.checking.named.vietnamese_name import find_fault
from server.actions.entities.changing import NewEntity, Origin, create_entities
from server.actions.entities.known import get_list
from server.cli.common import operator
from server.db import db, transaction
from server.models import Finding, SubmissionVersion
from tests.helpers.slips import HOUSES, house, new_id

from .test_checking import findings, publish, said

ROW = "| | {} | W | {} | | | {} | {} | Xem | Look |\n"


@pytest.fixture
def declare(app, token, tmp_path):
    """Publish `houses`, version 2, with one check."""

    def publish_with(id_: str, field: str, check: str, parameters: str = "") -> None:
        heads = "| checks |\n| | id | severity | field | relevant | constraint | check |"
        heads += " parameters | message::Tiếng Việt (vi) | message::English (en) |\n"
        form = HOUSES.replace("| Nhà ở      | 1       |", "| Nhà ở | 2 |")
        publish(tmp_path, form + heads + ROW.format(id_, field, check, parameters))

    return publish_with


def details(instance_id: str) -> dict:
    query = (
        select(Finding.details)
        .join(SubmissionVersion, SubmissionVersion.id == Finding.submission_version_id)
        .where(SubmissionVersion.instance_id == instance_id)
    )
    return db.session.scalars(query).one()


def send(submit, **answers) -> str:
    id_ = new_id()
    gps = answers.pop("gps", "")
    xml = house(id_, version="2", **answers)
    said(submit(xml.replace(b"20.5 106.3 0 4.5", gps.encode()) if gps else xml))
    return id_


def test_what_a_designer_may_name_is_what_the_server_knows():
    assert CHECKS.keys() == NAMED_CHECKS.keys()


def test_a_commune_that_is_in_no_list_in_force_is_found(declare, submit):
    declare("V01", "commune", "commune_in_force")

    known, unknown = send(submit), send(submit, commune="99999")

    assert findings(known) == []
    assert findings(unknown) == [("V01", "W", "/commune", "99999")]


def test_a_sender_without_units_may_go_anywhere(declare, submit):
    declare("V02", "commune", "sender_assigned")

    assert findings(send(submit)) == []


def test_a_value_that_another_slip_has_is_found(declare, submit):
    declare("V04", "head", "unique_value")

    first, second = send(submit, head="012345678901"), send(submit, head="012345678901")

    assert findings(first) == []
    assert findings(second) == [("V04", "W", "/head", "012345678901")]
    assert details(second) == {"other": first}


def test_a_value_of_the_same_child_may_come_again(declare, submit):
    declare("V04", "head", "unique_value", "same=commune")

    send(submit, head="x y")

    assert findings(send(submit, head="x y")) == []
    assert len(findings(send(submit, head="x y", commune="12322"))) == 1


def test_a_second_slip_on_the_same_within_days_is_found(declare, submit):
    declare("V18", "head", "again_within", "fields=head days=30 at=day")

    first = send(submit, head="An Bình")
    second = send(submit, head="an binh")
    third = send(submit, head="AN BÌNH")

    assert findings(first) == findings(second) == []
    assert details(third) == {"other": first}


def test_a_point_outside_the_box_is_found(declare, submit):
    declare("V15", "gps", "near_village", "village=commune south=20 north=21 west=106 east=107")

    inside, outside = send(submit), send(submit, gps="10.7 106.6 0 5")

    assert findings(inside) == []
    assert findings(outside)[0][:3] == ("V15", "W", "/g/gps")
    assert details(outside) == {"outside": "province"}


def test_a_point_far_from_the_others_of_its_village_is_found(declare, submit):
    declare("V15", "gps", "near_village", "village=commune km=5")
    for number in range(6):
        assert findings(send(submit, gps=f"20.50{number} 106.3 0 5")) == []

    near, far = send(submit, gps="20.52 106.32 0 5"), send(submit, gps="20.60 106.3 0 5")

    assert findings(near) == []
    assert details(far) == {"outside": "village", "km": 10.8}


def test_free_text_that_tells_of_protected_facts_is_found_but_not_repeated(declare, submit):
    declare("V24", "head", "restricted_words")

    told, not_told = send(submit, head="Bị XÂM HAỊ ở nhà"), send(submit, head="Hải Xâm")

    assert findings(told) == [("V24", "W", "/head", None)]
    assert findings(not_told) == []
    assert len(WORDS) > 5


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("Nguyễn Thị Hoà", ""),
        ("H'Lan Niê", ""),
        ("Đặng-Lê Ỷ", ""),
        ("Nguyễn  An", "blanks"),
        ("An 2", "character"),
        ("Ân Ж", "character"),
        ("Hoa\u0300", "apart"),
    ],
)
def test_names_are_vietnamese_and_written_in_one_way(name, fault):
    assert find_fault(name) == fault


def test_distances_are_those_of_the_earth():
    assert round(distance_km((20.65, 106.05), (21.03, 105.85)), 1) == 47.1
    assert distance_km((20.0, 106.0), (20.0, 106.0)) == 0


def test_a_count_far_from_the_register_is_told(declare, submit):
    declare("MANY", "size", "register_count", "list=child village=head month=day date=dob")
    with transaction():
        create_entities(
            get_list(None, 1, "child"),
            [
                NewEntity(None, f"{n}", {"village_code": "V000019", "dob": f"2026-11-0{n}"})
                for n in range(1, 6)
            ],
            Origin("test"),
            by=operator(),
        )

    near = send(submit, head="V000019")
    other = send(submit, head="V000020")

    assert findings(near) == []
    assert findings(other) == [("MANY", "W", "/g/size", "4")]
    assert details(other) == {"register": 0}
