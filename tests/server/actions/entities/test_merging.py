"""Two entities that are one child: proposed, merged by a person, taken apart again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.actions.entities.changing import NewEntity, Origin, create_entities
from server.actions.entities.known import get_list
from server.actions.entities.merging import merge_entities, propose_merges, split_entity
from server.cli.common import operator
from server.db import db, transaction
from server.errors import EntityRefused, NotFound
from server.models import Audit, Entity, EntityMark, EntityVersion
from tests.helpers.children import new_child

BORN = "2016-03-04"


@pytest.fixture
def add(app):
    """Add children to the list of the shipped forms."""

    def add(name: str, household: str = "", uuid: str | None = None, **data: str) -> str:
        own = {"full_name": name, "sex": "1", "dob": BORN, "village_code": "V000019"}
        own |= {"commune_code": "12472", "household_id": household or new_child()} | data
        with transaction():
            (made,) = create_entities(
                children(), [NewEntity(uuid, name, own)], Origin("test"), by=operator()
            )
        return made

    return add


def children():
    return get_list(None, 1, "child")


def proposed() -> list[tuple[str, str]]:
    return [(p.keep, p.drop) for p in propose_merges(children(), by=operator())]


def get(uuid: str) -> Entity:
    db.session.rollback()
    return db.session.scalars(select(Entity).where(Entity.uuid == uuid)).one()


def merge(keep: str, drop: str) -> None:
    with transaction():
        merge_entities(children(), keep, drop, by=operator())


def split(drop: str) -> None:
    with transaction():
        split_entity(children(), drop, by=operator())


def test_the_same_name_spelt_in_two_ways_is_proposed(add):
    first, second = add("Trần Thị Hoà"), add("Trần Thị Hòa")

    assert proposed() == [(first, second)]


def test_twins_of_a_household_are_not_proposed(add):
    household = new_child()
    add("Nguyễn Gia Bảo", household)
    add("Nguyễn Gia Bảo", household)

    assert proposed() == []


@pytest.mark.parametrize("other", [{"dob": "2016-06-04"}, {"sex": "2"}], ids=["birth date", "sex"])
def test_another_birth_date_or_sex_is_another_child(add, other):
    add("Trần Thị Hoà")
    add("Trần Thị Hoà", **other)

    assert proposed() == []


def test_a_merge_keeps_one_and_gives_it_what_it_lacks(add):
    keep = add("Trần Thị Hoà", status="1")
    drop = add("Trần Thị Hòa", status="2", last_survey="2026-09-20")

    merge(keep, drop)

    assert get(keep).version == 2
    assert get(keep).data["status"] == "1"
    assert get(keep).data["last_survey"] == "2026-09-20"
    assert get(drop).deleted_at is not None
    assert get(drop).merged_into_id == get(keep).id
    assert proposed() == []


def test_a_merge_can_be_taken_back(add):
    keep, drop = add("Trần Thị Hoà"), add("Trần Thị Hòa", last_survey="2026-09-20", status="2")
    before = dict(get(keep).data)
    merge(keep, drop)

    split(drop)

    assert get(drop).deleted_at is None
    assert get(drop).merged_into_id is None
    assert {k: v for k, v in get(keep).data.items() if v} == before
    assert proposed() == [(keep, drop)]
    numbers = select(EntityVersion.number).where(EntityVersion.entity_id == get(keep).id)
    assert sorted(db.session.scalars(numbers)) == [1, 2, 3]


def test_a_merge_is_logged_with_both_and_seen_by_phones(add):
    keep, drop = add("Trần Thị Hoà"), add("Trần Thị Hòa")
    marks = select(EntityMark.mark)
    before = set(db.session.scalars(marks))

    merge(keep, drop)

    logged = db.session.scalars(select(Audit).where(Audit.action == "entity.merge")).all()
    assert {row.actee_id for row in logged} == {get(keep).id, get(drop).id}
    assert set(db.session.scalars(marks)).isdisjoint(before)


def test_only_two_that_are_there_can_be_merged(add):
    child = add("Trần Thị Hoà")

    with pytest.raises(EntityRefused):
        merge(child, child)
    with pytest.raises(NotFound):
        merge(child, new_child())
    with pytest.raises(NotFound):
        split(child)
