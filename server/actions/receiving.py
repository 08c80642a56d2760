"""Receive a submission: known sender, known form, kept once, with its files (openrosa.md §7.7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from forms.checking import Severity
from forms.instances import Instance
from forms.redaction import bare_instance
from server.actions.checking.recording import Checked, record
from server.actions.communes import Reported, find_reported_commune
from server.actions.consents import Visit, note_consent
from server.actions.entities.registering import register_slip
from server.actions.holding import hold_edit
from server.actions.noticing import notice_files, notice_missing
from server.actions.public_links import use_link
from server.actions.slip_audits import log_slip
from server.actions.slip_files import add_files, attach_late, expected_names, missing_names
from server.actions.slips import Slip
from server.actions.targets import Target, find_target
from server.auth.callers import Caller
from server.auth.gate import require_edit
from server.db import columns_of, utc_now
from server.errors import (
    EditsItself,
    InstanceConflict,
    OriginalNotFound,
    OutdatedEdit,
    SubmissionDeleted,
)
from server.queries import findings, jobs, submission_attachments, submissions


@dataclass(frozen=True, slots=True)
class Receipt:
    """What to tell the phone. `awaited_id` names what edits of it, or it itself, may wait for."""

    form_id: int
    instance_id: str
    awaited_id: str
    instance_name: str | None
    missing: tuple[str, ...]
    is_new: bool
    is_held: bool = False
    findings: int = 0
    """How many things in it somebody should look at."""


def receive_submission(slip: Slip, *, by: Caller, project_id: int, tz: ZoneInfo) -> Receipt:
    """Keep an instance and its files. Phones retry: the same bytes again change nothing.

    Of what was erased nothing is kept again, whatever comes of it (design, promise 2).
    Raises a Problem where the slip cannot be accepted; nothing of it is stored then.
    """
    return keep_slip(slip, find_target(slip.instance, by, project_id), by=by, tz=tz)


def keep_slip(slip: Slip, target: Target, *, by: Caller, tz: ZoneInfo) -> Receipt:
    """The same, where sender and form version have been judged."""
    try:
        kept = _keep_version(slip, target, by, tz)
    except _Erased as erased:
        return _turn_away(slip, target, by, erased)
    if kept is None:
        return _hold(slip, target, by)
    version_id, is_new = kept.id, kept.is_new
    if not is_new:
        late = attach_late(slip, target, version_id, by=by)
        notice_files(slip, late, target, version_id)
    missing = missing_names(slip, target, version_id)
    if is_new and missing:
        notice_missing(version_id, missing)
    instance = slip.instance
    return Receipt(
        target.form_id,
        instance_id=instance.instance_id,
        awaited_id=instance.instance_id,
        instance_name=instance.instance_name,
        missing=missing,
        is_new=is_new,
        findings=kept.asking,
    )


def _hold(slip: Slip, target: Target, by: Caller) -> Receipt:
    instance = slip.instance
    if by.link is not None and by.link.once:  # whoever may send one slip has none to edit
        raise OriginalNotFound(deprecatedId=instance.deprecated_id)
    arrived = hold_edit(
        slip,
        project_id=target.project_id,
        form_id=target.form_id,
        version_id=target.version_id,
        by=by,
    )
    missing = tuple(
        name for name in expected_names(instance, target.compiled) if name not in arrived
    )
    awaited_id = instance.deprecated_id or ""
    return Receipt(
        target.form_id,
        instance_id=instance.instance_id,
        awaited_id=awaited_id,
        instance_name=instance.instance_name,
        missing=missing,
        is_new=True,
        is_held=True,
    )


def check_reception(slip: Slip, *, by: Caller, project_id: int) -> bool:
    """Raise what `receive_submission` would for sender, form and conflict, without writing.

    False if nothing of it would be kept, because it was erased.
    """
    target = find_target(slip.instance, by, project_id)
    known = _find_version(slip.instance.instance_id, target)
    if known is None:
        edited = _find_version(slip.instance.deprecated_id, target)
        return edited is None or edited.submission_erased_at is None
    if known.erased_at is None:
        _require_same(known, slip)
    return known.erased_at is None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A version, whether this request added it, and how many findings ask for a look."""

    id: int
    is_new: bool
    asking: int


class _Erased(Exception):
    """The instance, or the submission that it edits, was erased."""

    def __init__(self, submission_id: int, *, is_known: bool) -> None:
        super().__init__(submission_id)
        self.submission_id = submission_id
        self.is_known = is_known


def _turn_away(slip: Slip, target: Target, by: Caller, erased: _Erased) -> Receipt:
    """Tell the phone that it may forget the slip; files that were kept on the way are removed."""
    instance = slip.instance
    if not erased.is_known:
        bare = replace(slip, xml=bare_instance(slip.xml))
        version = replace(_new_version(bare, target, by), instance_name=None)
        submissions.add_tombstone(erased.submission_id, version)
    keys = [file.key for file in slip.files if file.key]
    if keys:
        jobs.add_job("remove_files", keys=keys)
    return Receipt(
        target.form_id,
        instance_id=instance.instance_id,
        awaited_id=instance.instance_id,
        instance_name=None,
        missing=(),
        is_new=False,
    )


def _keep_version(slip: Slip, target: Target, by: Caller, tz: ZoneInfo) -> _Kept | None:
    """None for an edit too early."""
    if slip.instance.deprecated_id:
        return _keep_edit(slip, target, by, tz)
    return _add_submission(slip, target, by, tz) or _get_same(slip, target)


def _keep_edit(slip: Slip, target: Target, by: Caller, tz: ZoneInfo) -> _Kept | None:
    old = _lock_edited(slip.instance, target)
    known = _find_same(slip, target)  # after the lock: a twin of this request may have had it
    if known is not None:
        return known
    if old is None:
        return None
    if old.submission_erased_at is not None:
        raise _Erased(old.submission_id, is_known=False)
    require_edit(by, old, project_id=target.project_id, form=target.key)
    _require_current(old, slip.instance)
    return _add_edit(slip, target, by, tz, old) or _get_same(slip, target)


def _get_same(slip: Slip, target: Target) -> _Kept:
    """The version that was sent before, or by another request at this moment."""
    known = _find_same(slip, target)
    if known is None:
        raise InstanceConflict(instance_id=slip.instance.instance_id)
    return known


def _find_same(slip: Slip, target: Target) -> _Kept | None:
    """The version with this instanceID; InstanceConflict if its bytes are others."""
    known = _find_version(slip.instance.instance_id, target)
    if known is None:
        return None
    if known.erased_at is not None:
        raise _Erased(known.submission_id, is_known=True)
    _require_same(known, slip)
    return _Kept(known.id, is_new=False, asking=findings.count_asking(known.id))


def _find_version(instance_id: str | None, target: Target) -> submissions.KnownVersion | None:
    if not instance_id:
        return None
    return submissions.find_version(target.form_id, instance_id, is_draft=target.is_draft)


def _require_same(known: submissions.KnownVersion, slip: Slip) -> None:
    if known.deleted_at is not None:
        raise SubmissionDeleted(instance_id=slip.instance.instance_id)
    if known.xml != slip.xml:
        raise InstanceConflict(instance_id=slip.instance.instance_id)


def _add_submission(slip: Slip, target: Target, by: Caller, tz: ZoneInfo) -> _Kept | None:
    reported = _reported(slip, target, by, tz)
    added = submissions.try_add_submission(
        target.project_id,
        _new_version(slip, target, by),
        columns_of(reported),
        created_at=slip.first_received_at,
    )
    if added is None:
        return None
    submission_id, version_id = added
    use_link(by)
    add_files(slip, target, version_id)
    _note_consent(slip, target, by, tz, added)
    log_slip(by, "submission.create", submission_id, target)
    register_slip(slip, target, added, reported.place, by=by)
    return _Kept(version_id, is_new=True, asking=_note_check(slip, target, by, added))


def _lock_edited(instance: Instance, target: Target) -> submissions.KnownVersion | None:
    """What an edit edits, so that edits of it take turns; None if it has not come."""
    deprecated_id = instance.deprecated_id or ""
    if deprecated_id == instance.instance_id:
        raise EditsItself(instance_id=deprecated_id)
    return _find_version(deprecated_id, target)


def _require_current(old: submissions.KnownVersion, instance: Instance) -> None:
    if old.deleted_at is not None:
        raise SubmissionDeleted(instance_id=instance.deprecated_id)
    if not old.is_current:
        raise OutdatedEdit(deprecatedId=instance.deprecated_id)


def _add_edit(
    slip: Slip, target: Target, by: Caller, tz: ZoneInfo, old: submissions.KnownVersion
) -> _Kept | None:
    version, reported = _new_version(slip, target, by), _reported(slip, target, by, tz)
    added = submissions.try_add_edit(old.submission_id, version, columns_of(reported))
    if added is None:
        return None
    use_link(by)
    add_files(slip, target, added)
    submission_attachments.carry_over_files(old.id, added)
    _note_consent(slip, target, by, tz, (old.submission_id, added))
    log_slip(by, "submission.update.version", old.submission_id, target)
    register_slip(slip, target, (old.submission_id, added), reported.place, by=by)
    asking = _note_check(slip, target, by, (old.submission_id, added))
    return _Kept(added, is_new=True, asking=asking)


def _note_check(slip: Slip, target: Target, by: Caller, added: tuple[int, int]) -> int:
    """Return how many findings ask for a look; 0 where nothing was checked."""
    if slip.judgement is None:
        return 0
    is_first = slip.instance.deprecated_id is None
    checked = Checked(target.form_id, *added, target.checked_version, by.catalogue, is_new=is_first)
    found = record(slip.judgement, checked, by=by)
    return sum(finding.severity is not Severity.INFORMATION for finding in found)


def _note_consent(
    slip: Slip, target: Target, by: Caller, tz: ZoneInfo, added: tuple[int, int]
) -> None:
    if target.is_draft or target.compiled.consent is None:
        return
    received_at = slip.first_received_at or utc_now()
    visit = Visit(target.project_id, target.form_id, *added, by.actor_id, received_at)
    is_edit = slip.instance.deprecated_id is not None
    note_consent(visit, target.compiled.consent, slip.instance, is_edit=is_edit, tz=tz)


def _new_version(slip: Slip, target: Target, by: Caller) -> submissions.NewVersion:
    name = slip.instance.instance_name
    return submissions.NewVersion(
        form_id=target.form_id,
        form_version_id=target.version_id,
        is_draft=target.is_draft,
        instance_id=slip.instance.instance_id,
        deprecated_id=slip.instance.deprecated_id,
        instance_name=name[:1000] if name else None,
        xml=slip.xml,
        submitter_id=by.actor_id,
        device_id=slip.device_id,
        user_agent=slip.user_agent,
        received_at=slip.first_received_at,
    )


def _reported(slip: Slip, target: Target, by: Caller, tz: ZoneInfo) -> Reported:
    """Village, edition and commune of what was answered; an edit may have changed them."""
    return find_reported_commune(
        target.compiled.places,
        slip.instance,
        by=by,
        received_at=slip.first_received_at or utc_now(),
        tz=tz,
    )
