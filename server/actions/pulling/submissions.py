"""Bring submissions of a source into the shape of a phone's: history first, files beside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from forms.envelopes import MediaFile
from server.actions.pulling.forms import fetch_file
from server.actions.pulling.sources import PulledInstance, Source
from server.actions.pushing import is_past
from server.actions.slips import File, Slip, attachment_name, keep_files, read_slip
from server.auth.callers import Caller
from server.db import db
from server.errors import (
    FileDamagedAtSource,
    Problem,
    SourceFailed,
    SourceForbids,
    SourceHasNothing,
    SourceIsBroken,
    SourceIsNotOpenRosa,
    SourceRedirects,
    SourceTooLarge,
    SourceUnreachable,
    SourceWantsPassword,
)
from server.queries import pulls
from server.storage import Storage

MAX_EDITS = 1000
MAX_FILES = 10_000
_NOT_TO_BE_HAD = (SourceHasNothing, SourceIsBroken, SourceTooLarge)
_OF_ONE_DOCUMENT = (
    *_NOT_TO_BE_HAD,
    FileDamagedAtSource,
    SourceFailed,
    SourceForbids,
    SourceIsNotOpenRosa,
    SourceRedirects,
    SourceWantsPassword,
)


@dataclass(frozen=True, slots=True)
class PulledForm:
    """The form whose submissions are pulled; `root` is the name of its root element."""

    xml_form_id: str
    form_id: int
    project_id: int
    root: str


@dataclass(slots=True)
class Fetched:
    """One instance on this machine, not yet received; `problems` are files that did not come."""

    pulled: PulledInstance
    files: list[File] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def require_source(source: Source, form: PulledForm, problem: Problem) -> None:
    """Raise the problem if more is wrong than one document or file.

    A line that breaks proves nothing: the source may break it at this one document each time. It
    is well as long as it lists what it has; what is wrong with the list ends the run.
    """
    if isinstance(problem, SourceUnreachable):
        source.list_ids(form.xml_form_id, "")
    elif not isinstance(problem, _OF_ONE_DOCUMENT):
        raise problem


def list_older(source: Source, form: PulledForm, edit: PulledInstance) -> list[str]:
    """The instances that an edit replaced and that are not here, oldest first.

    It ends where the source does not have one any more, or has something else under its id.
    """
    older: list[str] = []
    wanted = edit.instance.deprecated_id
    seen = {edit.instance.instance_id}
    while wanted and wanted not in seen and len(older) < MAX_EDITS and not _is_known(form, wanted):
        seen.add(wanted)
        try:
            found = source.load_instance(form.xml_form_id, form.root, wanted)
        except _NOT_TO_BE_HAD:
            break
        older.append(wanted)
        wanted = found.instance.deprecated_id
    return older[::-1]


@contextmanager
def fetched(
    source: Source, form: PulledForm, pulled: PulledInstance, storage: Storage, limit: int
) -> Iterator[Fetched]:
    """Download the files that are not here; uploads that were not kept are gone at the end.

    A file that does not come costs nothing else: it is a problem, and the slip waits for it.
    """
    found = Fetched(pulled)
    try:
        for media in _wanted(pulled, form):
            try:
                upload = fetch_file(source, media, storage, limit)
            except Problem as problem:
                require_source(source, form, problem)
                found.problems.append(problem)
                continue
            name = attachment_name(media.name)
            found.files.append(File(name, "application/octet-stream", upload))
        yield found
    finally:
        for file in found.files:
            file.upload.path.unlink(missing_ok=True)


def prepare_slip(found: Fetched, form: PulledForm, storage: Storage, *, by: Caller) -> Slip:
    """Make it what receiving takes, its files durable; its first receipt is what the source says.

    Where what it replaced cannot be had, the edit is the submission: its bytes still tell.
    """
    pulled = found.pulled
    slip = read_slip(pulled.xml, files=tuple(found.files), user_agent="phieu pull")
    if pulled.submitted_at is not None and is_past(pulled.submitted_at):
        slip = replace(slip, first_received_at=pulled.submitted_at)
    older = slip.instance.deprecated_id
    if older is not None and not _is_known(form, older):
        slip = replace(slip, instance=replace(slip.instance, deprecated_id=None))
    return keep_files(slip, storage, project_id=form.project_id, by=by)


def _is_known(form: PulledForm, instance_id: str) -> bool:
    known = pulls.is_known(form.form_id, instance_id)
    db.session.rollback()  # hold no connection while the source is asked
    return known


def _wanted(pulled: PulledInstance, form: PulledForm) -> list[MediaFile]:
    """The files that this installation does not hold under that name."""
    here = pulls.list_kept_files(form.form_id, pulled.instance.instance_id)
    db.session.rollback()
    names = {name for name, _ in here}
    return [
        file
        for file in pulled.files[:MAX_FILES]
        if (attachment_name(file.name), file.md5) not in here
        and (file.md5 or attachment_name(file.name) not in names)
    ]
