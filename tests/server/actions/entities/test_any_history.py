"""Whatever phones send in whatever order, and staff decide between: nothing is lost.

Through the door that phones knock at; the rule itself is in tests/forms/entities.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from forms.entities import Change
from server.actions.entities.changing import NewEntity, Origin, create_entities, resolve_conflict
from server.actions.entities.known import get_list
from server.actions.entities.merging import merge_entities, split_entity
from server.actions.reviewing import Decision, set_review_state
from server.cli.common import operator, storage
from server.db import db, transaction, utc_now
from server.jobs.registering import apply_overdue_changes
from server.jobs.surroundings import Surroundings
from server.models import (
    Audit,
    Dataset,
    Entity,
    EntityVersion,
    HeldChange,
    ReviewState,
    Submission,
)
from server.queries.projects import touch_catalogue
from tests.forms.entities.test_any_history import Phone, edits
from tests.helpers.children import child_slip, new_child
from tests.helpers.slips import new_id

from .test_registering import scene, send

__all__ = ["scene", "send"]

QUESTIONS = {"depth": "status", "owner": "full_name"}
"""The library's histories change these properties; our form has others."""
filled = st.lists(st.tuples(st.integers(1, 3), edits), min_size=2, max_size=5)
repeated = st.lists(st.integers(0, 20), max_size=2)
OTHER = ("Lan", {"status": "1"})
"""What no slip speaks of, and what only a merge changes."""
STEPS = ("merge or undo", "merge or undo", "merge and undo", "resolve", "force", "approve")
decided = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(STEPS)), max_size=5)


@pytest.fixture
def few(request, installation) -> settings:
    """PostgreSQL is asked less often: there the same Python runs on slower statements.

    What fails is not made smaller: each try goes through the whole server.
    """
    is_sqlite = "sqlite" in request.node.callspec.id
    return settings(
        max_examples=22 if is_sqlite else 5,
        deadline=None,
        phases=(Phase.reuse, Phase.generate),
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@dataclass(frozen=True)
class Slip:
    """What a phone has in its outbox."""

    instance_id: str
    xml: bytes


@dataclass
class Story:
    """One child; the phones that downloaded it, and what they filled in, in that order."""

    existing: int
    changes: list[Change]

    def tell(self, child: str) -> tuple[list[Slip], list[Slip]]:
        """The slips of before the download, and those of after it, with fresh ids."""
        before = [
            _slip(child, Change("", "", "", not n, bool(n), n or None, None, "", "W", {}))
            for n in range(self.existing)
        ]
        return before, [_slip(child, change) for change in self.changes]


@st.composite
def stories(draw) -> Story:
    """A child that is on no list yet is known to the one phone that makes it."""
    existing = draw(st.integers(0, 2))
    phones = {number: Phone(number) for number in (1, 2, 3)}
    for phone in phones.values():
        phone.download(_Seen([None] * existing))  # type: ignore[arg-type]
    changes = []
    for number, (label, values) in draw(filled):
        phone = phones[number if existing else 1]
        phone.fill(label, values)
        changes.append(phone.outbox[-1])
    return Story(existing, changes)


@dataclass
class _Seen:
    """What a phone looks at of a server."""

    versions: list[None]


def _slip(child: str, change: Change) -> Slip:
    id_ = new_id()
    answers = {QUESTIONS[name]: value for name, value in change.data.items()}
    xml = child_slip(
        child,
        mode="create" if change.create else "update",
        base=change.base_version or "",
        trunk=change.trunk_version or "",
        branch=change.branch_id,
        label=change.label or None,
        instance_id=id_,
        **answers,
    )
    return Slip(id_, xml)


def _queue(data, slips: Sequence[Slip], again: Sequence[int]) -> list[Slip]:
    """In some order, and some of them twice."""
    queue = data.draw(st.permutations(slips))
    for at in again:
        original = at % len(slips)
        queue.insert(original + 1 + at // len(slips), queue[original])
    return queue


def test_slips_alone_agree_in_any_order_or_a_conflict_is_marked(send, few):
    @few
    @given(stories(), repeated, st.data())
    def check(story: Story, again: list[int], data) -> None:
        child = new_child()
        before, after = story.tell(child)
        send(*(slip.xml for slip in before))
        send(*(slip.xml for slip in _queue(data, after, again)))

        sent = [slip.instance_id for slip in [*before, *after]]
        kept = versions_of(child)
        assert kept_submissions(sent) == len(sent)
        assert [v.number for v in kept] == list(range(1, len(sent) + 1))
        assert sorted(sources(kept)) == sorted(sent)
        assert (waiting(child), refusals(sent)) == (0, [])
        found = entity(child)
        if found.conflict is None:
            wanted = new_child()
            told = [slip for part in story.tell(wanted) for slip in part]
            send(*(slip.xml for slip in told))
            assert (found.label, found.data) == (entity(wanted).label, entity(wanted).data)

    check()


def test_whatever_staff_decide_in_between_nothing_is_lost(send, few, app):
    @few
    @given(stories(), st.booleans(), decided, repeated, st.data())
    def check(story: Story, approval: bool, steps, again: list[int], data) -> None:
        staff = Staff(new_child(), new_child(), app)
        before, after = story.tell(staff.child)
        staff.start(approval=approval)
        send(*(slip.xml for slip in before))
        queue = _queue(data, after, again)
        for at, slip in enumerate(queue):
            for step in (step for moment, step in steps if moment % len(queue) == at):
                staff.do(step)
            send(slip.xml)
            staff.require_order()
        staff.do("approve")

        sent = [slip.instance_id for slip in [*before, *after]]
        assert kept_submissions(sent) == len(sent)
        assert waiting(staff.child) == 0
        told = {*sources(versions_of(staff.child))}
        if staff.is_merged:
            told |= {*sources(versions_of(staff.other))}
        assert told == set(sent)
        staff.require_order()

    check()


@dataclass
class Staff:
    """Whoever decides about a child, and about the other that may be the same."""

    child: str
    other: str
    app: object
    is_merged: bool = field(default=False)

    def start(self, *, approval: bool) -> None:
        with transaction():
            db.session.execute(
                update(Dataset).where(Dataset.name == "child").values(approval_required=approval)
            )
            touch_catalogue(1)
        with transaction():
            new = NewEntity(self.other, *OTHER)
            create_entities(children(), [new], Origin("test"), by=operator())

    def do(self, step: str) -> None:
        if step.startswith("merge") and not self.is_merged and self.is_there():
            self.merge(then_undo=step == "merge and undo")
        elif step == "merge or undo" and self.is_merged:
            self.undo()
        elif step == "resolve" and self.is_there():
            self.resolve()
        elif step == "force":
            self.force()
        elif step == "approve":
            self.approve()

    def is_there(self) -> bool:
        return find_entity(self.child) is not None

    def merge(self, *, then_undo: bool) -> None:
        before = [values(uuid) for uuid in (self.child, self.other)]
        with transaction():
            merge_entities(children(), self.other, self.child, by=operator())
        self.is_merged = True
        if then_undo:
            self.undo()
            assert [values(uuid) for uuid in (self.child, self.other)] == before

    def undo(self) -> None:
        with transaction():
            split_entity(children(), self.child, by=operator())
        self.is_merged = False
        assert values(self.other) == OTHER

    def resolve(self) -> None:
        uuid = self.other if self.is_merged else self.child
        if entity(uuid).conflict is not None:
            with transaction():
                resolve_conflict(children(), uuid, by=operator())
            assert entity(uuid).conflict is None

    def force(self) -> None:
        """As the job does with what has waited for five days."""
        with transaction():
            db.session.execute(update(HeldChange).values(since=utc_now() - timedelta(days=6)))
        apply_overdue_changes(Surroundings.of(self.app.config["PHIEU"], storage()))

    def approve(self) -> None:
        db.session.rollback()
        wanted = Submission.review_state == ReviewState.RECEIVED
        query = select(Submission).where(wanted).order_by(Submission.id)
        for found in db.session.scalars(query).all():
            with transaction():
                decision = Decision(ReviewState.APPROVED)
                set_review_state(found, decision, by=operator(), asked="")

    def require_order(self) -> None:
        for uuid in (self.child, self.other):
            kept = versions_of(uuid)
            assert [v.number for v in kept] == list(range(1, len(kept) + 1))
            found = find_entity(uuid)
            if found is not None:
                newest = kept[-1]
                assert (found.version, found.label, found.data) == (
                    newest.number,
                    newest.label,
                    newest.data,
                )


def children():
    return get_list(None, 1, "child")


def find_entity(uuid: str) -> Entity | None:
    db.session.rollback()
    return db.session.scalar(select(Entity).where(Entity.uuid == uuid))


def entity(uuid: str) -> Entity:
    found = find_entity(uuid)
    assert found is not None
    return found


def values(uuid: str) -> tuple[str, dict[str, str]]:
    """What is blank is as good as not there."""
    found = entity(uuid)
    return found.label, {name: value for name, value in found.data.items() if value}


def versions_of(uuid: str) -> list[EntityVersion]:
    db.session.rollback()
    query = select(EntityVersion).join(Entity, Entity.id == EntityVersion.entity_id)
    return list(db.session.scalars(query.where(Entity.uuid == uuid).order_by(EntityVersion.number)))


def sources(kept: Sequence[EntityVersion]) -> Iterator[str]:
    """The slips that versions came from."""
    for version in kept:
        if version.submission_id is not None:
            yield db.session.get(Submission, version.submission_id).instance_id


def kept_submissions(sent: Sequence[str]) -> int:
    return len(db.session.scalars(_submissions(sent)).all())


def _submissions(sent: Sequence[str]):
    return select(Submission.id).where(Submission.instance_id.in_(sent))


def waiting(child: str) -> int:
    return len(db.session.scalars(select(HeldChange).where(HeldChange.uuid == child)).all())


def refusals(sent: Sequence[str]) -> list[dict]:
    query = select(Audit.details).where(
        Audit.action == "entity.error", Audit.actee_id.in_(_submissions(sent))
    )
    return list(db.session.scalars(query))
