"""Public links: whoever holds one fills one form, and sees nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from server.actions import public_links
from server.cli.common import operator, settings
from server.db import transaction
from server.queries.forms import get_form
from server.queries.projects import get_project
from tests.helpers.slips import house
from tests.helpers.sql import count_submissions, list_audits


@pytest.fixture
def add_link(token):
    """Make a link to the form `houses`: (id, door)."""

    def add(*, once: bool = False) -> tuple[int, str]:
        with transaction():
            form = get_form(1, "houses")
            link, secret = public_links.add_public_link(
                "Họp thôn", form=form, once=once, secret_key=settings().secret_key, by=operator()
            )
            return link.actor_id, f"/v1/key/{secret}/projects/1"

    return add


def test_a_link_lists_its_form_only_and_takes_slips(app, submit, add_link):
    _, door = add_link()

    listed = app.test_client().get(f"{door}/formList").text
    xform = app.test_client().get(f"{door}/forms/houses/versions/1.xml")
    other = app.test_client().get(f"{door}/forms/child_situation/manifest")
    sent = [submit(house(f"uuid:{n}"), to=door).status_code for n in range(2)]

    assert listed.count("<formID>") == 1
    assert xform.status_code == 200
    assert other.status_code == 403, other.text
    assert sent == [201, 201]
    [made] = list_audits("public_link.create")
    assert made.details["once"] is False


def test_a_link_for_once_takes_one_slip_however_often_it_is_sent(submit, add_link):
    _, door = add_link(once=True)

    sent = [submit(house("uuid:1"), to=door).status_code for _ in range(3)]
    second = submit(house("uuid:2"), to=door)

    assert sent == [201] * 3
    assert second.status_code == 409
    assert "takes one submission" in second.text
    assert count_submissions() == 1


def test_of_two_slips_at_once_a_link_for_once_takes_one(submit, add_link):
    _, door = add_link(once=True)

    with ThreadPoolExecutor(2) as threads:
        sent = list(threads.map(lambda n: submit(house(f"uuid:{n}"), to=door).status_code, "12"))

    assert sorted(sent) == [201, 409]
    assert count_submissions() == 1


def test_a_revoked_link_opens_nothing(app, submit, add_link):
    actor_id, door = add_link()
    with transaction():
        public_links.revoke_public_link(actor_id, project=get_project(), by=operator())

    assert app.test_client().get(f"{door}/formList").status_code == 403
    assert submit(house("uuid:1"), to=door).status_code == 403
    assert (
        app.test_client().get(f"{door.replace('projects/1', 'projects/2')}/formList").status_code
        == 403
    )
    assert len(list_audits("public_link.session.end")) == 1
