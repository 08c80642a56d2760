"""Receive a submission: known sender, known form, kept once, with its files (openrosa.md §7.7)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo

from forms.instances import Instance, expected_attachments
from server.actions.communes import find_reported_commune
from server.actions.definitions import CompiledVersion
from server.actions.holding import hold_edit
from server.actions.noticing import notice_files
from server.actions.public_links import use_link
from server.actions.slips import File, Slip, attachment_name
from server.actions.targets import Target, find_target
from server.auth.callers import Caller
from server.db import utc_now
from server.errors import (
    EditsItself,
    InstanceConflict,
    OriginalNotFound,
    OutdatedEdit,
    SubmissionDeleted,
)
from server.queries import audits, submission_attachments, submissions
from server.queries.submission_attachments import Attached, NewFile


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


def receive_submission(slip: Slip, *, by: Caller, project_id: int, tz: ZoneInfo) -> Receipt:
    """Keep an instance and its files. Phones retry: the same bytes again change nothing.

    Raises a Problem where the slip cannot be accepted; nothing of it is stored then.
    """
    return keep_slip(slip, find_target(slip.instance, by, project_id), by=by, tz=tz)


def keep_slip(slip: Slip, target: Target, *, by: Caller, tz: ZoneInfo) -> Receipt:
    """The same, where sender and form version have been judged."""
    kept = _keep_version(slip, target, by, tz)
    if kept is None:
        return _hold(slip, target, by)
    version_id, is_new = kept
    if not is_new:
        notice_files(slip, _attach_late(slip, target, version_id, by), target, version_id)
    missing = _missing(slip, target, version_id)
    instance = slip.instance
    return Receipt(
        target.form_id,
        instance_id=instance.instance_id,
        awaited_id=instance.instance_id,
        instance_name=instance.instance_name,
        missing=missing,
        is_new=is_new,
    )


def _add_files(slip: Slip, target: Target, version_id: int) -> None:
    """The files of a version that is new, and places for those that are to come."""
    expected = _expected(slip.instance, target.compiled)
    files = [_new_file(file) for file in slip.files]
    states = submission_attachments.add_files(version_id, expected, files)
    notice_files(slip, states, target, version_id)


def _attach_late(slip: Slip, target: Target, version_id: int, by: Caller) -> dict[str, Attached]:
    """Files that come with the same bytes of an instance again."""
    states = {
        file.name: submission_attachments.attach_file(version_id, _new_file(file))
        for file in slip.files
    }
    new = sum(state is not Attached.KNOWN for state in states.values())
    if new:
        submission_id = submission_attachments.mark_changed(version_id)
        _log(by, "submission.attachment.update", submission_id, target, files=new)
        submission_attachments.carry_forward(version_id)
    return states


def _new_file(file: File) -> NewFile:
    upload = file.upload
    return NewFile(file.name, upload.sha256, upload.md5, upload.size, file.content_type, file.key)


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
    missing = tuple(name for name in _expected(instance, target.compiled) if name not in arrived)
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


def _expected(instance: Instance, compiled: CompiledVersion) -> tuple[str, ...]:
    if not compiled.has_files and not instance.is_encrypted:
        return ()
    names = expected_attachments(compiled.definition, instance)
    return tuple(dict.fromkeys(attachment_name(name) for name in names))


def _missing(slip: Slip, target: Target, version_id: int) -> tuple[str, ...]:
    """Names still to come; a slip that names no file is not asked about in the database."""
    if not _expected(slip.instance, target.compiled):
        return ()
    return tuple(submission_attachments.list_missing(version_id))


def check_reception(slip: Slip, *, by: Caller, project_id: int) -> None:
    """Raise what `receive_submission` would for sender, form and conflict, without writing."""
    _find_same(slip, find_target(slip.instance, by, project_id))


def _keep_version(slip: Slip, target: Target, by: Caller, tz: ZoneInfo) -> tuple[int, bool] | None:
    """Return the version's id and whether this request added it; None for an edit too early."""
    if slip.instance.deprecated_id:
        return _keep_edit(slip, target, by, tz)
    added = _add_submission(slip, target, by, tz)
    return (added, True) if added is not None else (_get_same(slip, target), False)


def _keep_edit(slip: Slip, target: Target, by: Caller, tz: ZoneInfo) -> tuple[int, bool] | None:
    old = _lock_edited(slip.instance, target)
    known = _find_same(slip, target)  # after the lock: a twin of this request may have had it
    if known is not None:
        return known, False
    if old is None:
        return None
    _require_current(old, slip.instance)
    added = _add_edit(slip, target, by, tz, old)
    return (added, True) if added is not None else (_get_same(slip, target), False)


def _get_same(slip: Slip, target: Target) -> int:
    """The version that was sent before, or by another request at this moment."""
    known = _find_same(slip, target)
    if known is None:
        raise InstanceConflict(instance_id=slip.instance.instance_id)
    return known


def _find_same(slip: Slip, target: Target) -> int | None:
    """The version with this instanceID; InstanceConflict if its bytes are others."""
    known = submissions.find_version(
        target.form_id, slip.instance.instance_id, is_draft=target.is_draft
    )
    if known is None:
        return None
    if known.deleted_at is not None:
        raise SubmissionDeleted(instance_id=slip.instance.instance_id)
    if known.xml != slip.xml:
        raise InstanceConflict(instance_id=slip.instance.instance_id)
    return int(known.id)


def _add_submission(slip: Slip, target: Target, by: Caller, tz: ZoneInfo) -> int | None:
    added = submissions.try_add_submission(
        target.project_id,
        _new_version(slip, target, by),
        **_reported(slip, target, by, tz),
        created_at=slip.first_received_at,
    )
    if added is None:
        return None
    submission_id, version_id = added
    use_link(by)
    _add_files(slip, target, version_id)
    _log(by, "submission.create", submission_id, target)
    return version_id


def _lock_edited(instance: Instance, target: Target) -> submissions.KnownVersion | None:
    """What an edit edits, so that edits of it take turns; None if it has not come."""
    deprecated_id = instance.deprecated_id or ""
    if deprecated_id == instance.instance_id:
        raise EditsItself(instance_id=deprecated_id)
    return submissions.find_version(target.form_id, deprecated_id, is_draft=target.is_draft)


def _require_current(old: submissions.KnownVersion, instance: Instance) -> None:
    if old.deleted_at is not None:
        raise SubmissionDeleted(instance_id=instance.deprecated_id)
    if not old.is_current:
        raise OutdatedEdit(deprecatedId=instance.deprecated_id)


def _add_edit(
    slip: Slip, target: Target, by: Caller, tz: ZoneInfo, old: submissions.KnownVersion
) -> int | None:
    version = _new_version(slip, target, by)
    added = submissions.try_add_edit(old.submission_id, version, **_reported(slip, target, by, tz))
    if added is None:
        return None
    use_link(by)
    _add_files(slip, target, added)
    submission_attachments.carry_over_files(old.id, added)
    _log(by, "submission.update.version", old.submission_id, target)
    return added


def _log(by: Caller, action: str, submission_id: int, target: Target, **details: int) -> None:
    """What came for a draft says so: it is dropped with the draft, and its id may be used again."""
    draft = {"draft": True} if target.is_draft else {}
    audits.log(by, action, "submission", submission_id, **details, **draft)


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


def _reported(slip: Slip, target: Target, by: Caller, tz: ZoneInfo) -> dict[str, str | None]:
    """Village, edition and commune of what was answered; an edit may have changed them."""
    reported = find_reported_commune(
        target.compiled.places,
        slip.instance,
        by=by,
        received_at=slip.first_received_at or utc_now(),
        tz=tz,
    )
    return asdict(reported)
