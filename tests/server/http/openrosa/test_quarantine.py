"""What a known sender sent completely is kept for the operator, within bounds."""

from __future__ import annotations

import json

import pytest

from server.actions.people import add_app_user, revoke_app_user
from server.auth.callers import find_phone
from server.cli.common import operator, today
from server.db import transaction
from server.queries import quarantine
from server.queries.projects import get_project
from tests.helpers.phones import multipart
from tests.helpers.slips import house
from tests.helpers.sql import list_quarantined, list_quarantined_files

REFUSED = house("uuid:1").replace(b"houses", b"other")
ROOM = 10_000


@pytest.fixture
def little_room(monkeypatch):
    """A quarantine that a test can fill: so much for one sender, twice that for all."""
    monkeypatch.setattr(quarantine, "MAX_BYTES_OF_ONE", ROOM)
    monkeypatch.setattr(quarantine, "MAX_BYTES_OF_ALL", 2 * ROOM)


@pytest.fixture
def revoked(token) -> None:
    """Bob's phone may no longer send."""
    with transaction():
        actor_id = find_phone(token, 1, operator().occasion).actor_id
        revoke_app_user(actor_id, project=get_project(), by=operator())


@pytest.fixture
def other_phone(app, collect, token):
    """Make the address of one more phone."""

    def make(name: str) -> str:
        with transaction():
            _, other = add_app_user(
                name,
                project=get_project(),
                form_ids=(),
                unit_codes=(),
                on=today(),
                secret_key=app.config["PHIEU"].secret_key,
                by=operator(),
            )
        return collect.replace(token, other)

    return make


def kept_files(app) -> list[bytes]:
    return sorted(p.read_bytes() for p in app.extensions["phieu_storage"].root.glob("??/*"))


def test_a_refused_body_is_kept_with_its_files_once(submit, app):
    before = kept_files(app)

    for _ in range(3):
        submit(REFUSED, ("ảnh.jpg", b"picture"), ("b", b""))

    [(code, xml)] = list_quarantined()
    assert (code, xml) == ("404.101", REFUSED)
    [files] = [json.loads(files) for files in list_quarantined_files()]
    assert [file["name"] for file in files] == ["ảnh.jpg", "b"]
    storage = app.extensions["phieu_storage"]
    assert [storage.file(f["key"]).read_bytes() for f in files] == [b"picture", b""]
    assert kept_files(app) == sorted([*before, b"picture", b""])
    assert list(storage.uploads.iterdir()) == []


def test_the_same_slip_with_another_file_is_kept_beside_it(submit):
    submit(REFUSED, ("a.jpg", b"1"))
    submit(REFUSED, ("a.jpg", b"2"))

    assert len(list_quarantined()) == 2


def test_two_senders_of_the_same_body_are_both_kept(submit, other_phone):
    submit(REFUSED)
    submit(REFUSED, to=other_phone("Hoa"))

    assert len(list_quarantined()) == 2


def test_a_sender_whose_share_is_full_is_refused_as_before_and_others_have_room(
    submit, other_phone, little_room, app
):
    hoa = other_phone("Hoa")
    before = kept_files(app)

    answers = [submit(REFUSED, (f"{n}.jpg", bytes([n]) * 6_000)) for n in range(3)]
    answers.append(submit(REFUSED, ("0.jpg", bytes([0]) * 6_000), to=hoa))

    assert [a.status_code for a in answers] == [404] * 4
    assert len(list_quarantined()) == 2
    assert kept_files(app) == sorted([*before, *[bytes([0]) * 6_000] * 2])


def test_all_senders_together_have_a_bound(submit, other_phone, little_room):
    for name in ("Hoa", "Lan", "Mai"):
        submit(REFUSED, ("a.jpg", b"x" * 8_000), to=other_phone(name))

    assert len(list_quarantined()) == 2


def test_a_full_quarantine_takes_no_slip_that_can_be_received(submit, little_room):
    submit(REFUSED, ("a.jpg", b"x" * 9_000))

    response = submit(house("uuid:2", children=(("Bé", "1", "a.jpg"),)), ("a.jpg", b"x" * 50_000))

    assert response.status_code == 201


def test_a_revoked_senders_complete_body_is_kept(submit, revoked):
    response = submit(house("uuid:1"), ("a.jpg", b"x"))

    assert response.status_code == 403
    assert list_quarantined() == [("403.1", house("uuid:1"))]


@pytest.mark.parametrize("missing", [1, 20, 700])
def test_a_revoked_senders_truncated_body_leaves_nothing(app, collect, revoked, missing):
    body, content_type = multipart(house("uuid:1"), [("a.jpg", b"x" * 1000)])
    before = kept_files(app)

    response = app.test_client().post(
        f"{collect}/submission", data=body[: -missing - 2], content_type=content_type
    )

    assert response.status_code in (400, 403)
    assert list_quarantined() == []
    assert kept_files(app) == before
    assert list(app.extensions["phieu_storage"].uploads.iterdir()) == []


@pytest.mark.parametrize(
    "unknown", ["x" * 64, "short", "a" * 63 + "%00", "' OR 1=1 --"], ids=str.__len__
)
def test_nothing_is_kept_for_a_sender_that_nobody_knows(submit, app, collect, token, unknown):
    before = kept_files(app)

    statuses = {
        submit(xml, ("a.jpg", b"x"), to=collect.replace(token, unknown)).status_code
        for xml in (REFUSED, house("uuid:1"), b"not xml")
    }

    assert statuses == {403}
    assert list_quarantined() == []
    assert kept_files(app) == before


def test_nothing_is_kept_for_a_known_token_at_another_project(submit, collect):
    response = submit(house("uuid:1"), to=collect.replace("/projects/1", "/projects/2"))

    assert response.status_code == 403
    assert list_quarantined() == []
