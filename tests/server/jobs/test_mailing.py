"""A link for a new password by e-mail: sent by a job, to whom it belongs and to nobody else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from server.cli.common import settings, storage
from server.db import db
from server.jobs import run_next
from server.jobs.surroundings import Surroundings
from tests.helpers.mail import mail_server
from tests.helpers.people import ALICE, add_people, browser, sign_in
from tests.helpers.sql import list_jobs

PUBLIC = "https://phieu.example"


@pytest.fixture
def scene():
    return (add_people,)


@pytest.fixture
def client(app):
    return browser(app)


def ask(client, email: str = ALICE) -> None:
    assert client.post("/v1/users/reset/initiate", json={"email": email}).status_code == 200


def work(smtp_url: str) -> None:
    changed = replace(
        settings(), smtp_url=smtp_url, mail_from="Phiếu <phieu@phieu.example>", public_url=PUBLIC
    )
    while run_next(Surroundings.of(changed, storage())):
        db.session.remove()


def test_the_link_in_the_mail_sets_a_new_password(client):
    ask(client)
    with mail_server() as (address, taken):
        work(address)

    [mail] = taken
    text = mail.get_content()
    link = re.findall(rf"{PUBLIC}/reset/(\w{{64}})$", text, re.M)
    headers = {"Authorization": f"Bearer {link[0]}"}
    used = client.post("/v1/users/reset/verify", json={"new": "bốn cây cầu gỗ"}, headers=headers)

    assert mail["To"] == ALICE
    assert len(set(link)) == 1
    assert "đặt lại mật khẩu" in text
    assert "a new password" in text
    assert used.status_code == 200
    sign_in(client, password="bốn cây cầu gỗ")


def test_nobody_gets_two_mails_in_a_moment_and_strangers_get_none(client):
    ask(client)
    ask(client)
    ask(client, "nobody@phieu.example")
    with mail_server() as (address, taken):
        work(address)

    assert [mail["To"] for mail in taken] == [ALICE]


def test_without_a_mail_server_nothing_is_sent_and_no_job_fails(client):
    ask(client)
    work("")

    assert [job.state for job in list_jobs() if job.kind == "mail_reset_link"] == ["done"]


def test_a_mail_that_could_not_be_sent_is_tried_again_and_its_fault_names_nobody(client):
    ask(client)
    work("smtp://127.0.0.1:9")
    [job] = [job for job in list_jobs() if job.kind == "mail_reset_link"]

    assert (job.state, job.error) == ("waiting", "MailNotSent: ConnectionRefusedError")
