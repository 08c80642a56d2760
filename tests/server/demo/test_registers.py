"""Versions and branches as ODK Collect counts them: what the register makes of them."""

from __future__ import annotations

from datetime import date
from random import Random

from forms.entities import Action, Change, Created, Updated, decide
from server.demo.children import draw_uuid
from server.demo.registers import change, made

MORNING, NEXT_DAY = date(2026, 11, 20), date(2026, 11, 21)
ALLOWED = {Action.CREATE, Action.UPDATE}


def test_changes_of_one_phone_on_one_day_are_a_branch_and_the_next_day_begins_another():
    rng = Random(1)
    known = made(rng, draw_uuid(rng), "Lan (2016)", device_id="a", day=MORNING)

    first = dict(change(rng, known, device_id="a", day=MORNING))
    second = dict(change(rng, known, device_id="a", day=MORNING))
    third = dict(change(rng, known, device_id="b", day=MORNING))
    fourth = dict(change(rng, known, device_id="b", day=NEXT_DAY))

    told = [(f["baseVersion"], f["trunkVersion"]) for f in (first, second, third, fourth)]
    assert told == [("1", ""), ("2", ""), ("3", "3"), ("4", "4")]
    assert first["branchId"] == second["branchId"]
    assert len({f["branchId"] for f in (second, third, fourth)}) == 3


def test_the_register_applies_them_without_a_conflict():
    rng = Random(2)
    known = made(rng, draw_uuid(rng), "Lan (2016)", device_id="a", day=MORNING)
    created = decide(asked(known.id, create=True), [], allowed=ALLOWED)
    assert isinstance(created, Created)
    history = [created.version]

    for device_id, day in (("a", MORNING), ("a", MORNING), ("b", MORNING), ("a", NEXT_DAY)):
        flags = dict(change(rng, known, device_id=device_id, day=day))
        outcome = decide(asked(known.id, flags), history, allowed=ALLOWED)
        assert isinstance(outcome, Updated)
        assert outcome.conflict is None
        history.append(outcome.version)

    assert known.version == len(history) == 5


def asked(id_: str, flags: dict[str, str] | None = None, *, create: bool = False) -> Change:
    flags = flags or {}
    trunk = flags.get("trunkVersion", "")
    return Change(
        path="",
        dataset="child",
        id=id_,
        create=create,
        update=not create,
        label="Lan",
        data={"status": "1"},
        base_version=int(flags["baseVersion"]) if flags else None,
        trunk_version=int(trunk) if trunk else None,
        branch_id=flags.get("branchId", ""),
    )
