"""Judge one slip before anything is written: pure work, and questions that are remembered.

Whatever fails here costs no submission: the slip is kept, and the check is marked as failed
(design, promise 4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

from forms.checking import CheckedSlip, bounded, check_slip
from forms.evaluation import Clock
from forms.instances import Instance
from server.actions.checking.asked import Asked, Circumstances, Key
from server.actions.checking.judgements import Judgement, failure
from server.actions.checking.named import CHECKS
from server.actions.checking.rules import CheckedForm, get_checked_form
from server.actions.checking.served import iter_states
from server.actions.communes import find_reported_commune
from server.actions.slips import Slip
from server.actions.targets import Target, find_target
from server.auth.callers import Caller
from server.config import Settings
from server.db import utc_now
from server.storage import Storage

_MOST_NODES = 300
"""Children of one slip that a named check looks at; no household has so many."""
_PATIENCE = 1.0
"""Seconds that a phone is kept waiting for; the nightly check takes its time."""


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks slips for an installation; `secret_key` seals by what they are compared."""

    storage: Storage
    tz: ZoneInfo
    secret_key: str

    @classmethod
    def of(cls, settings: Settings, storage: Storage) -> Checker:
        return cls(storage, settings.tz, settings.secret_key)

    def with_judgement(self, slip: Slip, *, by: Caller, project_id: int) -> Slip:
        """The slip with what receiving it will note; raises a Problem as receiving would."""
        return self.judged(slip, find_target(slip.instance, by, project_id), by=by)

    def judged(self, slip: Slip, target: Target, *, by: Caller) -> Slip:
        """The same for a form version that is known."""
        received_at = slip.first_received_at or utc_now()
        reported = find_reported_commune(
            target.compiled.places, slip.instance, by=by, received_at=received_at, tz=self.tz
        )
        about = Circumstances(
            actor_id=by.actor_id,
            project_id=target.project_id,
            catalogue=by.catalogue,
            village_code=reported.village_code,
            edition=reported.edition,
            commune_code=reported.commune_code,
            received_at=received_at,
            tz=self.tz,
            secret_key=self.secret_key,
            is_draft=target.is_draft,
            seconds=_PATIENCE,
        )
        judgement = judge(slip.instance, target.checked_version, about, self.storage)
        return replace(slip, judgement=judgement)


def judge(
    instance: Instance, version: tuple[int, str], about: Circumstances, storage: Storage
) -> Judgement:
    """`version` is (id, hash of its XForm). Encrypted slips are opaque: nothing is found."""
    if instance.is_encrypted:
        return Judgement()
    try:
        form = get_checked_form(about.catalogue, *version)
        return _judge(instance, form, about, storage)
    except Exception as error:  # noqa: BLE001 - a check that fails must not cost the slip
        return Judgement((failure(error),))


def _judge(
    instance: Instance, form: CheckedForm, about: Circumstances, storage: Storage
) -> Judgement:
    filled_at = form.filled_at(instance, about.tz) or about.received_at
    now = filled_at.astimezone(about.tz)
    clock = Clock(now.replace(tzinfo=None), timezone(now.utcoffset() or timedelta()))
    states = iter_states(form, about, now.date(), storage)
    checked = check_slip(
        form.rules,
        instance.root,
        clock,
        editions=states,
        checks=form.checks,
        seconds=about.seconds,
    )
    try:
        return _with_named(checked, form, about)
    finally:
        checked.evaluation.close()


def _with_named(checked: CheckedSlip, form: CheckedForm, about: Circumstances) -> Judgement:
    found = list(checked.findings)
    keys: list[Key] = []
    for check in form.checks:
        named = CHECKS.get(check.declared.check)
        if named is None:
            continue
        try:
            checked.evaluation.require_time()
            nodes = check.nodes(checked.evaluation)[:_MOST_NODES]
            asked = Asked(check.declared, nodes, checked.evaluation, about)
            if named.find is not None:
                found += named.find(asked)
            if named.keys is not None and not about.is_draft:
                keys += named.keys(asked)
        except Exception as error:  # noqa: BLE001 - one check that fails costs no other
            found.append(failure(error, check=check.declared.id))
    return Judgement(bounded(found), tuple(keys))
