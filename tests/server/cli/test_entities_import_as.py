"""`phieu entities import --as`: an officer brings in what is of the own commune."""

from __future__ import annotations

import pytest

from server.actions.assigning import Duty
from server.db import db
from tests.helpers.children import CASES, publish_children
from tests.helpers.duties import PASSWORD, hashed, person
from tests.helpers.facts import publish_visits
from tests.helpers.sql import list_audits

OWN, OTHER = "12472", "12511"
OFFICER = ("--as", "officer@x.vn")
HELPER = ("--as", "helper@x.vn")


@pytest.fixture
def bring(installation, app, tmp_path):
    """Import one row of a commune, as somebody."""
    publish_visits(tmp_path)
    publish_children(tmp_path, CASES)
    one_hash = hashed()
    person("officer@x.vn", Duty("commune_officer", OWN), password_hash=one_hash)
    person("helper@x.vn", Duty("collaborator", OWN), password_hash=one_hash)
    db.session.remove()

    def bring(*who: str, dataset: str = "child", commune: str = OWN, head: str = "", status=0):
        file = tmp_path / "rows.csv"
        file.write_text(
            f"label,commune_code{head}\nLan {commune},{commune}{head and ',x'}\n", encoding="utf-8"
        )
        given = {"input": PASSWORD} if who else {}
        return installation.run("entities", "import", dataset, file, *who, status=status, **given)

    return bring


def test_an_officer_brings_in_the_own_commune_and_no_other(bring):
    assert "1 new" in bring(*OFFICER, "--reason", "a list on paper")
    assert "not allowed" in bring(*OFFICER, commune=OTHER, status=1)
    assert "not allowed" in bring(*HELPER, status=1)
    assert "1 new" in bring(commune=OTHER)

    first, second = list_audits("entity.bulk.create")
    assert (first.notes, second.notes) == ("a list on paper", None)
    assert first.actor_id != second.actor_id


def test_cases_are_brought_in_for_a_reason(bring):
    assert "--as EMAIL" in bring("--reason", "why", dataset="victim", status=1)
    assert "reason" in bring(*OFFICER, dataset="victim", status=1)
    assert "1 new" in bring(*OFFICER, "--reason", "why", dataset="victim")


def test_what_only_restricted_forms_write_is_brought_in_for_a_reason(bring):
    assert "next_visit" in bring(*OFFICER, head=",next_visit", status=1)
    assert "1 new" in bring(*OFFICER, "--reason", "why", head=",next_visit")
