"""`phieu quarantine`: an operator looks at what was refused, lets it out or gives it up."""

from __future__ import annotations

import pytest

from server.actions.people import revoke_app_user
from server.auth.callers import find_phone
from server.cli.common import operator
from server.db import db, transaction
from server.models import FormState
from server.queries.forms import get_form
from server.queries.projects import get_project
from tests.helpers.slips import house
from tests.helpers.sql import list_instance_ids, list_quarantined

FILES = (("a.jpg", b"picture"), ("b.jpg", b""))
HOUSE = house("uuid:1", children=(("Bé", "1", "a.jpg"), ("Na", "2", "b.jpg")))


@pytest.fixture
def kept(app, token, submit) -> int:
    """The number of a slip with two files whose sender had been revoked."""
    with transaction():
        revoke_app_user(
            find_phone(token, 1, operator().occasion).actor_id, project=get_project(), by=operator()
        )
    assert submit(HOUSE, *FILES).status_code == 403
    return 1


def set_state(state: FormState) -> None:
    with transaction():
        get_form(1, "houses").state = state


def stored(installation) -> list[str]:
    return sorted(p.name for p in (installation.data / "storage").glob("??/*"))


def test_what_is_kept_is_listed_and_shown(installation, kept):
    [listed] = installation.run_json("quarantine", "list")
    shown = installation.run_json("quarantine", "show", kept)

    assert (listed["sender"], listed["code"], listed["files"]) == ("bob", "403.1", 2)
    assert shown["files"] == [
        {"name": "a.jpg", "present": True},
        {"name": "b.jpg", "present": True},
    ]
    assert shown["refusal"] is None
    assert installation.run_bytes("quarantine", "show", str(kept), "--xml") == HOUSE


def test_what_is_released_is_received_with_its_files_as_the_senders(installation, kept):
    before = stored(installation)

    released = installation.run_json("quarantine", "release", kept)

    shown = installation.run_json("submissions", "show", "uuid:1")
    assert released == {"instanceId": "uuid:1", "missing": []}
    assert {a["name"]: a["size"] for a in shown["attachments"]} == {"a.jpg": 7, "b.jpg": 0}
    assert shown["deviceId"] == "collect:0000000000000000"
    assert list_quarantined() == []
    assert len(stored(installation)) == len(before)
    assert installation.run("doctor")


def test_what_is_refused_again_stays_with_the_new_reason(installation, app, kept):
    set_state(FormState.CLOSED)

    shown = installation.run_json("quarantine", "show", kept)
    said = installation.run("quarantine", "release", kept, status=1)
    [listed] = installation.run_json("quarantine", "list")
    db.session.remove()
    set_state(FormState.OPEN)
    installation.run("quarantine", "release", kept)

    assert shown["refusal"].startswith('The form "houses" is closed.')
    assert said.splitlines() == ["Number 1 stays in quarantine. The reason:", shown["refusal"]]
    assert listed["code"] == "409.2"
    db.session.rollback()
    assert list_instance_ids() == ["uuid:1"]


def test_a_body_that_is_no_instance_stays(installation, submit):
    submit(b"not xml")

    said = installation.run("quarantine", "release", "1", status=1)

    assert "not valid XML" in said
    assert len(list_quarantined()) == 1


def test_a_body_whose_file_is_gone_stays(installation, kept):
    for path in (installation.data / "storage").glob("??/*"):
        path.unlink()

    said = installation.run("quarantine", "release", kept, status=1)

    assert "The file a.jpg is not in the storage any more." in said
    assert len(list_quarantined()) == 1


def test_what_is_dropped_is_gone_with_its_files(installation, kept):
    before = stored(installation)

    refused = installation.run("quarantine", "drop", kept, status=130, input="n\n")
    installation.run("quarantine", "drop", kept, "--yes")

    assert "Destroy number 1" in refused
    assert list_quarantined() == []
    assert len(stored(installation)) == len(before) - 2
    assert list_instance_ids() == []


@pytest.mark.parametrize("command", ["show", "release", "drop"])
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_number_that_is_not_there_is_said(installation, command):
    said = installation.run("quarantine", command, "7", status=1)

    assert (
        said.strip()
        == "There is nothing with the number 7 in quarantine. See what is: phieu quarantine list"
    )


@pytest.mark.parametrize("installation", ["store"], indirect=True)
def test_files_in_a_store_are_released_too(installation, kept, store):
    before = store.contents()

    released = installation.run_json("quarantine", "release", kept)

    assert released == {"instanceId": "uuid:1", "missing": []}
    assert sorted(store.contents().values()) == sorted(before.values())
    assert [path for path in (installation.data / "storage").rglob("*") if path.is_file()] == []
