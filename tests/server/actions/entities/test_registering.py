"""What slips say of children is in the register once they are received, whatever their order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from server.actions.entities.changing import NewEntity, Origin, create_entities
from server.actions.entities.known import get_list
from server.actions.entities.merging import merge_entities, split_entity
from server.actions.entities.reapplying import apply_again, declare_missing
from server.actions.erasing import Erasure, erase_submission
from server.actions.installation import publish_workbook
from server.actions.reviewing import Decision, set_review_state
from server.cli.common import operator, storage
from server.db import db, transaction, utc_now
from server.errors import NotFound
from server.jobs.registering import apply_overdue_changes
from server.jobs.surroundings import Surroundings
from server.models import (
    Audit,
    Dataset,
    DatasetProperty,
    DatasetSource,
    Entity,
    EntityVersion,
    HeldChange,
    PropertySource,
    ReviewState,
    Submission,
)
from server.queries.projects import get_project, touch_catalogue
from tests.helpers.children import child_slip, new_child, publish_children
from tests.helpers.scenes import offer_houses
from tests.helpers.slips import new_id, write_workbook


def publish(folder, markdown: str, name: str = "form.xlsx") -> None:
    with transaction():
        publish_workbook(
            write_workbook(folder, markdown, name),
            None,
            project=get_project(),
            storage=storage(),
            by=operator(),
        )


@pytest.fixture
def scene():
    return offer_houses, publish_children


@pytest.fixture
def send(submit):
    """Send slips of the form `children` as bob's phone does; each is kept."""

    def send(*slips: bytes) -> None:
        for slip in slips:
            response = submit(slip)
            assert response.status_code == 201, response.text
        db.session.rollback()

    return send


def child(uuid: str) -> Entity | None:
    db.session.rollback()
    return db.session.scalar(select(Entity).where(Entity.uuid == uuid))


def versions(uuid: str) -> list[EntityVersion]:
    query = select(EntityVersion).join(Entity, Entity.id == EntityVersion.entity_id)
    return list(db.session.scalars(query.where(Entity.uuid == uuid).order_by(EntityVersion.number)))


def errors() -> list[dict]:
    db.session.rollback()
    query = select(Audit.details).where(Audit.action == "entity.error").order_by(Audit.id)
    return list(db.session.scalars(query))


def held() -> int:
    return len(db.session.scalars(select(HeldChange)).all())


def test_a_slip_makes_a_child_that_is_there_after_the_201(send):
    id_ = new_child()

    send(child_slip(id_, full_name="Lan", commune_code="12472", village_code="V000001"))

    made = child(id_)
    assert (made.version, made.label) == (1, "Lan")
    assert made.data == {"full_name": "Lan", "commune_code": "12472", "village_code": "V000001"}
    assert (made.village_code, made.commune_code) == ("V000001", "12472")
    assert errors() == []


def test_an_update_changes_what_it_says_and_keeps_the_rest(send):
    id_ = new_child()
    send(child_slip(id_, full_name="Lan", status="1"))

    send(child_slip(id_, mode="update", base=1, label="", status="2"))

    assert child(id_).data == {"full_name": "Lan", "status": "2"}
    assert child(id_).label == "Lan"
    assert [v.number for v in versions(id_)] == [1, 2]
    assert child(id_).conflict is None


def test_each_version_names_the_slip_that_made_it(send):
    id_, slip_id = new_child(), new_id()

    send(child_slip(id_, instance_id=slip_id))

    (version,) = versions(id_)
    slip = db.session.get(Submission, version.submission_id)
    assert slip.instance_id == slip_id
    assert version.creator_id == slip.submitter_id


def test_two_updates_of_the_same_version_are_both_applied_and_marked(send):
    id_ = new_child()
    send(child_slip(id_, full_name="Lan", status="1"))

    send(child_slip(id_, mode="update", base=1, label=None, status="2"))
    send(child_slip(id_, mode="update", base=1, label=None, status="3"))

    assert child(id_).data["status"] == "3"
    assert child(id_).conflict == "hard"
    assert versions(id_)[-1].conflicting == ["status"]


def test_the_order_in_which_offline_work_arrives_does_not_matter(send):
    id_, branch = new_child(), new_child()
    first = child_slip(id_, full_name="Lan", status="1")
    second = child_slip(id_, mode="update", base=1, branch=branch, label=None, status="2")
    third = child_slip(id_, mode="update", base=2, branch=branch, label=None, status="3")

    send(third, second)
    assert child(id_) is None
    assert held() == 2
    send(first)

    assert (child(id_).version, child(id_).data["status"]) == (3, "3")
    assert child(id_).conflict is None
    assert held() == 0


def test_what_waited_too_long_is_applied_without_its_predecessor(send, app):
    id_, branch = new_child(), new_child()
    send(child_slip(id_, mode="update", base=1, branch=branch, label=None, status="2"))
    with transaction():
        db.session.execute(update(HeldChange).values(since=utc_now() - timedelta(days=6)))

    apply_overdue_changes(Surroundings.of(app.config["PHIEU"], storage()))

    assert child(id_).data == {"status": "2"}
    assert held() == 0


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        (child_slip("no-uuid"), "400.11"),
        (child_slip(new_child(), label=""), "400.2"),
        (child_slip(new_child(), mode="update", base=1), "404.8"),
        (child_slip(new_child(), dataset="other"), "404.7"),
    ],
    ids=["id", "label", "unknown", "list"],
)
def test_what_cannot_be_done_is_in_the_audit_log_and_the_slip_is_kept(send, slip, code):
    send(slip)

    (error,) = errors()
    assert error["problem"] == code
    assert db.session.scalars(select(Entity)).all() == []


def test_a_child_is_made_once(send):
    id_ = new_child()
    send(child_slip(id_, full_name="Lan"), child_slip(id_, full_name="Mai"))

    assert child(id_).data == {"full_name": "Lan"}
    assert [error["problem"] for error in errors()] == ["409.3"]


def test_the_same_slip_again_changes_nothing(send):
    slip = child_slip(new_child())
    send(slip, slip)

    assert errors() == []
    assert len(db.session.scalars(select(EntityVersion)).all()) == 1


def test_an_edit_counts_only_where_nothing_came_of_the_slip(send):
    made, failed = new_child(), new_child()
    ids = [new_id() for _ in range(4)]
    send(child_slip(made, instance_id=ids[0], full_name="Lan"))
    send(child_slip(failed, instance_id=ids[1], label=""))

    send(child_slip(made, instance_id=ids[2], edits=ids[0], full_name="Mai"))
    send(child_slip(failed, instance_id=ids[3], edits=ids[1], label="Mai"))

    assert child(made).data == {"full_name": "Lan"}
    assert child(failed).label == "Mai"


def test_a_rejected_slip_leaves_what_it_made(send):
    id_, slip_id = new_child(), new_id()
    send(child_slip(id_, instance_id=slip_id))

    review(slip_id, ReviewState.REJECTED)

    assert child(id_).deleted_at is None


def waiting(id_: str, slip_id: str, branch: str) -> bytes:
    return child_slip(
        id_, mode="update", base=1, branch=branch, label=None, instance_id=slip_id, status="2"
    )


def test_what_waits_of_a_rejected_slip_is_not_done_unless_it_is_approved_again(send):
    id_, slip_id, branch = new_child(), new_id(), new_child()
    send(waiting(id_, slip_id, branch))

    review(slip_id, ReviewState.REJECTED)
    send(child_slip(id_, status="1"))

    assert (child(id_).version, held()) == (1, 0)
    assert dropped() == 1
    review(slip_id, ReviewState.APPROVED)
    assert (child(id_).version, child(id_).data["status"]) == (2, "2")


def test_a_slip_that_is_approved_again_before_its_predecessor_waits_again(send):
    id_, slip_id, branch = new_child(), new_id(), new_child()
    send(waiting(id_, slip_id, branch))
    review(slip_id, ReviewState.REJECTED)

    review(slip_id, ReviewState.RECEIVED)

    assert held() == 1
    send(child_slip(id_, status="1"))
    assert (child(id_).data["status"], held()) == ("2", 0)


def test_what_waits_of_an_erased_slip_is_not_done(send):
    id_, slip_id, branch = new_child(), new_id(), new_child()
    send(waiting(id_, slip_id, branch))

    erase(slip_id)
    send(child_slip(id_, status="1"))

    assert (child(id_).data["status"], held(), dropped()) == ("1", 0, 1)


@pytest.mark.parametrize("is_overdue", [True, False])
def test_a_slip_that_was_rejected_while_nobody_dropped_it_is_dropped(send, app, is_overdue):
    id_, slip_id, branch = new_child(), new_id(), new_child()
    send(waiting(id_, slip_id, branch))
    with transaction():
        db.session.execute(update(Submission).values(review_state=ReviewState.REJECTED))
        db.session.execute(update(HeldChange).values(since=utc_now() - timedelta(days=6)))

    if is_overdue:
        apply_overdue_changes(Surroundings.of(app.config["PHIEU"], storage()))
    else:
        send(child_slip(id_, status="1"))

    assert (len(versions(id_)), held(), dropped()) == (int(not is_overdue), 0, 1)


def test_a_rejected_slip_is_not_applied_again(send):
    id_, slip_id = new_child(), new_id()
    send(child_slip(id_, mode="update", base=1, instance_id=slip_id))
    review(slip_id, ReviewState.REJECTED)
    send(child_slip(id_))

    assert apply_again(1, by=operator()).submissions == 0
    assert child(id_).version == 1


def dropped() -> int:
    query = select(Audit).where(Audit.action == "submission.backlog.drop")
    return len(db.session.scalars(query).all())


def review(instance_id: str, state: ReviewState) -> None:
    with transaction():
        found = db.session.scalar(select(Submission).where(Submission.instance_id == instance_id))
        set_review_state(found, Decision(state, "because"), by=operator(), asked=instance_id)


def test_a_list_that_staff_approve_waits_for_the_approval(send):
    id_, slip_id = new_child(), new_id()
    with transaction():
        db.session.execute(update(Dataset).values(approval_required=True))
        touch_catalogue(1)
    send(child_slip(id_, instance_id=slip_id))
    assert child(id_) is None

    review(slip_id, ReviewState.APPROVED)

    assert child(id_).version == 1


def test_every_change_is_in_the_audit_log_without_answers(send):
    id_ = new_child()
    send(child_slip(id_, full_name="Lan"))
    send(child_slip(id_, mode="update", base=1, label=None, full_name="Mai"))

    query = select(Audit).where(Audit.actee_type == "entity").order_by(Audit.id)
    logged = list(db.session.scalars(query))
    assert [row.action for row in logged] == ["entity.create", "entity.update.version"]
    assert "Lan" not in str([row.details for row in logged])


def erase(instance_id: str) -> None:
    with transaction():
        found = db.session.scalar(select(Submission).where(Submission.instance_id == instance_id))
        erase_submission(Erasure(found.id), by=operator())


def test_what_an_erased_slip_made_is_emptied(send):
    id_, slip_id = new_child(), new_id()
    send(child_slip(id_, instance_id=slip_id, full_name="Lan"))
    send(child_slip(id_, mode="update", base=1, label=None, status="2"))

    erase(slip_id)

    assert (child(id_).label, child(id_).data) == ("", {})
    assert child(id_).deleted_at is not None
    assert [(v.label, v.data, v.received) for v in versions(id_)] == [("", {}, {})] * 2


def test_of_what_an_erased_slip_changed_its_values_go(send):
    id_, slip_id = new_child(), new_id()
    send(child_slip(id_, full_name="Lan", status="1"))
    send(child_slip(id_, mode="update", base=1, label="Mai", instance_id=slip_id, status="2"))
    send(child_slip(id_, mode="update", base=2, label=None, village_code="V000001"))

    erase(slip_id)

    assert child(id_).label == "Lan"
    assert child(id_).data == {"full_name": "Lan", "status": "1", "village_code": "V000001"}
    assert "Mai" not in str([(v.label, v.data, v.received) for v in versions(id_)])


def test_what_was_received_before_the_list_was_declared_is_brought_in(send):
    id_ = new_child()
    with transaction():
        for model in (DatasetSource, PropertySource, DatasetProperty, Dataset):
            db.session.execute(delete(model))
        touch_catalogue(1)
    send(child_slip(id_, full_name="Lan"))
    assert child(id_) is None

    with transaction():
        assert declare_missing(1, by=operator()) > 0
    outcome = apply_again(1, by=operator())

    assert child(id_).data == {"full_name": "Lan"}
    assert outcome.applied == 1
    assert apply_again(1, by=operator()).submissions == 0


def test_what_waited_is_applied_once_however_it_is_applied(send, app):
    id_, branch = new_child(), new_child()
    send(child_slip(id_, mode="update", base=1, branch=branch, label=None, status="2"))
    with transaction():
        children = get_list(None, 1, "child")
        create_entities(
            children, [NewEntity(id_, "Lan", {"status": "1"})], Origin("test"), by=operator()
        )
    assert (child(id_).version, held()) == (2, 0)

    apply_again(1, by=operator())
    apply_overdue_changes(Surroundings.of(app.config["PHIEU"], storage()))

    assert child(id_).version == 2


def test_a_refusal_is_logged_once_for_a_version_and_a_problem(send):
    id_, slip_id, edit_id = new_child(), new_id(), new_id()
    send(child_slip(id_, mode="update", base=1, label=None, instance_id=slip_id))
    for _ in range(2):
        apply_again(1, by=operator())
    assert [error["problem"] for error in errors()] == ["404.8"]

    send(child_slip(id_, mode="update", base=1, label=None, instance_id=edit_id, edits=slip_id))
    assert [error["problem"] for error in errors()] == ["404.8"] * 2
    apply_again(1, by=operator())
    assert len(errors()) == 2

    send(child_slip(id_, label="x" * 10_001, instance_id=new_id(), edits=edit_id))
    apply_again(1, by=operator())
    assert [error["problem"] for error in errors()] == ["404.8", "404.8", "400.13"]


def test_a_label_without_measure_is_refused(send):
    send(child_slip(new_child(), label="x" * 10_001))

    assert [error["problem"] for error in errors()] == ["400.13"]


def test_an_erased_move_brings_the_child_back(send):
    id_, slip_id = new_child(), new_id()
    home = {"village_code": "V000019", "commune_code": "12472"}
    send(child_slip(id_, **home))
    send(child_slip(id_, mode="update", base=1, instance_id=slip_id, village_code="V000020"))
    assert child(id_).village_code == "V000020"

    erase(slip_id)

    assert (child(id_).village_code, child(id_).commune_code) == ("V000019", "12472")


def test_what_a_merge_took_from_an_erased_child_is_erased_too(send):
    keep, drop, slip_id = new_child(), new_child(), new_id()
    send(child_slip(keep, full_name="Lan"))
    send(child_slip(drop, full_name="Lan", status="9", instance_id=slip_id))
    with transaction():
        merge_entities(get_list(None, 1, "child"), keep, drop, by=operator())
    assert child(keep).data["status"] == "9"

    erase(slip_id)

    assert child(keep).data == {"full_name": "Lan"}
    assert "9" not in str([(v.data, v.received) for v in versions(keep)])
    with transaction(), pytest.raises(NotFound):
        split_entity(get_list(None, 1, "child"), drop, by=operator())


@pytest.mark.parametrize("is_undone", [False, True], ids=["merged", "undone"])
def test_what_went_on_to_a_third_is_erased_there_too(send, is_undone):
    first, second, third, slip_id = new_child(), new_child(), new_child(), new_id()
    send(child_slip(third, full_name="Lan"))
    send(child_slip(second, full_name="Lan"))
    send(child_slip(first, full_name="Lan", status="Zxqvan", instance_id=slip_id))
    facts = get_list(None, 1, "child")
    with transaction():
        merge_entities(facts, second, first, by=operator())
        merge_entities(facts, third, second, by=operator())
        if is_undone:
            split_entity(facts, second, by=operator())
            split_entity(facts, first, by=operator())

    erase(slip_id)

    told = [(v.data, v.received) for id_ in (first, second, third) for v in versions(id_)]
    assert "Zxqvan" not in str(told)
    assert [child(id_).data["full_name"] for id_ in (second, third)] == ["Lan", "Lan"]


def test_what_was_merged_into_an_erased_child_stands_again(send):
    keep, drop, slip_id = new_child(), new_child(), new_id()
    send(child_slip(keep, full_name="Lan", instance_id=slip_id), child_slip(drop))
    with transaction():
        merge_entities(get_list(None, 1, "child"), keep, drop, by=operator())

    erase(slip_id)

    assert child(keep).deleted_at is not None
    assert child(drop).deleted_at is None
