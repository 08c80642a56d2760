"""`phieu users reset`, `phieu public-links`, the settings of e-mail, as an operator types them."""

from __future__ import annotations

import json
import re

import pytest
from flask.cli import ScriptInfo

from server.cli.public_links import command as public_links
from server.cli.users import command as users
from tests.helpers.people import ALICE, add_people, browser
from tests.helpers.sql import list_audits


@pytest.fixture
def run(app):
    add_people(app)

    def run(command, *arguments: str) -> str:
        runner = app.test_cli_runner()
        done = runner.invoke(command, arguments, obj=ScriptInfo(create_app=lambda: app))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.stdout

    return run


def test_a_reset_prints_a_link_that_opens_its_page(app, run):
    link = json.loads(run(users, "reset", ALICE, "--json"))
    path = re.search(r"/reset/\w{64}$", link["url"])[0]

    assert link["email"] == ALICE
    assert browser(app).get(path).status_code == 200
    assert [a.details for a in list_audits("user.update")] == [{"data": {"resetLink": "made"}}]


def test_a_link_is_added_listed_without_its_token_and_revoked(app, run):
    made = json.loads(run(public_links, "add", "child_situation", "Họp thôn", "--once", "--json"))
    listed = run(public_links, "list", "child_situation", "--json")
    path = re.search(r"/v1/key/.*", made["url"])[0]
    before = app.test_client().get(f"{path}/formList").status_code
    [revoked] = json.loads(run(public_links, "revoke", str(made["id"]), "--json"))

    [row] = json.loads(listed)
    assert (row["displayName"], row["once"], row["usedAt"]) == ("Họp thôn", True, None)
    assert made["token"] not in listed
    assert before == 200
    assert revoked["revokedAt"]
    assert app.test_client().get(f"{path}/formList").status_code == 403


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"PHIEU_SMTP_URL": "mail.example"}, "PHIEU_SMTP_URL"),
        ({"PHIEU_SMTP_URL": "smtp://mail.example"}, "PHIEU_MAIL_FROM"),
        (
            {"PHIEU_SMTP_URL": "smtp://mail.example", "PHIEU_MAIL_FROM": "a@b.vn"},
            "PHIEU_PUBLIC_URL",
        ),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_settings_of_mail_that_cannot_be_used_are_named(installation, extra, named):
    installation.extra |= extra

    assert installation.run("users", "list", status=2).startswith(named)
