"""The register on the phones of two villages: what one does offline, the other never notices.

Collaborators register households and review them without a network; JavaRosa fills the shipped
forms, and the program of tests/javarosa keeps the lists as Collect does (openrosa.md §9.4).
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from server.actions.collecting import collect_address
from server.db import db
from tests.helpers.duties import phone
from tests.helpers.followups import (
    COMMUNE,
    FORMS,
    as_in_example,
    first_visit,
    followup,
    review,
)
from tests.helpers.javarosa import Handset, JavaPhone, Lists
from tests.helpers.servers import Server
from tests.helpers.sql import delete_entity, load_entity

HERE, THERE = "V000019", "V000020"
SURVEY, FOLLOWUP, REPORT = "child_situation", "case_followup", "abuse_report"


@dataclass
class Register:
    """The running server with its villages, and phones for those who work there."""

    server: Server
    program: JavaPhone
    folder: Path

    def give(self, name: str, unit: str, role: str = "collaborator") -> Handset:
        """A phone that has nothing yet."""
        address = collect_address(self.server.url, phone(name, unit, role=role), 1)
        return Handset(self.program, address, self.folder / name)

    def publish(self, *form_ids: str) -> None:
        for form_id in form_ids:
            folder = FORMS / form_id
            arguments = (folder / f"{form_id}.xlsx", "--media", folder / "media")
            self.server.installation.run("forms", "publish", *arguments)

    def state(self, *uuids: str) -> list[tuple[int, str | None]]:
        """The version of each and its conflict, as they are in the database."""
        return [(found.version, found.conflict) for found in map(load_entity, uuids) if found]


@pytest.fixture
def register(server, java_phone, tmp_path) -> Iterator[Register]:
    villages = FORMS / SURVEY / "media" / "villages.csv"
    server.installation.run("units", "import", villages)
    app = server.installation.create_app()
    with app.app_context():
        yield Register(server, java_phone, tmp_path)
        db.session.remove()
        db.engine.dispose()


def settle(handset: Handset, village: str, name: str) -> tuple[str, str]:
    """Register a household of one child and take the lists again; returns both UUIDs."""
    handset.visit(SURVEY, first_visit(village, name))
    lists = handset.sync(SURVEY)
    return lists["household"][-1]["name"], lists["child"][-1]["name"]


def based(slip: Any, dataset: str = "child") -> tuple[str, str, str]:
    """(baseVersion, trunkVersion, branchId) of a slip's entity in that list."""
    found = entity(slip, dataset)
    return found.get("baseVersion"), found.get("trunkVersion"), found.get("branchId")


def entity(slip: Any, dataset: str) -> etree._Element:
    (found,) = etree.parse(slip["xml"]).xpath(
        '//*[local-name()="entity"][@dataset=$name]', name=dataset
    )
    return found


def kept(lists: Lists, name: str = "child") -> list[tuple[str, str, str]]:
    """(label, version, trunk) of each row of a phone's list."""
    return [(row["label"], row["__version"], row["__trunkVersion"]) for row in lists[name]]


def fetch(handset: Handset, name: str = "child.csv", tag: str = "") -> tuple[int, bytes, str]:
    """(status, body, ETag) of a list as the server has it for this phone."""
    address = f"{handset.server_url}/forms/{SURVEY}/attachments/{name}"
    request = urllib.request.Request(address, headers={"If-None-Match": tag} if tag else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers["ETag"]
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read(), answer.headers["ETag"]


def test_what_a_phone_changes_offline_arrives_in_any_order_and_no_other_phone_sees_it(register):
    here, there = register.give("Hoa", HERE), register.give("Mai", THERE)
    household, child = settle(here, HERE, "Nguyễn Thị Cúc")
    neighbours = settle(there, THERE, "Nguyễn Văn Bình")
    before = {name: fetch(there, name) for name in ("child.csv", "household.csv")}

    for base, order in ((1, 1), (3, -1)):
        names = f"Nguyễn Thị Cúc {'A' * base}", f"Nguyễn Thị Cúc {'B' * base}"
        scripts = (review(HERE, household, child, name) for name in names)
        slips, lists = here.fill(SURVEY, *scripts)

        for slip in slips:
            assert slip["choices"]["/data/g_visit/hh_ref"] == [household]
            assert slip["choices"]["/data/rep_child/g_id/child_ref"] == [child]
        for dataset in ("child", "household"):
            first, second = (based(slip, dataset) for slip in slips)
            assert first == (str(base), str(base), first[2])
            assert second == (str(base + 1), str(base), first[2])
            assert first[2]
        assert kept(lists) == [(f"{names[1]} (2017)", str(base + 2), str(base))]
        assert register.state(household, child) == [(base, None), (base, None)]
        here.send(*slips[::order])
        assert register.state(household, child) == [(base + 2, None), (base + 2, None)]
        assert kept(here.sync(SURVEY)) == [(f"{names[1]} (2017)", str(base + 2), str(base + 2))]

    assert register.state(*neighbours) == [(1, None), (1, None)]
    for name, (_, content, tag) in before.items():
        assert fetch(there, name) == (200, content, tag)
        assert fetch(there, name, tag)[0] == 304
        assert child.encode() not in content
        assert household.encode() not in content


def test_a_later_change_that_arrives_alone_waits_for_the_one_before_it(register):
    here = register.give("Hoa", HERE)
    household, child = settle(here, HERE, "Nguyễn Thị Cúc")
    scripts = [review(HERE, household, child, f"Nguyễn Thị {name}") for name in ("An", "Én")]
    slips, _ = here.fill(SURVEY, *scripts)

    here.send(slips[1])
    alone = register.state(household, child)
    kept_ahead = kept(here.sync(SURVEY))
    here.send(slips[0])

    assert alone == [(1, None), (1, None)]
    assert kept_ahead == [("Nguyễn Thị Én (2017)", "3", "1")]
    assert register.state(household, child) == [(3, None), (3, None)]
    assert load_entity(child).label == "Nguyễn Thị Én (2017)"


def test_a_phone_that_syncs_between_its_changes_goes_on_where_it_was(register):
    here = register.give("Hoa", HERE)
    household, child = settle(here, HERE, "Nguyễn Thị Cúc")

    (first,), _ = here.fill(SURVEY, review(HERE, household, child, "Nguyễn Thị An"))
    unsent = kept(here.sync(SURVEY))
    (second,), _ = here.fill(SURVEY, review(HERE, household, child, "Nguyễn Thị Én"))
    here.send(first)
    half_sent = kept(here.sync(SURVEY))
    here.send(second)
    sent = kept(here.sync(SURVEY))
    (third,), _ = here.fill(SURVEY, review(HERE, household, child, "Nguyễn Thị Yến"))
    here.send(third)

    assert unsent == [("Nguyễn Thị An (2017)", "2", "1")]
    assert half_sent == [("Nguyễn Thị Én (2017)", "3", "1")]
    assert sent == [("Nguyễn Thị Én (2017)", "3", "3")]
    assert based(second) == ("2", "1", based(first)[2])
    assert based(third)[:2] == ("3", "3")
    assert based(third)[2] != based(first)[2]
    assert register.state(household, child) == [(4, None), (4, None)]


def test_a_child_made_offline_is_reviewed_before_the_server_has_heard_of_it(register):
    here = register.give("Hoa", HERE)
    here.sync(SURVEY)
    (made,), lists = here.fill(SURVEY, first_visit(HERE, "Nguyễn Thị Cúc"))
    household, child = lists["household"][0]["name"], lists["child"][0]["name"]
    scripts = [review(HERE, household, child, f"Nguyễn Thị {name}") for name in ("An", "Én")]
    (second, third), _ = here.fill(SURVEY, *scripts)

    unknown = kept(here.sync(SURVEY))
    here.send(third, second, made)

    branch = based(second)[2]
    assert based(made) == ("", "", "")
    assert based(second) == ("1", "", branch)
    assert based(third) == ("2", "", branch)
    assert branch
    assert unknown == [("Nguyễn Thị Én (2017)", "3", "")]
    assert register.state(household, child) == [(3, None), (3, None)]
    assert kept(here.sync(SURVEY)) == [("Nguyễn Thị Én (2017)", "3", "3")]


def test_a_child_made_offline_that_staff_deleted_leaves_the_phone(register):
    here = register.give("Hoa", HERE)
    here.sync(SURVEY)
    scripts = [first_visit(HERE, f"Nguyễn Thị {name}") for name in ("An", "Én", "Yến")]
    slips, lists = here.fill(SURVEY, *scripts)
    deleted, waiting, listed = (row["name"] for row in lists["child"])
    here.send(slips[0], slips[2])
    delete_entity(deleted)

    lists = here.sync(SURVEY)
    delete_entity(listed)
    left = here.sync(SURVEY)
    household = lists["household"][1]["name"]
    (reviewed,), _ = here.fill(SURVEY, review(HERE, household, waiting, "Nguyễn Thị Én"))
    here.send(reviewed, slips[1])

    assert [(row["name"], row["__trunkVersion"]) for row in lists["child"]] == [
        (waiting, ""),
        (listed, "1"),
    ]
    assert [row["name"] for row in left["child"]] == [waiting]
    assert register.state(waiting) == [(2, None)]


def test_the_officer_and_the_collaborator_change_one_child_and_lose_nothing(register):
    register.publish(FOLLOWUP)
    here, there = register.give("Hoa", HERE), register.give("Mai", THERE)
    officer = register.give("Officer", COMMUNE, role="commune_officer")
    household, child = settle(here, HERE, "Nguyễn Thị Cúc")
    _, other = settle(there, THERE, "Nguyễn Văn Bình")
    officer.sync(FOLLOWUP)

    (reviewed,), _ = here.fill(SURVEY, review(HERE, household, child, "Nguyễn Thị Cúc", status="2"))
    days = (register.server.installation.today() + timedelta(days) for days in (30, 60))
    visits, lists = officer.fill(FOLLOWUP, *(followup(child, day) for day in days))
    here.send(reviewed)
    officer.send(*visits[::-1])

    for number, slip in enumerate(visits, 1):
        assert slip["choices"]["/data/g_who/child_pick"] == [child, other]
        assert based(slip)[:2] == (str(number), "1")
    found = load_entity(child)
    assert (found.version, found.conflict) == (4, "soft")
    assert (found.data["status"], found.data["reintegration"]) == ("2", "0")
    assert [(row["name"], row["reintegration"]) for row in lists["child"]] == [
        (child, "0"),
        (other, ""),
    ]
    (row,) = here.sync(SURVEY)["child"]
    assert (row["__version"], row["status"]) == ("4", "2")
    assert "reintegration" not in row
    assert kept(officer.sync(FOLLOWUP))[0] == ("Nguyễn Thị Cúc (2017)", "4", "4")
    assert register.state(other) == [(1, None)]


def test_a_case_reported_offline_is_followed_up_before_the_server_has_heard_of_it(register):
    register.publish(REPORT, FOLLOWUP)
    here = register.give("Hoa", HERE)
    officer = register.give("Officer", COMMUNE, role="commune_officer")
    _, child = settle(here, HERE, "Nguyễn Thị Cúc")
    officer.sync(REPORT)
    officer.sync(FOLLOWUP)

    (report,), _ = officer.fill(REPORT, as_in_example(REPORT, "registered_child", child_ref=child))
    case = entity(report, "case").get("id")
    followed = as_in_example(FOLLOWUP, "case_with_registered_child", case_ref=case)
    (visited,), _ = officer.fill(FOLLOWUP, followed)
    officer.send(visited)
    waiting = register.state(case, child)
    officer.send(report)

    assert based(visited, "case")[:2] == ("1", "")
    assert based(visited, "child")[:2] == ("1", "1")
    assert waiting == [(1, None)]
    assert register.state(case, child) == [(2, None), (2, None)]
    assert load_entity(case).data["status"] == "monitoring"
    (row,) = here.sync(SURVEY)["child"]
    assert row["__version"] == "2"
    assert "next_visit" not in row
