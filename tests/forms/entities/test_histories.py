"""What becomes of one change (openrosa.md §9.5), with the worked example."""

from __future__ import annotations

import dataclasses

import pytest

from forms.entities import (
    Action,
    Change,
    Conflict,
    Created,
    Held,
    Refusal,
    Refused,
    Updated,
    Version,
    decide,
    successors,
    worst,
)

ID = "0f9d1c1e-3b7a-4c55-9d4e-0a1b2c3d4e5f"
BRANCH = "5b1c1c1e-3b7a-4c55-9d4e-0a1b2c3d4e5f"
OTHER = "6c1c1c1e-3b7a-4c55-9d4e-0a1b2c3d4e5f"
BOTH = frozenset(Action)


def change(base=None, trunk=None, branch="", *, label="", data=None, **flags) -> Change:
    asked = {"create": False, "update": False} | (flags or {"update": True})
    return Change(
        dataset="wells",
        path="",
        id=ID,
        base_version=base,
        trunk_version=trunk,
        branch_id=branch,
        label=label,
        data=data or {},
        **asked,
    )


def creation(label="W", **data) -> Change:
    return change(label=label, data=data, create=True)


def history(*versions) -> list[Version]:
    """Versions from their data; a Change of the web user each time."""
    return [Version(i, "W", data) for i, data in enumerate(versions, 1)]


def apply(changed: Change, versions: list[Version], *, force=False):
    """Decide and store."""
    outcome = decide(changed, versions, allowed=BOTH, force=force)
    if isinstance(outcome, Created | Updated):
        versions.append(outcome.version)
    return outcome


def test_a_creation_is_version_one():
    outcome = decide(creation("Giếng 1", depth="12"), [], allowed=BOTH)

    assert outcome == Created(Version(1, "Giếng 1", {"depth": "12"}))


def test_an_update_keeps_what_it_does_not_name_and_a_blank_label():
    versions = history({"depth": "12", "owner": "An"})

    outcome = decide(change(1, data={"owner": ""}), versions, allowed=BOTH)

    assert outcome == Updated(Version(2, "W", {"depth": "12", "owner": ""}, base_version=1))


def test_the_version_rises_also_when_nothing_changes():
    assert decide(change(1), history({}), allowed=BOTH).version.number == 2


class TestTheWorkedExample:
    A = change(5, 5, BRANCH, data={"depth": "1"})
    B = change(6, 5, BRANCH, data={"depth": "2"})

    def test_in_order_there_is_no_conflict(self):
        versions = history({}, {}, {}, {}, {})

        first, second = apply(self.A, versions), apply(self.B, versions)

        assert (first.version.number, second.version.number) == (6, 7)
        assert (second.version.base_version, second.version.branch_base_version) == (6, 6)
        assert (first.conflict, second.conflict) == (None, None)

    def test_the_second_waits_for_the_first(self):
        versions = history({}, {}, {}, {}, {})

        held = apply(self.B, versions)
        first = apply(self.A, versions)

        assert held == Held(BRANCH, 5, held.key)
        assert held.key in successors(first.version)
        assert apply(self.B, versions).version.number == 7

    def test_a_change_on_the_web_makes_a_conflict_of_both(self):
        versions = history({}, {}, {}, {}, {}, {"owner": "An"})

        first, second = apply(self.A, versions), apply(self.B, versions)

        assert (first.version.number, first.conflict) == (7, Conflict.SOFT)
        assert (second.version.number, second.conflict) == (8, Conflict.SOFT)
        assert second.version.base_version == 7
        assert versions[-1].data == {"owner": "An", "depth": "2"}

    def test_an_entity_born_offline_goes_on_from_its_creation(self):
        versions: list[Version] = []
        born = [
            creation(depth="0"),
            change(1, None, BRANCH, data={"depth": "1"}),
            change(2, None, BRANCH, data={"depth": "2"}),
        ]

        outcomes = [apply(c, versions) for c in born]

        assert [v.number for v in versions] == [1, 2, 3]
        assert [o.conflict for o in outcomes[1:]] == [None, None]

    def test_born_offline_and_sent_backwards_it_waits_for_each(self):
        versions: list[Version] = []
        third, second = change(2, None, BRANCH), change(1, None, BRANCH)

        waiting = {apply(c, versions).key: c for c in (third, second)}
        applied = apply(creation(), versions)
        for _ in range(2):
            (key,) = set(successors(applied.version)) & set(waiting)
            applied = apply(waiting.pop(key), versions)

        assert [v.number for v in versions] == [1, 2, 3]


def test_a_property_that_both_changed_is_a_hard_conflict():
    versions = history({"depth": "1", "owner": "An"}, {"depth": "2", "owner": "An"})

    outcome = decide(change(1, data={"depth": "3", "owner": "Bo"}), versions, allowed=BOTH)

    assert (outcome.conflict, outcome.conflicting) == (Conflict.HARD, ("depth",))
    assert outcome.version.data == {"depth": "3", "owner": "Bo"}


def test_a_label_that_both_changed_is_one_too():
    versions = [*history({}), Version(2, "New", {})]

    outcome = decide(change(1, label="Newer"), versions, allowed=BOTH)

    assert (outcome.conflict, outcome.conflicting) == (Conflict.HARD, ("label",))


def test_the_same_value_twice_is_only_a_soft_one():
    versions = history({"depth": "1"}, {"depth": "2"})

    outcome = decide(change(1, data={"depth": "2"}), versions, allowed=BOTH)

    assert (outcome.conflict, outcome.conflicting) == (Conflict.SOFT, ())


def test_a_branch_that_others_interrupted_is_a_soft_conflict_to_its_end():
    versions = history({})
    apply(change(1, 1, BRANCH), versions)
    apply(change(2), versions)

    stale = apply(change(2, 1, BRANCH), versions)
    last = apply(change(3, 1, BRANCH), versions)

    assert (stale.conflict, last.conflict) == (Conflict.SOFT, Conflict.SOFT)


def test_a_phone_that_saw_the_others_is_not_interrupted_by_them():
    versions = history({})
    apply(change(1, 1, OTHER), versions)

    assert apply(change(2, 2, BRANCH), versions).conflict is None
    assert apply(change(3, 2, BRANCH), versions).conflict is None


class TestUpsert:
    def test_what_is_not_there_is_created(self):
        outcome = decide(change(label="W", create=True, update=True), [], allowed=BOTH)

        assert isinstance(outcome, Created)

    def test_what_is_there_is_updated(self):
        outcome = decide(change(1, create=True, update=True), history({}), allowed=BOTH)

        assert isinstance(outcome, Updated)

    def test_without_a_version_it_is_a_creation_and_clashes_with_what_is_there(self):
        outcome = decide(change(label="W", create=True, update=True), history({}), allowed=BOTH)

        assert outcome.code == Refusal.EXISTS

    def test_a_version_nobody_knows_of_an_unknown_entity_is_a_creation(self):
        outcome = decide(change(7, label="W", create=True, update=True), [], allowed=BOTH)

        assert isinstance(outcome, Created)

    def test_after_an_offline_creation_it_waits_like_any_update(self):
        outcome = decide(change(1, None, BRANCH, create=True, update=True), [], allowed=BOTH)

        assert outcome == Held(BRANCH, None, outcome.key)


class TestForce:
    def test_on_an_entity_that_is_there_the_change_is_applied_to_the_current_version(self):
        versions = history({"depth": "1"}, {"depth": "2"})

        outcome = apply(change(4, 1, BRANCH, data={"depth": "3"}), versions, force=True)

        assert (outcome.version.number, outcome.version.base_version) == (3, 2)
        assert outcome.conflict is Conflict.SOFT

    def test_an_entity_that_is_not_there_is_made_of_the_update(self):
        outcome = decide(change(1, None, BRANCH, data={"depth": "1"}), [], allowed=BOTH, force=True)

        assert isinstance(outcome, Created)
        assert outcome.version.is_forced_create
        assert outcome.version.label == "auto generated"

    def test_its_next_changes_follow(self):
        versions: list[Version] = []
        forced = apply(change(3, None, BRANCH), versions, force=True)

        held = decide(change(4, None, BRANCH), [], allowed=BOTH)

        assert held.key in successors(forced.version)
        assert apply(change(4, None, BRANCH), versions).conflict is None

    def test_a_late_creation_is_an_update_that_staff_should_look_at(self):
        versions: list[Version] = []
        apply(change(1, None, BRANCH, data={"depth": "2"}), versions, force=True)

        late = apply(creation("W", depth="1", owner="An"), versions)

        assert (late.version.number, late.version.label) == (2, "W")
        assert (late.conflict, late.conflicting) == (Conflict.HARD, ("depth", "label"))
        assert late.version.data == {"depth": "1", "owner": "An"}

    def test_a_late_change_that_was_before_is_never_silent(self):
        versions: list[Version] = []
        apply(change(2, None, BRANCH, data={"depth": "2"}), versions, force=True)

        late = apply(change(1, None, BRANCH, data={"depth": "1"}), versions)

        assert (late.conflict, late.conflicting) == (Conflict.HARD, ("depth",))

    def test_a_phone_that_downloaded_it_has_the_right_version_one(self):
        versions: list[Version] = []
        apply(change(2, None, BRANCH, data={"depth": "2"}), versions, force=True)

        assert apply(change(1, 1, OTHER, data={"depth": "3"}), versions).conflict is None


@pytest.mark.parametrize(
    ("changed", "versions", "code"),
    [
        (creation(""), [], Refusal.FIELD_MISSING),
        (change(label="W", update=True), history({}), Refusal.FIELD_MISSING),
        (dataclasses.replace(creation(), id="7"), [], Refusal.WRONG_TYPE),
        (dataclasses.replace(creation(), id=""), [], Refusal.WRONG_TYPE),
        (change(1, 1, "my branch"), history({}), Refusal.WRONG_TYPE),
        (creation(), history({}), Refusal.EXISTS),
        (change(1), [], Refusal.UNKNOWN_ENTITY),
        (change(1, 1, BRANCH), [], Refusal.UNKNOWN_ENTITY),
        (change(2), history({}), Refusal.UNKNOWN_VERSION),
        (change(2, 2, BRANCH), history({}), Refusal.UNKNOWN_VERSION),
        (change(1, 9, BRANCH), history({}), Refusal.UNKNOWN_VERSION),
    ],
)
def test_a_change_that_cannot_be_applied_is_refused(changed, versions, code):
    outcome = decide(changed, versions, allowed=BOTH)

    assert isinstance(outcome, Refused)
    assert outcome.code == code


@pytest.mark.parametrize(
    ("changed", "action"),
    [(creation(), Action.CREATE), (change(1, create=True, update=True), Action.CREATE)],
)
def test_a_flag_the_form_does_not_declare_is_refused(changed, action):
    outcome = decide(changed, history({}), allowed={Action.UPDATE})

    assert outcome.code == Refusal.ACTION_NOT_DECLARED
    assert outcome.details == {"action": action, "permitted": ["update"]}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (change(1), Refusal.DELETED),
        (change(1, 1, BRANCH), Refusal.DELETED),
        (creation(), Refusal.EXISTED),
    ],
)
def test_a_deleted_entity_stays_deleted(changed, code):
    assert decide(changed, history({}), is_deleted=True, allowed=BOTH).code == code


def test_of_two_conflicts_the_hard_one_stays():
    assert worst(None, None) is None
    assert worst(Conflict.SOFT, None) is Conflict.SOFT
    assert worst(Conflict.HARD, Conflict.SOFT) is Conflict.HARD
