"""What comes in is checked: kept whatever comes out, findings beside it, and the phone is told."""

from __future__ import annotations

import time
from datetime import UTC

import pytest
from sqlalchemy import select

from forms.errors import TooMuchWork
from server.actions.checking import slips as checking_slips
from server.actions.checking.again import check_again
from server.actions.checking.named import CHECKS, Named
from server.actions.installation import publish_workbook
from server.actions.reviewing import Decision, set_review_state
from server.auth.callers import Caller, Occasion
from server.cli.common import checker, operator, storage
from server.db import db, transaction
from server.models import Audit, Finding, ReviewState, Submission, SubmissionVersion
from server.queries.projects import get_project
from server.queries.submissions import get_submission
from tests.helpers.scenes import offer_houses
from tests.helpers.slips import HOUSES, house, new_id, write_workbook

CHECKED = """
| checks |
| | id | severity | field | relevant | constraint | check | parameters | message::Tiếng Việt (vi) | message::English (en) |
| | TWICE | W | child | | | duplicate_person | name=name born=day sex=sex commune=commune | Trùng | Twice |
| | SIZE | E | size | | . < 20 | | | Đông quá | Too many |
| | HEAD | W | head | | | vietnamese_name | | Tên lạ | Odd name |
| | ONCE | E | | | | once_for | fields=commune,head | Đã có | There already |
"""  # noqa: E501


def publish(folder, markdown: str) -> None:
    with transaction():
        publish_workbook(
            write_workbook(folder, markdown),
            None,
            project=get_project(),
            storage=storage(),
            by=operator(),
        )


@pytest.fixture
def scene():
    return offer_houses, publish_checked


def publish_checked(folder) -> None:
    """The form `houses`, version 2, with checks of its own."""
    publish(folder, with_version("2") + CHECKED)


def with_version(version: str) -> str:
    return HOUSES.replace("| Nhà ở      | 1       |", f"| Nhà ở | {version} |")


def findings(instance_id: str) -> list[tuple[str, str, str | None, str | None]]:
    db.session.rollback()
    query = (
        select(Finding)
        .join(SubmissionVersion, SubmissionVersion.id == Finding.submission_version_id)
        .where(SubmissionVersion.instance_id == instance_id)
        .order_by(Finding.id)
    )
    return [(f.code, str(f.severity), f.path, f.value) for f in db.session.scalars(query)]


def state(instance_id: str) -> str:
    query = select(Submission.review_state).where(Submission.instance_id == instance_id)
    return str(db.session.scalars(query).one())


def said(response) -> str:
    assert response.status_code == 201, response.text
    return response.text


def test_a_sound_slip_has_no_findings_and_stays_received(submit):
    id_ = new_id()

    assert "thing" not in said(submit(house(id_)))

    assert findings(id_) == []
    assert state(id_) == "received"


def test_an_answer_that_breaks_a_rule_is_kept_found_and_told(submit):
    id_ = new_id()
    broken = house(id_, children=(("An", "7", ""),)).replace(b"<size>4<", b"<size>four<")

    text = said(submit(broken))

    assert "The server found 2 things to look at." in text
    assert findings(id_) == [
        ("wrong_type", "E", "/g/size", "four"),
        ("choice", "E", "/child[1]/sex", "7"),
    ]
    assert state(id_) == "hasIssues"
    version = select(SubmissionVersion.xml).where(SubmissionVersion.instance_id == id_)
    assert db.session.scalars(version).one() == broken


def test_the_same_slip_again_has_its_findings_once_and_hears_the_same(submit):
    id_ = new_id()
    broken = house(id_).replace(b"<size>4<", b"<size>four<")

    first, again = said(submit(broken)), said(submit(broken))

    assert "found 1 thing" in first
    assert "found 1 thing" in again
    assert len(findings(id_)) == 1


def test_an_edit_is_checked_anew_and_stays_edited(submit):
    id_, edit_id = new_id(), new_id()
    said(submit(house(id_)))
    link = f"<meta><deprecatedID>{id_}</deprecatedID>".encode()
    edit = house(edit_id).replace(b"<meta>", link).replace(b"<size>4<", b"<size>four<")

    said(submit(edit))

    assert findings(id_) == []
    assert [f[0] for f in findings(edit_id)] == ["wrong_type"]
    assert state(id_) == "edited"


def test_declared_checks_find_what_an_expression_or_a_name_says(submit):
    id_ = new_id()

    said(submit(house(id_, head="An  Wilson 2", version="2").replace(b"<size>4<", b"<size>40<")))

    assert findings(id_) == [
        ("SIZE", "E", "/g/size", "40"),
        ("HEAD", "W", "/head", "An  Wilson 2"),
    ]
    assert state(id_) == "hasIssues"


def test_the_later_of_two_alike_is_found_and_names_the_earlier(submit):
    first, second, other = new_id(), new_id(), new_id()
    said(submit(house(first, version="2", children=(("Nguyễn Văn Hoà", "1", ""),))))

    said(submit(house(second, version="2", head="B", children=(("nguyễn văn hòa", "1", ""),))))
    said(submit(house(other, version="2", head="C", children=(("Nguyễn Văn Hoa", "1", ""),))))

    assert findings(first) == findings(other) == []
    assert [f[:3] for f in findings(second)] == [("TWICE", "W", "/child[1]")]
    detail = db.session.scalars(select(Finding.details)).one()
    assert detail == {"other": first}
    assert state(second) == "received"


def test_a_rejected_slip_is_no_reason_against_a_later_one(submit):
    first, second = new_id(), new_id()
    said(submit(house(first, version="2")))
    with transaction():
        db.session.query(Submission).filter_by(instance_id=first).update(
            {"review_state": "rejected"}
        )

    said(submit(house(second, version="2")))

    assert findings(second) == []


def test_an_edit_is_not_compared_with_what_it_replaces(submit):
    id_, edit_id = new_id(), new_id()
    said(submit(house(id_, version="2")))
    link = f"<meta><deprecatedID>{id_}</deprecatedID>".encode()

    said(submit(house(edit_id, version="2").replace(b"<meta>", link)))

    assert findings(edit_id) == []


def test_a_check_that_fails_costs_no_slip_and_leaves_its_mark(submit, monkeypatch):
    def fail(*args, **options):
        raise KeyError("Nguyễn Văn An")

    monkeypatch.setattr(checking_slips, "check_slip", fail)
    id_ = new_id()

    said(submit(house(id_)))

    assert findings(id_) == [("check_failed", "W", None, None)]
    assert db.session.scalars(select(Finding.details)).one() == {"error": "KeyError"}
    assert state(id_) == "received"


def test_a_comparison_that_fails_costs_no_slip_and_leaves_its_mark(submit, monkeypatch):
    def fail(*args):
        raise ZeroDivisionError

    once = CHECKS["once_for"]
    monkeypatch.setitem(CHECKS, "once_for", Named(keys=once.keys, compare=fail))
    first, second = new_id(), new_id()
    said(submit(house(first, version="2")))

    said(submit(house(second, version="2").replace(b">4<", b">40<")))

    assert findings(second) == [
        ("SIZE", "E", "/g/size", "40"),
        ("check_failed", "W", None, None),
    ]
    assert state(second) == "hasIssues"


def test_a_file_that_is_missing_is_found_until_it_comes(submit):
    id_ = new_id()
    slip = house(id_, children=(("An", "1", "a.jpg"), ("Ba", "2", "b.jpg")))

    said(submit(slip))
    assert findings(id_) == [
        ("missing_attachment", "W", None, "a.jpg"),
        ("missing_attachment", "W", None, "b.jpg"),
    ]

    said(submit(slip, ("a.jpg", b"picture")))
    assert findings(id_) == [("missing_attachment", "W", None, "b.jpg")]


def test_checks_may_change_without_a_new_version(submit, tmp_path):
    publish(tmp_path, with_version("2") + CHECKED.replace(". < 20", ". < 4"))
    id_ = new_id()

    said(submit(house(id_, version="2")))

    assert [f[0] for f in findings(id_)] == ["SIZE"]


def again(**options):
    by = Caller(None, "", Occasion.now(UTC, "test"))
    return check_again(checker(), by=by, **options)


def test_checking_again_finds_the_same(submit):
    ids = [new_id() for _ in range(4)]
    for number, id_ in enumerate(ids):
        said(submit(house(id_, version="2", head=f"A{number % 2}").replace(b">4<", b">40<")))
    before = [findings(id_) for id_ in ids]

    outcome = again()

    assert [findings(id_) for id_ in ids] == before
    assert (outcome.submissions, outcome.changed, outcome.failed) == (4, 0, 0)
    assert outcome.codes["SIZE"] == 4


def test_checking_again_sees_checks_that_changed(submit, tmp_path):
    id_ = new_id()
    said(submit(house(id_, version="2")))
    publish(tmp_path, with_version("2") + CHECKED.replace(". < 20", ". < 4"))

    outcome = again()

    assert outcome.changed == 1
    assert findings(id_) == [("SIZE", "E", "/g/size", "4")]
    assert state(id_) == "hasIssues"


def test_checking_again_does_not_overrule_a_person(submit, tmp_path):
    id_ = new_id()
    said(submit(house(id_, version="2")))
    with transaction():
        db.session.query(Submission).filter_by(instance_id=id_).update({"review_state": "approved"})
    publish(tmp_path, with_version("2") + CHECKED.replace(". < 20", ". < 4"))

    again()

    assert findings(id_) != []
    assert state(id_) == "approved"


@pytest.fixture
def wrongly_returned(submit, tmp_path):
    """A slip that a check returned, until the check is put right: `size` is 4."""
    publish(tmp_path, with_version("2") + CHECKED.replace(". < 20", ". < 4"))
    id_ = new_id()
    said(submit(house(id_, version="2")))
    assert state(id_) == "hasIssues"
    publish(tmp_path, with_version("2") + CHECKED)
    return id_


def decide(instance_id: str, chosen: str, comment: str = "vì") -> None:
    with transaction():
        submission, _ = get_submission(instance_id)
        decision = Decision(ReviewState(chosen), comment)
        set_review_state(submission, decision, by=operator(), asked=instance_id)


def list_states() -> list[tuple]:
    query = select(Audit.details, Audit.actor_id).where(Audit.action == "submission.update")
    return [
        (row.details["reviewState"], row.details.get("findings"), row.actor_id)
        for row in db.session.execute(query.order_by(Audit.id))
    ]


def test_what_the_server_returned_is_received_again_once_its_check_is_right(wrongly_returned):
    again()

    assert (findings(wrongly_returned), state(wrongly_returned)) == ([], "received")
    assert list_states() == [("hasIssues", ["SIZE"], None), (None, [], None)]
    again()
    assert len(list_states()) == 2


def test_it_stays_returned_while_another_error_is_there(wrongly_returned, tmp_path):
    publish(tmp_path, with_version("2") + CHECKED.replace(". < 20", ". < 3"))

    again()

    assert state(wrongly_returned) == "hasIssues"


@pytest.mark.parametrize("fault", [KeyError, TooMuchWork])
def test_a_check_that_did_not_end_takes_nothing_back(wrongly_returned, monkeypatch, fault):
    def fail(*args, **options):
        raise fault

    monkeypatch.setattr(checking_slips, "check_slip", fail)

    again()

    assert state(wrongly_returned) == "hasIssues"


@pytest.mark.parametrize("decisions", [["hasIssues"], ["approved", "hasIssues"]])
def test_a_return_that_a_person_made_too_is_not_taken_back(wrongly_returned, decisions):
    for chosen in decisions:
        decide(wrongly_returned, chosen)

    again()

    assert (findings(wrongly_returned), state(wrongly_returned)) == ([], "hasIssues")


@pytest.mark.parametrize("chosen", ["approved", "rejected"])
def test_no_other_decision_is_taken_back(wrongly_returned, chosen):
    decide(wrongly_returned, chosen)

    again()

    assert state(wrongly_returned) == chosen


def test_an_edit_of_what_the_server_returned_stays_edited(wrongly_returned, submit):
    link = f"<meta><deprecatedID>{wrongly_returned}</deprecatedID>".encode()
    said(submit(house(new_id(), version="2").replace(b"<meta>", link)))

    again()

    assert state(wrongly_returned) == "edited"


def test_that_the_server_returned_a_slip_is_in_the_audit_log(submit):
    id_ = new_id()
    said(submit(house(id_).replace(b"<size>4<", b"<size>four<")))

    query = select(Audit).where(Audit.action == "submission.update")
    entry = db.session.scalars(query).one()

    assert entry.actor_id is None
    assert entry.details == {"reviewState": "hasIssues", "findings": ["wrong_type"]}


def test_a_slip_that_is_too_large_to_check_is_kept_and_says_so(submit):
    id_ = new_id()

    said(submit(house(id_, children=(("An", "1", ""),) * 11_000)))

    assert findings(id_) == [("too_much_work", "W", None, None)]
    assert state(id_) == "received"


@pytest.mark.parametrize(
    "pattern", ["^(a+)+$", r"^(a\|aa)+( a)+$", "^[^0-9]{1,30}( [^0-9 ]{1,30})+$"]
)
def test_an_answer_that_takes_a_pattern_too_long_costs_no_other_finding(
    app, token, tmp_path, submit, pattern
):
    row = f"| | ODD | W | head | | regex(., '{pattern}') | | | Lạ | Odd |\n"
    publish(tmp_path, with_version("2") + CHECKED + row)
    id_ = new_id()
    started = time.monotonic()

    hostile = "a" * 60_000 + " a" * 60_000 + "1"
    said(submit(house(id_, version="2", head=hostile).replace(b">4<", b">40<")))

    assert "SIZE" in [f[0] for f in findings(id_)]
    assert "too_much_work" not in [f[0] for f in findings(id_)]
    assert time.monotonic() - started < 5


def test_a_named_check_that_fails_hides_no_other(submit, monkeypatch):
    def fail(asked):
        raise ZeroDivisionError

    monkeypatch.setitem(CHECKS, "vietnamese_name", Named(find=fail))
    id_ = new_id()

    said(submit(house(id_, version="2").replace(b">4<", b">40<")))

    assert [f[0] for f in findings(id_)] == ["SIZE", "check_failed"]
    assert state(id_) == "hasIssues"


def test_many_children_in_one_slip_cost_no_more_than_the_bound(submit):
    first, second = new_id(), new_id()
    children = tuple((f"Tên {n}", "1", "") for n in range(600))
    said(submit(house(first, version="2", children=children)))

    said(submit(house(second, version="2", children=children)))

    assert findings(first) == []
    assert len(findings(second)) == 200


@pytest.mark.parametrize("scene", [(offer_houses,)])
@pytest.mark.parametrize("end", ["9999-12-31T23:00:00.000Z", "0001-01-01T00:00:00.000+14:00"])
def test_a_clock_that_is_wrong_switches_no_check_off(app, token, tmp_path, submit, end):
    with_end = with_version("2").replace("| | date  ", "| | end | end | | |\n| | date  ")
    publish(tmp_path, with_end)
    id_ = new_id()

    said(submit(house(id_, version="2", extra=f"<end>{end}</end>").replace(b">4<", b">four<")))

    assert "wrong_type" in [f[0] for f in findings(id_)]
    assert "check_failed" not in [f[0] for f in findings(id_)]
