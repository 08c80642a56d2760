"""What staff and programs change in the register: by right, whole, and for phones to see."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from server.actions.assigning import Duty
from server.actions.entities.access import is_case, require_access
from server.actions.entities.changing import (
    Edit,
    NewEntity,
    Origin,
    create_entities,
    delete_entities,
    delete_entity,
    resolve_conflict,
    restore_entities,
    restore_entity,
    update_entity,
)
from server.actions.entities.known import find_lists
from server.actions.unit_importing import import_units
from server.actions.unit_lists import VILLAGES
from server.auth.callers import Caller
from server.auth.roles import Verb
from server.cli.common import operator, today
from server.db import db, transaction
from server.errors import (
    AlreadyExists,
    EntitiesDeleted,
    EntityRefused,
    EntityVersionDiffers,
    NoConflict,
    NotAllowed,
    NotFound,
    ReasonNeeded,
    TextTooLong,
    ValueNotAllowed,
    WrongType,
)
from server.models import Entity, EntityMark, EntityVersion
from tests.helpers.children import CASES, child_slip, new_child, publish_children
from tests.helpers.duties import asks, person
from tests.helpers.scenes import offer_houses
from tests.helpers.slips import ROOT
from tests.helpers.sql import list_audits

SAMPLE = ROOT / "xlsforms/child_situation/media/villages.csv"
NOW = date(2026, 11, 25)
OWN, OTHER = "12472", "12511"
API = Origin("api", "test")


@pytest.fixture
def scene():
    return offer_houses, publish_children


@pytest.fixture
def register(submit):
    """A project with the list `child`, which the form `children` writes."""
    return submit


def child_list(name: str = "child"):
    return find_lists(None, 1)[name]


def officer(unit: str = OWN, email: str = "officer@x.vn") -> Caller:
    return asks(person(email, Duty("commune_officer", unit)), NOW)


def manager() -> Caller:
    return asks(person("manager@x.vn", Duty("manager")), NOW)


def make(by: Caller, *uuids: str, label: str = "Lan", **data: str) -> list[str]:
    new = [NewEntity(uuid, label, data) for uuid in uuids or (None,)]
    with transaction():
        return create_entities(child_list(), new, API, by=by)


def change(uuid: str, by: Caller, **edit) -> int:
    with transaction():
        return update_entity(child_list(), uuid, Edit(**edit), API, by=by)


def do(action, subject, by: Caller):
    with transaction():
        return action(child_list(), subject, by=by)


def stored(uuid: str) -> Entity:
    db.session.rollback()
    return db.session.scalars(select(Entity).where(Entity.uuid == uuid)).one()


def versions(uuid: str) -> list[EntityVersion]:
    query = select(EntityVersion).join(Entity, Entity.id == EntityVersion.entity_id)
    return list(db.session.scalars(query.where(Entity.uuid == uuid).order_by(EntityVersion.number)))


def mark() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(EntityMark.mark)))


def test_an_entity_is_made_where_its_properties_say(register):
    [id_] = make(officer(), commune_code=OWN, village_code="V000001", status="1")

    made = stored(id_)
    assert (made.village_code, made.edition, made.commune_code) == ("V000001", "vn-2025-07", OWN)
    assert (made.version, made.label, made.creator_id) == (1, "Lan", versions(id_)[0].creator_id)
    assert versions(id_)[0].received == {**made.data, "label": "Lan"}
    [row] = list_audits("entity.create")
    assert (row.actee_type, row.actee_id) == ("entity", made.id)
    assert "Lan" not in str(row.details)


def test_an_update_keeps_the_rest_and_counts_from_what_is_there(register):
    by = officer()
    [id_] = make(by, commune_code=OWN, status="1")
    before = mark()

    assert change(id_, by, data={"status": "2"}, base_version=1) == 2
    assert change(id_, by, label="Mai", force=True) == 3

    assert stored(id_).data == {"commune_code": OWN, "status": "2"}
    assert stored(id_).label == "Mai"
    assert [(v.number, v.base_version) for v in versions(id_)] == [(1, None), (2, 1), (3, 2)]
    assert mark() != before
    assert len(list_audits("entity.update.version")) == 2


@pytest.mark.parametrize("base", [None, 2, 0])
def test_an_update_of_another_version_is_refused(register, base):
    by = officer()
    [id_] = make(by, commune_code=OWN)

    with pytest.raises(EntityVersionDiffers) as refused:
        change(id_, by, label="Mai", base_version=base)

    details = refused.value.details
    assert details.pop("subject", None) == ("unsaid" if base is None else None)
    assert details == {"current": "1", "provided": "" if base is None else str(base)}


def test_in_bulk_all_are_made_or_none(register):
    by, first, second = manager(), new_child(), new_child()
    make(by, second)

    with pytest.raises(AlreadyExists):
        make(by, first, second)
    with pytest.raises(AlreadyExists):
        make(by, first, first)
    do(delete_entity, second, by)
    with pytest.raises(EntitiesDeleted) as refused:
        make(by, first, second)

    assert refused.value.details == {"entityUuids": [second]}
    db.session.rollback()
    assert list(db.session.scalars(select(Entity.uuid))) == [second]


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        (NewEntity("no-uuid", "Lan"), WrongType),
        (NewEntity(None, " "), ValueNotAllowed),
        (NewEntity(None, "Lan", {"unknown": "1"}), EntityRefused),
    ],
)
def test_what_is_no_entity_is_refused(register, new, refusal):
    by = manager()

    with pytest.raises(refusal), transaction():
        create_entities(child_list(), [new], API, by=by)


def test_a_uuid_may_be_written_as_clients_do(register):
    id_ = new_child()

    assert make(manager(), f"uuid:{id_.upper()}") == [id_]


def test_an_officer_changes_the_own_commune_only(register):
    by, boss = officer(), manager()
    [other] = make(boss, commune_code=OTHER)

    with pytest.raises(NotAllowed):
        make(by, commune_code=OTHER)
    with pytest.raises(NotAllowed):
        make(by)
    for refused in (
        lambda: change(other, by, label="Mai", force=True),
        lambda: do(delete_entity, other, by),
    ):
        with pytest.raises(NotFound):
            refused()

    assert stored(other).version == 1


@pytest.mark.parametrize("role", ["collaborator", "commune_lead", "district_viewer", "viewer"])
def test_others_change_nothing(register, role):
    [id_] = make(manager(), commune_code=OWN)
    by = asks(person("other@x.vn", Duty(role, OWN if role != "district_viewer" else "33")), NOW)

    with pytest.raises(NotAllowed):
        make(by, commune_code=OWN)
    with pytest.raises(NotAllowed):
        change(id_, by, label="Mai", force=True)
    with pytest.raises(NotAllowed):
        do(delete_entity, id_, by)


def test_what_is_deleted_can_be_restored(register):
    by = officer()
    [id_] = make(by, commune_code=OWN)
    before = mark()

    do(delete_entity, id_, by)
    assert stored(id_).deleted_at
    assert mark() != before
    with pytest.raises(NotFound):
        do(delete_entity, id_, by)
    do(restore_entity, id_, by)

    assert stored(id_).deleted_at is None
    assert (len(list_audits("entity.delete")), len(list_audits("entity.restore"))) == (1, 1)


def test_many_are_deleted_and_restored(register):
    by = manager()
    ids = make(by, new_child(), new_child())

    assert do(delete_entities, [*ids, new_child()], by) == 2
    assert do(delete_entities, ids, by) == 0
    assert do(restore_entities, ids[:1], by) == 1
    assert len(list_audits("entity.bulk.delete")) == 2


def test_a_conflict_is_resolved_once(register):
    id_, by = new_child(), manager()
    for slip in (
        child_slip(id_, status="1"),
        child_slip(id_, mode="update", base=1, label=None, status="2"),
        child_slip(id_, mode="update", base=1, label=None, status="3"),
    ):
        assert register(slip).status_code == 201
    assert change(id_, by, data={"status": "4"}, base_version=3) == 4
    assert stored(id_).conflict == "hard"

    do(resolve_conflict, id_, by)

    assert (stored(id_).conflict, stored(id_).version) == (None, 4)
    assert [v.resolved_at is not None for v in versions(id_)] == [False, False, True, False]
    assert len(list_audits("entity.update.resolve")) == 1
    with pytest.raises(NoConflict):
        do(resolve_conflict, id_, by)


def test_a_creation_releases_what_waited_for_it(register):
    id_, branch = new_child(), new_child()
    slip = child_slip(id_, mode="update", base=1, branch=branch, label=None, status="2")
    assert register(slip).status_code == 201

    make(manager(), id_, status="1")

    assert (stored(id_).version, stored(id_).data["status"]) == (2, "2")


def test_lists_of_cases_are_for_officers_who_say_why(register, tmp_path):
    publish_children(tmp_path, CASES)
    victims, by = child_list("victim"), officer()
    silent = asks(person("silent@x.vn", Duty("commune_officer", OWN)), NOW, reason=" ")
    new = [NewEntity(None, "Lan", {"commune_code": OWN})]

    for caller, refusal in ((manager(), NotAllowed), (silent, ReasonNeeded)):
        with pytest.raises(refusal), transaction():
            create_entities(victims, new, API, by=caller)
    with transaction():
        assert create_entities(victims, new, API, by=by)


def test_what_restricted_forms_made_stays_restricted(register, tmp_path):
    publish_children(tmp_path, CASES)
    elsewhere = CASES.replace("victim", "other").replace("| Cases | 1 |", "| Cases | 2 |")

    publish_children(tmp_path, elsewhere)

    assert is_case(child_list("victim"))
    with pytest.raises(NotAllowed):
        require_access(child_list("victim"), Verb.ENTITY_LIST, by=manager())


@pytest.fixture
def villages(register):
    """Of the sample: V000002 is in 12322, V000019 in 12472."""
    with transaction():
        import_units([(VILLAGES, SAMPLE.read_bytes())], on=today(), by=operator())


def test_a_commune_that_is_not_there_is_refused(register):
    by = manager()
    with pytest.raises(ValueNotAllowed):
        make(by, commune_code="99999")
    (child,) = make(by, commune_code=OWN)
    with pytest.raises(ValueNotAllowed):
        change(child, by, data={"commune_code": "99999"}, force=True)
    assert versions(child)[-1].data == {"commune_code": OWN}


def test_an_old_commune_that_is_sent_again_moves_nobody(register):
    by = manager()
    (child,) = make(by, commune_code=OWN)
    with transaction():
        entity = db.session.scalars(select(Entity)).one()
        entity.commune_code, entity.edition = "12568", "vn-2014"
        entity.data = {"commune_code": "12568"}

    change(child, by, data={"commune_code": "12568", "status": "1"}, force=True)

    entity = db.session.scalars(select(Entity)).one()
    assert (entity.commune_code, entity.edition) == ("12568", "vn-2014")


def test_another_village_brings_its_commune_along(villages):
    by = manager()
    (child,) = make(by, village_code="V000019", commune_code=OWN)

    change(child, by, data={"village_code": "V000002"}, force=True)

    version = versions(child)[-1]
    assert version.data == {"village_code": "V000002", "commune_code": "12322"}
    assert version.received == {"village_code": "V000002"}


@pytest.mark.parametrize(
    "data", [{"village_code": "V000002", "commune_code": OWN}, {"village_code": "V999999"}]
)
def test_a_commune_that_is_said_or_not_known_stays(villages, data):
    by = manager()
    (child,) = make(by, village_code="V000019", commune_code=OWN)

    change(child, by, data=data, force=True)

    assert versions(child)[-1].data["commune_code"] == OWN


@pytest.mark.parametrize("new", [{"label": "x" * 10_001}, {"status": "x" * 100_001}])
def test_what_no_slip_could_say_is_too_long(register, new):
    by = manager()
    (child,) = make(by)

    with pytest.raises(TextTooLong):
        make(by, **new)
    data = {name: value for name, value in new.items() if name != "label"}
    with pytest.raises(TextTooLong):
        change(child, by, label=new.get("label"), data=data, force=True)
