"""The files of a slip: those that came with it, and those that are still to come."""

from __future__ import annotations

from forms.instances import Instance, expected_attachments
from server.actions.definitions import CompiledVersion
from server.actions.noticing import notice_files
from server.actions.slip_audits import log_slip
from server.actions.slips import File, Slip, attachment_name
from server.actions.targets import Target
from server.auth.callers import Caller
from server.queries import findings, submission_attachments
from server.queries.submission_attachments import Attached, NewFile


def add_files(slip: Slip, target: Target, version_id: int) -> None:
    """The files of a version that is new, and places for those that are to come."""
    expected = expected_names(slip.instance, target.compiled)
    files = [_new_file(file) for file in slip.files]
    states = submission_attachments.add_files(version_id, expected, files)
    notice_files(slip, states, target, version_id)


def attach_late(slip: Slip, target: Target, version_id: int, *, by: Caller) -> dict[str, Attached]:
    """Files that come with the same bytes of an instance again."""
    states = {
        file.name: submission_attachments.attach_file(version_id, _new_file(file))
        for file in slip.files
    }
    new = sum(state is not Attached.KNOWN for state in states.values())
    if new:
        submission_id = submission_attachments.mark_changed(version_id)
        log_slip(by, "submission.attachment.update", submission_id, target, files=new)
        submission_attachments.carry_forward(version_id)
        findings.forget_arrived(submission_id)
    return states


def _new_file(file: File) -> NewFile:
    upload = file.upload
    return NewFile(file.name, upload.sha256, upload.md5, upload.size, file.content_type, file.key)


def expected_names(instance: Instance, compiled: CompiledVersion) -> tuple[str, ...]:
    if not compiled.has_files and not instance.is_encrypted:
        return ()
    names = expected_attachments(compiled.definition, instance)
    return tuple(dict.fromkeys(attachment_name(name) for name in names))


def missing_names(slip: Slip, target: Target, version_id: int) -> tuple[str, ...]:
    """Names still to come; a slip that names no file is not asked about in the database."""
    if not expected_names(slip.instance, target.compiled):
        return ()
    return tuple(submission_attachments.list_missing(version_id))
