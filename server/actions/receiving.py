"""Receive a submission: known sender, known form, kept once, with its files (openrosa.md §7.7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from forms.errors import InstanceRefused, Reason
from forms.instances import Instance, expected_attachments, parse_instance
from server.actions.communes import Reported, find_reported_commune
from server.actions.definitions import CompiledVersion, get_compiled
from server.auth.callers import Caller
from server.auth.gate import require
from server.auth.roles import Verb
from server.errors import (
    FieldMissing,
    FormClosed,
    FormNotFound,
    InstanceConflict,
    NotXml,
    OriginalNotFound,
    OutdatedEdit,
    Problem,
    SubmissionDeleted,
    TextTooLong,
    TooLarge,
    VersionNotFound,
)
from server.models import FormState
from server.queries import audits, forms, submission_attachments, submissions
from server.storage import Storage, Upload, owner_name

_REFUSALS: dict[Reason, type[Problem]] = {
    Reason.NOT_XML: NotXml,
    Reason.HAS_DTD: NotXml,
    Reason.TOO_LARGE: TooLarge,
    Reason.NO_FORM_ID: FieldMissing,
    Reason.TEXT_TOO_LONG: TextTooLong,
}


@dataclass(frozen=True, slots=True)
class File:
    """A file of a request; `key` is set once it is kept in the storage."""

    name: str
    content_type: str
    upload: Upload
    key: str = ""


@dataclass(frozen=True, slots=True)
class Slip:
    """What one request brought: the bytes, the instance in them, the files beside."""

    xml: bytes
    instance: Instance
    files: tuple[File, ...] = ()
    device_id: str | None = None
    user_agent: str | None = None
    first_received_at: datetime | None = None
    """When another server received it; None if it comes from where it was filled."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What to tell the phone."""

    instance_id: str
    instance_name: str | None
    missing: tuple[str, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Target:
    """The form version that an instance was filled with."""

    project_id: int
    form_id: int
    version_id: int
    compiled: CompiledVersion


def read_slip(xml: bytes, **extras: object) -> Slip:
    """Parse the bytes; raise the Problem that says why they cannot be an instance."""
    try:
        instance = parse_instance(xml)
    except InstanceRefused as error:
        problem = _REFUSALS[error.reason]
        raise problem(field="id", limit=error.detail or "10000000") from error
    return replace(Slip(xml, instance), **extras)  # type: ignore[arg-type]


def keep_files(slip: Slip, storage: Storage, *, project_id: int) -> Slip:
    """Make the files durable under their final names, before any row speaks of them."""
    owner = owner_name(project_id, slip.instance.xml_form_id, slip.instance.instance_id)
    kept = tuple(replace(file, key=storage.keep(file.upload, owner)) for file in slip.files)
    return replace(slip, files=kept)


def receive_submission(slip: Slip, *, by: Caller, project_id: int, tz: ZoneInfo) -> Receipt:
    """Keep an instance and its files. Phones retry: the same bytes again change nothing.

    Raises a Problem where the slip cannot be accepted; nothing of it is stored then.
    """
    target = _find_target(slip.instance, by, project_id)
    version_id, is_new = _keep_version(slip, target, by, tz)
    for file in slip.files:
        submission_attachments.attach_file(
            version_id,
            file.name,
            sha256=file.upload.sha256,
            md5=file.upload.md5,
            size=file.upload.size,
            content_type=file.content_type,
            key=file.key,
        )
    missing = _missing(slip, target, version_id)
    return Receipt(slip.instance.instance_id, slip.instance.instance_name, missing, is_new)


def _expected(instance: Instance, compiled: CompiledVersion) -> tuple[str, ...]:
    if not compiled.has_files and not instance.is_encrypted:
        return ()
    return expected_attachments(compiled.definition, instance)


def _missing(slip: Slip, target: _Target, version_id: int) -> tuple[str, ...]:
    """Names still to come; a slip that names no file is not asked about in the database."""
    if not _expected(slip.instance, target.compiled):
        return ()
    return tuple(submission_attachments.list_missing(version_id))


def check_reception(slip: Slip, *, by: Caller, project_id: int) -> None:
    """Raise what `receive_submission` would for sender, form and conflict, without writing."""
    _find_same(slip, _find_target(slip.instance, by, project_id))


def _find_target(instance: Instance, by: Caller, project_id: int) -> _Target:
    found = forms.find_reception(project_id, instance.xml_form_id, instance.version)
    if found is None:
        raise FormNotFound(form=instance.xml_form_id)
    require(by, Verb.SUBMISSION_CREATE, project_id=project_id, form_id=found.form_id)
    if found.state is FormState.CLOSED:
        raise FormClosed(form=instance.xml_form_id)
    if found.version_id is None:
        raise VersionNotFound(form=instance.xml_form_id, version=instance.version)
    compiled = get_compiled(found.version_id, found.sha256, found.commune_field)
    return _Target(project_id, found.form_id, found.version_id, compiled)


def _keep_version(slip: Slip, target: _Target, by: Caller, tz: ZoneInfo) -> tuple[int, bool]:
    """Return the version's id and whether this request added it."""
    known = _find_same(slip, target)
    if known is not None:
        return known, False
    expected = _expected(slip.instance, target.compiled)
    if slip.instance.deprecated_id:
        added = _add_edit(slip, target, by, expected)
    else:
        added = _add_submission(slip, target, by, tz, expected)
    if added is not None:
        return added, True
    known = _find_same(slip, target)  # another request won the race for this instanceID
    if known is None:
        raise InstanceConflict(instance_id=slip.instance.instance_id)
    return known, False


def _find_same(slip: Slip, target: _Target) -> int | None:
    """The version with this instanceID; InstanceConflict if its bytes are others."""
    known = submissions.find_version(target.form_id, slip.instance.instance_id)
    if known is None:
        return None
    if known.deleted_at is not None:
        raise SubmissionDeleted(instance_id=slip.instance.instance_id)
    if known.xml != slip.xml:
        raise InstanceConflict(instance_id=slip.instance.instance_id)
    return int(known.id)


def _add_submission(
    slip: Slip, target: _Target, by: Caller, tz: ZoneInfo, expected: tuple[str, ...]
) -> int | None:
    reported = find_reported_commune(
        target.compiled.places,
        slip.instance,
        submitter_id=by.actor_id,
        received_at=slip.first_received_at or datetime.now(UTC),
        tz=tz,
    )
    added = submissions.try_add_submission(
        target.project_id,
        _new_version(slip, target, by),
        **_columns(reported),
        created_at=slip.first_received_at,
    )
    if added is None:
        return None
    submission_id, version_id = added
    submission_attachments.add_slots(version_id, expected)
    audits.log(by.actor_id, "submission.create", "submission", submission_id)
    return version_id


def _add_edit(slip: Slip, target: _Target, by: Caller, expected: tuple[str, ...]) -> int | None:
    deprecated_id = slip.instance.deprecated_id or ""
    old = submissions.find_version(target.form_id, deprecated_id)
    if old is None:
        raise OriginalNotFound(deprecatedId=deprecated_id)
    if old.deleted_at is not None:
        raise SubmissionDeleted(instance_id=deprecated_id)
    if not old.is_current:
        raise OutdatedEdit(deprecatedId=deprecated_id)
    added = submissions.try_add_edit(old.submission_id, _new_version(slip, target, by))
    if added is None:
        return None
    submission_attachments.add_slots(added, expected)
    submission_attachments.carry_over_files(old.id, added)
    audits.log(by.actor_id, "submission.update.version", "submission", old.submission_id)
    return added


def _new_version(slip: Slip, target: _Target, by: Caller) -> submissions.NewVersion:
    name = slip.instance.instance_name
    return submissions.NewVersion(
        form_id=target.form_id,
        form_version_id=target.version_id,
        instance_id=slip.instance.instance_id,
        deprecated_id=slip.instance.deprecated_id,
        instance_name=name[:1000] if name else None,
        xml=slip.xml,
        submitter_id=by.actor_id,
        device_id=slip.device_id[:255] if slip.device_id else None,
        user_agent=slip.user_agent[:255] if slip.user_agent else None,
    )


def _columns(reported: Reported) -> dict[str, str | None]:
    return {
        "village_code": reported.village_code,
        "edition": reported.edition,
        "commune_code": reported.commune_code,
    }
