"""Phones get the lists of their villages, and nothing new where nothing there has changed."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree

import pytest
from sqlalchemy import event, select, update

from server.actions.entities.erasing import hide_made
from server.actions.unit_importing import import_units
from server.actions.unit_lists import VILLAGES
from server.cli.common import operator
from server.db import db, transaction, utc_now
from server.models import Dataset, Entity
from server.queries import entity_erasures, erasures
from server.queries.projects import touch_catalogue
from tests.helpers.children import FOLLOWERS, child_slip, new_child, publish_children
from tests.helpers.duties import phone
from tests.helpers.phones import multipart
from tests.helpers.slips import ROOT

COMMUNE, HERE, THERE = "12472", "V000019", "V000020"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
SAMPLE = ROOT / "xlsforms/child_situation/media/villages.csv"


@dataclass
class Phone:
    """An app user's phone."""

    app: object
    door: str

    def get(self, path: str, **headers: str):
        with self.app.app_context():
            return self.app.test_client().get(f"{self.door}{path}", headers=headers)

    def send(self, *slips: bytes) -> None:
        for slip in slips:
            body, content_type = multipart(slip, [])
            with self.app.app_context():
                response = self.app.test_client().post(
                    f"{self.door}/submission", data=body, content_type=content_type
                )
            assert response.status_code == 201, response.text

    def listed(self, name: str = "child.csv") -> ElementTree.Element:
        """The list's entry in the manifest of the form that follows it."""
        found = ElementTree.fromstring(self.get("/forms/followers/manifest").data)
        return next(e for e in found if e.findtext(f"{MANIFEST}filename") == name)

    def tag(self) -> str:
        return self.listed().findtext(f"{MANIFEST}hash")

    def rows(self) -> list[dict[str, str]]:
        text = self.get("/forms/followers/attachments/child.csv").text
        return list(csv.DictReader(io.StringIO(text)))

    def columns(self) -> set[str]:
        text = self.get("/forms/followers/attachments/child.csv").text
        return set(text.splitlines()[0].split(","))

    def names(self) -> list[str]:
        return [row["label"] for row in self.rows()]


def add_villages(_: object) -> None:
    with transaction():
        import_units([(VILLAGES, SAMPLE.read_bytes())], on=date(2026, 11, 23), by=operator())


def publish_followers(folder) -> None:
    publish_children(folder, FOLLOWERS)


@pytest.fixture
def scene():
    """Villages, and forms that follow and write the list child."""
    return add_villages, publish_children, publish_followers


@pytest.fixture
def house(app):
    def give(name: str, *units: str, role: str = "collaborator") -> Phone:
        return Phone(app, f"/v1/key/{phone(name, *units, role=role)}/projects/1")

    return give


def lives(village: str, name: str, **more: str) -> bytes:
    id_ = more.pop("id", None) or new_child()
    return child_slip(
        id_, label=name, full_name=name, village_code=village, commune_code=COMMUNE, **more
    )


def test_a_form_that_follows_a_list_names_it_in_its_manifest(house):
    here = house("Hoa", HERE)

    entry = here.listed()

    assert entry.get("type") == "entityList"
    assert entry.findtext(f"{MANIFEST}hash").startswith("md5:")
    assert entry.findtext(f"{MANIFEST}integrityUrl").endswith(
        "/projects/1/datasets/child/integrity"
    )


def test_an_empty_list_is_a_header(house):
    text = house("Hoa", HERE).get("/forms/followers/attachments/child.csv").text

    assert text.startswith("name,label,__version,")
    assert text.count("\n") == 1


def test_what_only_case_forms_write_is_on_the_phones_of_those_who_follow_cases(house):
    columns = house("Hoa", HERE).columns()
    all_columns = house("Officer", COMMUNE, role="commune_officer").columns()

    assert {"last_followup", "next_visit", "reintegration"} == all_columns - columns


def test_each_phone_has_the_children_of_its_villages_and_the_officer_those_of_the_commune(house):
    here, there = house("Hoa", HERE), house("Mai", THERE)
    officer = house("Officer", COMMUNE, role="commune_officer")
    here.send(lives(HERE, "Lan"))
    there.send(lives(THERE, "Bình"))

    assert here.names() == ["Lan"]
    assert there.names() == ["Bình"]
    assert officer.names() == ["Lan", "Bình"]
    (row,) = here.rows()
    assert (row["__version"], row["full_name"], row["status"]) == ("1", "Lan", "")


def test_a_change_in_one_village_changes_nothing_for_the_phones_of_another(house):
    here, there = house("Hoa", HERE), house("Mai", THERE)
    id_ = new_child()
    here.send(lives(HERE, "Lan", id=id_))
    there.send(lives(THERE, "Bình"))
    before = there.get("/forms/followers/attachments/child.csv")
    tags = here.tag(), there.tag()

    here.send(child_slip(id_, mode="update", base=1, label="Lan Anh"))

    again = there.get(
        "/forms/followers/attachments/child.csv", **{"If-None-Match": before.headers["ETag"]}
    )
    assert again.status_code == 304
    assert there.tag() == tags[1]
    assert here.tag() != tags[0]
    assert here.rows()[0]["__version"] == "2"


def test_a_list_that_has_not_changed_is_told_without_reading_it(house):
    here = house("Hoa", HERE)
    here.send(lives(HERE, "Lan"))
    tag = here.get("/forms/followers/attachments/child.csv").headers["ETag"]
    asked: list[str] = []
    with here.app.app_context():
        engine = db.engine

    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        again = here.get("/forms/followers/attachments/child.csv", **{"If-None-Match": tag})
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert again.status_code == 304
    assert not any("FROM entities" in statement for statement in asked)


def test_a_child_that_moves_leaves_one_phone_and_comes_to_the_other(house):
    here, there = house("Hoa", HERE), house("Mai", THERE)
    id_ = new_child()
    here.send(lives(HERE, "Lan", id=id_))
    tags = here.tag(), there.tag()

    here.send(lives(THERE, "Lan", id=id_, mode="update", base=1))

    assert here.names() == []
    assert there.names() == ["Lan"]
    assert (here.tag() != tags[0], there.tag() != tags[1]) == (True, True)


def test_the_integrity_of_what_phones_made_is_told_entity_by_entity(house):
    here, there = house("Hoa", HERE), house("Mai", THERE)
    kept, gone, moved = (new_child() for _ in range(3))
    here.send(*(lives(HERE, "Lan", id=id_) for id_ in (kept, gone, moved)))
    with transaction():
        db.session.execute(update(Entity).where(Entity.uuid == gone).values(deleted_at=utc_now()))
    here.send(lives(THERE, "Lan", id=moved, mode="update", base=1))

    asked = "%2C".join([kept, gone, moved, new_child()])
    answer = here.get(f"/datasets/child/integrity?id={asked}&deviceID=x")

    found = {
        e.get("id"): e.findtext("deleted")
        for e in ElementTree.fromstring(answer.data).iter("entity")
    }
    assert found == {kept: "false", gone: "true", moved: "true"}
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert there.get("/datasets/none/integrity?id=x").status_code == 404


def test_a_list_of_own_entities_has_those_only(house):
    here, other = house("Hoa", HERE), house("Lý", HERE)
    here.send(lives(HERE, "Lan"))
    other.send(lives(HERE, "Bình"))
    with transaction():
        db.session.execute(update(Dataset).values(owner_only=True))
        touch_catalogue(1)

    assert here.names() == ["Lan"]
    assert other.names() == ["Bình"]


def test_a_list_that_staff_approve_says_so(house):
    here = house("Hoa", HERE)
    with transaction():
        db.session.execute(update(Dataset).values(approval_required=True))
        touch_catalogue(1)

    assert here.listed().get("type") == "approvalEntityList"


def test_what_is_about_to_be_erased_is_off_the_phones_at_once(house):
    here = house("Hoa", HERE)
    gone, kept = new_child(), new_child()
    here.send(lives(HERE, "Lan", id=gone), lives(HERE, "Mai", id=kept))
    tag = here.tag()

    with transaction():
        row = db.session.scalars(select(Entity).where(Entity.uuid == gone)).one()
        ids = [v.submission_id for v in entity_erasures.list_sources(row.id)]
        erasures.hide(ids)
        hide_made(ids)

    assert here.names() == ["Mai"]
    assert here.tag() != tag
    answer = here.get(f"/datasets/child/integrity?id={gone}%2C{kept}")
    said = [e.text for e in ElementTree.fromstring(answer.data).iter("deleted")]
    assert said == ["true", "false"]


def test_a_carriage_return_in_an_answer_is_no_new_row(house):
    here = house("Hoa", HERE)

    here.send(lives(HERE, "a&#13;b").replace(b"a&amp;#13;b", b"a&#13;b"))

    (row,) = here.rows()
    assert row["full_name"] == "a\nb"
    assert "\r" not in here.get("/forms/followers/attachments/child.csv").text


def test_who_changes_a_child_of_another_village_leaves_a_conflict(house):
    here, there = house("Hoa", HERE), house("Mai", THERE)
    id_ = new_child()
    here.send(lives(HERE, "Lan", id=id_))

    there.send(lives(THERE, "Lan", id=id_, mode="update", base=1))

    with there.app.app_context():
        row = db.session.scalars(select(Entity).where(Entity.uuid == id_)).one()
        assert (row.version, row.conflict) == (2, "soft")


def test_who_may_not_read_a_list_learns_nothing_of_what_is_in_it(house):
    here = house("Hoa", HERE)

    answer = here.get(f"/datasets/case/integrity?id={new_child()}")

    assert answer.status_code == 200
    assert list(ElementTree.fromstring(answer.data).iter("entity")) == []
