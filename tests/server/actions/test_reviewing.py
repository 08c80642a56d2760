"""Review: who decides what, with which words, and what a decision at the same moment does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import date
from threading import Event

import pytest
from sqlalchemy import select

from server.actions import reviewing
from server.actions.assigning import Duty
from server.actions.persons import erase_person, find_erasures
from server.actions.receiving import receive_submission
from server.actions.reviewing import Decision, add_comment, count_reviewable, set_review_state
from server.actions.slips import read_slip
from server.cli.common import operator, settings
from server.db import db, transaction
from server.errors import (
    FieldMissing,
    NotAllowed,
    NotFound,
    ReasonNeeded,
    SubmissionErased,
    TextTooLong,
)
from server.models import Comment, ReviewState, Submission
from server.queries.exports import ExportScope
from server.queries.findings import note_finding
from server.queries.forms import get_form
from server.queries.reviews import (
    Reviewable,
    find_return_reason,
    is_accepted,
    list_history,
    mark_has_issues,
)
from server.queries.submissions import get_submission
from tests.helpers.duties import asks, person, publish_all, receive, slip
from tests.helpers.scenes import offer_houses
from tests.helpers.slips import write_workbook
from tests.helpers.sql import list_audits
from tests.helpers.visits import VISIT, publish, visit

NOW = date(2026, 11, 25)
OWN, SISTER = "12472", "12511"
ISSUES, APPROVED, REJECTED = ReviewState.HAS_ISSUES, ReviewState.APPROVED, ReviewState.REJECTED


@pytest.fixture
def scene():
    return publish_all, receive_slips


def receive_slips(_: object) -> None:
    """One slip of each kind of data in the commune."""
    for form_id in ("children", "abuse_report", "village_monthly"):
        receive(slip(form_id, f"uuid:{form_id}", commune=OWN, on="2026-11-01"))


@pytest.fixture
def commune(app):
    return app


def who(role: str, unit: str | None = OWN, *, reason: str = "test"):
    return asks(person(f"{role}-{unit}@x.vn", Duty(role, unit)), NOW, reason)


def review(by, state, comment="", *, of="uuid:children", **options):
    with transaction():
        submission, _ = get_submission(of)
        set_review_state(submission, Decision(state, comment, **options), by=by, asked=of)


def say(by, text, *, of="uuid:children"):
    with transaction():
        add_comment(get_submission(of)[0], text, by=by, asked=of)


def state(of: str = "uuid:children") -> str:
    db.session.rollback()
    return get_submission(of)[0].review_state.value


def history(of: str = "uuid:children"):
    db.session.rollback()
    return list_history(get_submission(of)[0].id)


def told(of: str = "uuid:children") -> list[tuple]:
    return [(e.actor, e.review_state and e.review_state.value, e.text) for e in history(of)]


def reason_of(of: str = "uuid:children") -> str:
    return find_return_reason(ReviewState(state(of)), history(of))


def edit(instance_id: str, of: str) -> bytes:
    xml = slip("children", instance_id, commune=OWN, on="2026-11-02")
    return xml.replace(b"<meta>", f"<meta><deprecatedID>{of}</deprecatedID>".encode())


def test_a_decision_is_in_the_log_as_central_has_it_and_its_words_are_not(commune):
    officer = who("commune_officer")

    review(officer, ISSUES, "Ngày sinh của em Lan sai")
    review(officer, ReviewState.RECEIVED)

    first, second = list_audits("submission.update")
    _, current = get_submission("uuid:children")
    assert first.details == {"reviewState": "hasIssues", "submissionDefId": current.id}
    assert second.details["reviewState"] is None
    assert (first.actor_id, first.notes) == (officer.actor_id, "test")
    assert len(list_audits("submission.comment.create")) == 1
    assert state() == "received"


def test_the_history_has_states_and_words_newest_first(commune):
    officer = who("commune_officer", reason="")
    review(officer, ISSUES, "Ngày sinh sai")
    say(who("collaborator"), "Đã sửa")
    receive(edit("uuid:2", "uuid:children"))
    review(officer, APPROVED)

    collaborator = "collaborator-12472@x.vn"
    assert [entry[1:] for entry in told()] == [
        ("approved", ""),
        ("edited", ""),
        (None, "Đã sửa"),
        (None, "Ngày sinh sai"),
        ("hasIssues", ""),
        ("received", ""),
    ]
    assert told()[0][0] == "commune_officer-12472@x.vn"
    assert told()[2][0] == collaborator


@pytest.mark.parametrize("returned", [ISSUES, REJECTED])
def test_a_returned_slip_carries_the_reason(commune, returned):
    officer = who("commune_officer")

    for blank in ("", " \n", "\0"):
        with pytest.raises(FieldMissing):
            review(officer, returned, blank)
    assert state() == "received"
    review(officer, returned, " Thiếu ngày sinh ")
    say(officer, "Nhớ hỏi lại")

    assert reason_of() == "Thiếu ngày sinh"
    receive(edit("uuid:2", "uuid:children"))
    assert (state(), reason_of()) == ("edited", "")


def test_clients_of_central_say_the_reason_afterwards_or_by_a_note(commune):
    officer = who("commune_officer", reason="sai ngày")

    review(officer, ISSUES, must_explain=False)
    assert reason_of() == "sai ngày"
    say(officer, "Sai ngày sinh")
    say(officer, "và sai tên")

    assert reason_of() == "Sai ngày sinh"


def test_a_state_that_is_there_is_not_set_again_but_the_words_are_kept(commune):
    officer = who("commune_officer")
    review(officer, ISSUES, "một")
    before = get_submission("uuid:children")[0].updated_at

    review(officer, ISSUES)
    review(officer, ISSUES, "hai")

    assert len(list_audits("submission.update")) == 1
    assert [entry[2] for entry in told() if entry[1] is None] == ["hai", "một"]
    assert get_submission("uuid:children")[0].updated_at == before


def test_comments_have_a_length(commune):
    officer = who("commune_officer")
    say(officer, "ă" * reviewing.MAX_COMMENT)
    with pytest.raises(TextTooLong):
        say(officer, "ă" * (reviewing.MAX_COMMENT + 1))
    with pytest.raises(FieldMissing):
        say(officer, "  ")


def test_whoever_may_not_see_it_is_answered_as_for_an_unknown_id(commune):
    sister = who("commune_officer", SISTER)
    answers = []
    for of in ("uuid:children", "uuid:abuse_report", "uuid:none"):
        for ask in (
            lambda of=of: review(sister, APPROVED, of=of),
            lambda of=of: say(sister, "x", of=of),
        ):
            with pytest.raises(NotFound) as refused:
                ask()
            answers.append((refused.value.details["subject"], refused.value.details["name"] == of))

    assert set(answers) == {("submission", True)}
    assert told() == [(operator().name, "received", "")]


@pytest.mark.parametrize(
    ("role", "form", "allowed"),
    [
        ("manager", "children", True),
        ("manager", "abuse_report", None),
        ("viewer", "children", False),
        ("collaborator", "children", False),
        ("collaborator", "abuse_report", None),
        ("commune_officer", "children", True),
        ("commune_officer", "abuse_report", True),
        ("commune_officer", "village_monthly", True),
        ("commune_lead", "children", False),
        ("district_viewer", "children", None),
        ("province_officer", "children", None),
        ("dpo", "children", None),
    ],
)
def test_who_reviews_what(commune, role, form, allowed):
    """None: not even its existence is told."""
    by = who(role, None if role in ("manager", "viewer", "dpo") else OWN)
    of = f"uuid:{form}"
    if allowed:
        review(by, APPROVED, of=of)
    else:
        with pytest.raises(NotFound if allowed is None else NotAllowed):
            review(by, APPROVED, of=of)

    assert state(of) == ("approved" if allowed else "received")


def test_restricted_slips_are_reviewed_for_a_stated_reason(commune):
    officer = who("commune_officer", reason="")
    for ask in (review, say):
        with pytest.raises(ReasonNeeded):
            ask(officer, APPROVED if ask is review else "x", of="uuid:abuse_report")
    with pytest.raises(NotAllowed):
        review(operator(), APPROVED, of="uuid:abuse_report")


def test_a_check_returns_what_nobody_has_decided_and_nothing_else(commune):
    id_ = get_submission("uuid:children")[0].id

    with transaction():
        assert mark_has_issues(id_)
    assert (state(), reason_of()) == ("hasIssues", "")
    for decided in (APPROVED, REJECTED, ISSUES):
        review(who("commune_officer") if decided is APPROVED else operator(), decided, "vì")
        with transaction():
            assert not mark_has_issues(id_)
        assert state() == decided.value
    receive(edit("uuid:2", "uuid:children"))
    with transaction():
        assert not mark_has_issues(id_)
    assert state() == "edited"


@pytest.mark.parametrize("chosen", list(ReviewState))
def test_what_has_issues_or_was_rejected_does_not_count(commune, chosen):
    review(operator(), chosen, "vì")

    query = select(Submission.instance_id).where(is_accepted())
    counted = set(db.session.scalars(query))

    is_returned = chosen in (ISSUES, REJECTED)
    assert ("uuid:children" in counted) is not is_returned


def test_reviewers_and_edits_at_one_moment_take_turns(commune):
    officer = who("commune_officer")
    edits = [(f"uuid:e{n}", f"uuid:e{n - 1}" if n else "uuid:children") for n in range(4)]

    def work(number: int) -> None:
        with commune.app_context():
            try:
                if number % 2:
                    receive(edit(*edits[number // 2]))
                else:
                    review(officer, APPROVED if number % 4 else ISSUES, f"lời {number}")
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(8)))

    changes = [entry for entry in history() if entry.review_state is not None]
    words = {entry.text for entry in history() if entry.review_state is None}
    assert state() == changes[0].review_state.value
    assert words == {f"lời {number}" for number in range(0, 8, 2)}


@pytest.mark.parametrize("scene", [(offer_houses,)])
def test_erasure_destroys_what_was_said_and_nothing_more_is_said(app, tmp_path):
    publish(write_workbook(tmp_path, VISIT))
    receive(visit("uuid:1"))
    receive(visit("uuid:2", household="h-2"))
    for of in ("uuid:1", "uuid:2"):
        say(operator(), "em Trần Bình", of=of)

    with transaction():
        found = find_erasures("c-1", project_id=1, by=operator())
        found = replace(found, slips=[one for one in found.slips if one[1] == "uuid:1"])
        erase_person("c-1", found, project_id=1, by=operator())

    assert len(db.session.scalars(select(Comment)).all()) == 1
    assert "Trần" not in str(told("uuid:1"))
    for ask in (
        lambda: say(operator(), "x", of="uuid:1"),
        lambda: review(operator(), APPROVED, of="uuid:1"),
    ):
        with pytest.raises(SubmissionErased):
            ask()


class Desk:
    """Reviews many slips of the form `children`."""

    def __init__(self, by) -> None:
        self.by = by
        self.form = get_form(1, "children")

    def wanted(self, state=APPROVED, *, scope=None, **options) -> Reviewable:
        return Reviewable(ExportScope(1, self.form.id, **(scope or {})), state, **options)

    def review(self, decision, wanted=None, *, extent=None, between=lambda: None) -> int:
        wanted = wanted or self.wanted(decision.state)
        extent = extent or count_reviewable(wanted, self.form, by=self.by)
        between()
        last, changed = -1, 0
        while last:
            with transaction():
                form = get_form(1, "children")
                done, last = reviewing.review_page(
                    wanted, decision, form, extent, after_id=max(last, 0), by=self.by
                )
            changed += done
        return changed


@pytest.fixture
def many(commune, monkeypatch):
    """Seven slips here and two in the sister commune, reviewed in pages of three."""
    monkeypatch.setattr(reviewing, "PAGE", 3)
    for number in range(6):
        receive(slip("children", f"uuid:{number}", commune=OWN, on="2026-11-01"))
    for number in (7, 8):
        receive(slip("children", f"uuid:{number}", commune=SISTER, on="2026-11-01"))


def states() -> dict[str, str]:
    db.session.rollback()
    query = select(Submission.instance_id, Submission.review_state)
    query = query.where(Submission.form_id == get_form(1, "children").id)
    return {id_: state.value for id_, state in db.session.execute(query)}


def test_many_are_reviewed_at_once_and_never_those_of_another_commune(many):
    review(operator(), REJECTED, "vì", of="uuid:3")
    desk = Desk(who("commune_officer"))
    waiting = desk.wanted(scope={"review_states": (ReviewState.RECEIVED,)})

    extent = count_reviewable(waiting, desk.form, by=desk.by)
    assert desk.review(Decision(APPROVED, "đúng cả"), waiting) == extent.count == 6
    assert desk.review(Decision(APPROVED, "đúng cả"), waiting) == 0

    found = states()
    assert (found["uuid:3"], found["uuid:7"], found["uuid:8"]) == (
        "rejected",
        "received",
        "received",
    )
    assert sorted(found.values()).count("approved") == 6
    assert len(db.session.scalars(select(Comment)).all()) == 7
    assert len(list_audits("submission.update")) == 7


def test_many_are_returned_with_a_reason_and_by_who_may(many):
    with pytest.raises(FieldMissing):
        Desk(who("commune_officer")).review(Decision(ISSUES))
    with pytest.raises(NotAllowed):
        Desk(who("collaborator")).review(Decision(APPROVED))

    assert set(states().values()) == {"received"}


def test_what_comes_after_the_count_is_left_alone(many):
    desk = Desk(who("commune_officer"))

    def arrive() -> None:
        receive(edit("uuid:edit", "uuid:2"))
        receive(slip("children", "uuid:new", commune=OWN, on="2026-11-01"))

    assert desk.review(Decision(APPROVED), between=arrive) == 6

    found = states()
    assert (found["uuid:2"], found["uuid:new"], found["uuid:1"]) == (
        "edited",
        "received",
        "approved",
    )


def test_an_edit_that_is_under_way_is_waited_for_and_left_alone(many, commune):
    desk = Desk(who("commune_officer"))
    wanted = desk.wanted()
    extent = count_reviewable(wanted, desk.form, by=desk.by)
    written, release = Event(), Event()

    def send() -> None:
        with commune.app_context():
            with transaction():
                xml = read_slip(edit("uuid:edit", "uuid:2"))
                receive_submission(xml, by=operator(), project_id=1, tz=settings().tz)
                written.set()
                release.wait(30)
            db.session.remove()

    def decide() -> int:
        with commune.app_context():
            changed = desk.review(Decision(APPROVED), wanted, extent=extent)
            db.session.remove()
            return changed

    db.session.rollback()
    with ThreadPoolExecutor(2) as threads:
        sent = threads.submit(send)
        assert written.wait(30)
        decided = threads.submit(decide)
        wait([decided], timeout=0.3)  # so that it has come to the lock
        release.set()
        sent.result()

    assert decided.result() == 6
    assert states()["uuid:2"] == "edited"


def test_a_filter_names_villages_findings_and_senders(many):
    receive(slip("children", "uuid:v", commune=OWN, village="V000001", on="2026-11-01"))
    with transaction():
        note_finding(get_submission("uuid:4")[1].id, "V06")
    desk = Desk(who("commune_officer"))

    def count(**options) -> int:
        return count_reviewable(desk.wanted(**options), desk.form, by=desk.by).count

    assert count(villages=("V000001",)) == 1
    assert count(finding_codes=("V06", "V07")) == 1
    assert count(submitter_ids=(desk.by.actor_id,)) == 0
    assert count(submitter_ids=(operator().actor_id,)) == 8
    assert count() == 8
