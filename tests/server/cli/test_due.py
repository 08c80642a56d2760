"""`phieu due` and `phieu holidays` as people type them."""

from __future__ import annotations

import pytest

from server.actions.assigning import Duty
from tests.helpers.cases import open_case, publish_register
from tests.helpers.duties import PASSWORD, hashed, person

OFFICER = "officer@example.vn"
FOR = ("--as", OFFICER, "--reason", "the morning's round")


def add_case(_: object) -> None:
    person(OFFICER, Duty("commune_officer", "12472"), password_hash=hashed())
    open_case("2602-1a2b3", "2026-02-13T23:30:00", emergency="1")


@pytest.fixture
def scene():
    return publish_register, add_case


def test_a_person_lists_what_is_overdue(installation):
    said = installation.run("due", "list", *FOR, "--on", "2026-02-20", input=f"{PASSWORD}\n")
    rows = installation.run_json("due", "list", *FOR, "--overdue", input=f"{PASSWORD}\n")

    emergency, plan = said.splitlines()[1:]
    assert emergency.split()[:4] == ["emergency", "14/02/2026", "11:30", "6"]
    assert plan.split()[:4] == ["plan", "26/02/2026", "23:30", "case"]
    assert [row["caseCode"] for row in rows] == ["2602-1a2b3", "2602-1a2b3"]
    own = ("--responsible", OFFICER)
    assert len(installation.run_json("due", "list", *FOR, *own, input=f"{PASSWORD}\n")) == 2
    unknown = ("--responsible", "nobody@example.vn")
    refused = installation.run(
        "due", "list", *FOR, *unknown, input=f"{PASSWORD}\n", status=1, stderr_too=True
    )
    assert "There is no user nobody@example.vn" in refused
    assert installation.run_json("due", "rebuild") == {"entities": 1}


def test_the_holidays_of_three_years_are_there_and_others_can_be_given(installation, tmp_path):
    shipped = installation.run_json("holidays", "list")
    installation.run("holidays", "add", "2026-02-16", "Nghỉ bù")
    installation.run("holidays", "add", "2026-02-21", "Làm bù", "--worked")
    installation.run("holidays", "remove", "2026-09-03")
    file = tmp_path / "days.csv"
    file.write_text("day,name\n2028-01-26,Tết Âm lịch\n")
    added = installation.run_json("holidays", "import", file)

    assert len(shipped) == 35
    assert [row["day"] for row in shipped if row["name"] == "Giỗ Tổ Hùng Vương"] == [
        *("2025-04-07", "2026-04-26", "2027-04-16"),
    ]
    lieu = [row["day"] for row in shipped if row["name"].startswith("Nghỉ bù")]
    assert lieu == ["2026-04-27", "2027-05-03"]
    assert added == {"added": 1, "changed": 0, "same": 0}
    days = {row["day"]: row["worked"] for row in installation.run_json("holidays", "list")}
    assert (days["2026-02-16"], days["2026-02-21"]) == (False, True)
    assert "2026-09-03" not in days


def test_what_is_no_holiday_is_refused(installation):
    worked = installation.run(
        *("holidays", "add", "2026-02-16", "X", "--worked"), status=1, stderr_too=True
    )
    absent = installation.run("holidays", "remove", "2026-02-16", status=1, stderr_too=True)

    assert "is no Saturday or Sunday" in worked
    assert "2026-02-16 is not in the list of holidays" in absent
