"""Whoever looks for a person finds it only where the gate lets them look."""

from __future__ import annotations

import pytest

from server.actions.assigning import Duty
from server.actions.person_packages import write_person
from server.actions.persons import find_erasures, find_persons
from server.actions.withdrawing import withdraw_consent
from server.auth.callers import Caller
from server.cli.common import operator, settings, storage, today
from server.db import db, transaction
from server.errors import NotAllowed, NotFound
from tests.helpers.duties import asks, person, publish_all, receive, slip
from tests.helpers.visits import offer_visits, visit

OWN, SISTER = "12472", "12511"  # two communes of Hưng Yên today


def receive_slips(_: object) -> None:
    """A household's slip and a case from the first commune, both of Lan."""
    receive(visit("uuid:1", head="Lan"))
    receive(slip("abuse_report", "uuid:2", commune=OWN, on="2026-11-20", name="Lan"))


@pytest.fixture
def scene():
    return publish_all, offer_visits, receive_slips


def with_duty(role: str, unit: str | None = None) -> Caller:
    return asks(person(f"{role}{unit}@xa.vn", Duty(role=role, unit_code=unit)), today())


def find(by: Caller) -> list[str]:
    found = find_persons("Lan", project_id=1, by=by).found
    db.session.rollback()
    return sorted({sighting.instance_id for sighting in found})


def test_a_person_of_another_commune_is_never_found(app):
    assert find(with_duty("commune_officer", OWN)) == ["uuid:1"]
    assert find(with_duty("commune_officer", SISTER)) == []
    for role in ("collaborator", "commune_lead", "province_officer"):
        with pytest.raises(NotAllowed):
            find(with_duty(role, "33" if role == "province_officer" else OWN))


def test_nor_is_its_consent_withdrawn_or_anything_of_it_handed_over(app, tmp_path):
    own, sister = with_duty("commune_officer", OWN), with_duty("commune_officer", SISTER)

    with pytest.raises(NotFound), transaction():
        withdraw_consent("h-1", project_id=1, by=sister)
    with pytest.raises(NotFound):
        write_person(
            "h-1",
            tmp_path / "out.zip",
            project_id=1,
            by=sister,
            storage=storage(),
            tz=settings().tz,
            language="vi",
        )
    assert list(tmp_path.glob("out.zip*")) == []
    with transaction():
        assert withdraw_consent("h-1", project_id=1, by=own) == 1


def test_only_the_data_protection_officer_and_operators_erase(app):
    with pytest.raises(NotAllowed):
        find_erasures("h-1", project_id=1, by=with_duty("commune_officer", OWN))
    for by in (with_duty("dpo"), operator("a request")):
        assert len(find_erasures("h-1", project_id=1, by=by).slips) == 1


def test_nobody_finds_anybody_in_restricted_forms(app):
    assert find(with_duty("dpo")) == ["uuid:1"]
    assert find(operator("a request")) == ["uuid:1"]
