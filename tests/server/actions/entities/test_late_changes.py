"""What phones say late of a child that was merged into another reaches the other."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.actions.entities.changing import (
    resolve_conflict,
    restore_entities,
    restore_entity,
)
from server.actions.entities.known import get_list
from server.actions.entities.merging import merge_entities, split_entity
from server.actions.erasing import Erasure, erase_submission
from server.cli.common import operator
from server.db import db, transaction
from server.errors import NotFound
from server.models import Audit, Submission
from tests.helpers.children import child_slip, new_child
from tests.helpers.slips import new_id

from .test_registering import child, errors, held, scene, send, versions

__all__ = ["scene", "send"]


@pytest.fixture
def twins(send) -> tuple[str, str]:
    """A child that is kept, and one that was merged into it."""
    keep, drop = new_child(), new_child()
    send(child_slip(keep, full_name="Lan", status="1"))
    send(child_slip(drop, full_name="Lân", commune_code="12472"))
    merge(keep, drop)
    return keep, drop


def merge(keep: str, drop: str) -> None:
    with transaction():
        merge_entities(get_list(None, 1, "child"), keep, drop, by=operator())


def split(drop: str) -> None:
    with transaction():
        split_entity(get_list(None, 1, "child"), drop, by=operator())


def change(uuid: str, **sent: object) -> bytes:
    said = {"mode": "update", "base": 1, "label": None} | sent
    return child_slip(uuid, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["update", "create update"])
def test_a_late_change_reaches_the_survivor_marked(send, twins, mode):
    keep, drop = twins
    slip_id = new_id()

    send(change(drop, mode=mode, instance_id=slip_id, status="2"))

    assert child(keep).data == {"full_name": "Lan", "status": "2", "commune_code": "12472"}
    assert child(keep).conflict == "hard"
    newest = versions(keep)[-1]
    assert (newest.number, newest.conflicting, newest.base_version) == (3, ["status"], None)
    assert db.session.get(Submission, newest.submission_id).instance_id == slip_id
    assert (child(drop).version, errors()) == (1, [])


def test_a_late_change_that_clashes_with_nothing_is_looked_at_too(send, twins):
    keep, drop = twins

    send(change(drop, village_code="V000001"))

    assert (child(keep).conflict, child(keep).village_code) == ("soft", "V000001")


def test_the_audit_log_has_both(send, twins):
    keep, drop = twins

    send(change(drop, status="2"))

    query = select(Audit.details).where(Audit.action == "entity.update.version")
    (details,) = db.session.scalars(query)
    assert (details["uuid"], details["merged"]) == (keep, drop)


def test_such_a_conflict_is_resolved_as_others_are(send, twins):
    keep, drop = twins
    send(change(drop, status="2"))

    with transaction():
        resolve_conflict(get_list(None, 1, "child"), keep, by=operator())

    assert child(keep).conflict is None
    assert versions(keep)[-1].resolved_at is not None


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_several_changes_of_a_phone_arrive_in_any_order(send, twins, order):
    keep, drop = twins
    branch = new_child()
    slips = [
        change(drop, base=1, trunk=1, branch=branch, status="2"),
        change(drop, base=2, trunk=1, branch=branch, status="3"),
        change(drop, base=3, trunk=1, branch=branch, status="4"),
    ]

    send(*[slips[at] for at in order])

    assert (child(keep).version, child(keep).data["status"], held()) == (5, "4", 0)


def test_a_merge_between_two_changes_of_a_phone_loses_neither(send, app):
    keep, drop, branch = new_child(), new_child(), new_child()
    send(child_slip(keep, status="1"), child_slip(drop))
    send(change(drop, base=3, trunk=1, branch=branch, status="4"))
    send(change(drop, base=1, trunk=1, branch=branch, status="2"))
    merge(keep, drop)

    send(change(drop, base=2, trunk=1, branch=branch, status="3"))

    assert (child(keep).data["status"], held()) == ("4", 0)
    assert child(drop).data["status"] == "2"


def test_a_change_goes_where_the_survivor_went(send, twins):
    keep, drop = twins
    last = new_child()
    send(child_slip(last, full_name="Lan"))
    merge(last, keep)

    send(change(drop, status="7"))

    assert child(last).data["status"] == "7"
    assert child(keep).data["status"] == "1"


def test_a_creation_of_what_was_merged_is_refused_as_before(send, twins):
    _, drop = twins

    send(child_slip(drop))

    assert [error["problem"] for error in errors()] == ["409.3"]


def test_undoing_the_merge_gives_back_what_came_for_the_other(send, twins):
    keep, drop = twins
    branch = new_child()
    before = dict(child(keep).data)
    send(change(drop, base=1, trunk=1, branch=branch, status="2", village_code="V000001"))
    send(change(keep, base=2, full_name="Lan Anh"))

    split(drop)

    assert {k: v for k, v in child(keep).data.items() if v} == {
        "full_name": "Lan Anh",
        "status": before["status"],
    }
    assert child(drop).data["status"] == "2"
    assert (child(drop).village_code, child(drop).conflict) == ("V000001", "soft")
    send(change(drop, base=2, trunk=1, branch=branch, status="3"))
    assert (child(drop).version, child(drop).data["status"], held()) == (3, "3", 0)


def test_what_came_for_one_that_was_merged_twice_goes_back_step_by_step(send, twins):
    keep, drop = twins
    last = new_child()
    send(child_slip(last, full_name="Lan", status="5"))
    merge(last, keep)
    send(change(drop, status="7"))

    split(keep)
    assert (child(last).data["status"], child(keep).data["status"]) == ("5", "7")
    split(drop)

    assert (child(keep).data["status"], child(drop).data["status"]) == ("1", "7")


def test_a_merge_that_is_undone_twice_restores_both_twice(send, twins):
    keep, drop = twins
    split(drop)
    before = [dict(child(uuid).data) for uuid in (keep, drop)]
    merge(keep, drop)
    split(drop)

    assert [dict(child(uuid).data) for uuid in (keep, drop)] == before


def erase(instance_id: str, child_key: str = "") -> None:
    with transaction():
        found = db.session.scalar(select(Submission).where(Submission.instance_id == instance_id))
        erase_submission(Erasure(found.id, child_key), by=operator())


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_came_for_the_other_is_erased_with_its_slip(send, twins, is_whole):
    keep, drop = twins
    slip_id = new_id()
    send(change(drop, instance_id=slip_id, status="9"))

    erase(slip_id, "" if is_whole else drop)

    assert child(keep).data["status"] == "1"
    assert "9" not in [v.data.get("status") for v in versions(keep)]


def test_what_came_for_an_erased_child_is_erased_and_nothing_comes_any_more(send):
    keep, drop, slip_id = new_child(), new_child(), new_id()
    send(child_slip(keep, status="1"), child_slip(drop, instance_id=slip_id))
    merge(keep, drop)
    send(change(drop, status="9"))

    erase(slip_id)
    send(change(drop, status="8"))

    assert child(keep).data["status"] == "1"
    assert [error["problem"] for error in errors()] == ["404.11"]


def test_what_is_part_of_another_is_not_restored_beside_it(send, twins):
    keep, drop = twins
    facts = get_list(None, 1, "child")
    with transaction(), pytest.raises(NotFound) as refused:
        restore_entity(facts, drop, by=operator())

    assert refused.value.details == {"subject": "part", "name": drop, "into": keep}
    with transaction():
        assert restore_entities(facts, [drop], by=operator()) == 0
        split_entity(facts, drop, by=operator())
    assert child(drop).deleted_at is None
