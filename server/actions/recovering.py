"""Let a body out of quarantine: through receiving again, or away.

The operator's word stands for the sender's right, which may have ended since; whatever else a slip
is refused for still refuses it. It stays the sender's, received when it first came.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from forms.data_classes import DataClass, find_data_class
from forms.errors import FormsError
from forms.instances import parse_instance
from server.actions.checking.slips import Checker
from server.actions.receiving import Receipt, check_reception, receive_submission
from server.actions.slips import File, Slip, keep_files, read_slip
from server.auth.callers import Caller
from server.auth.gate import FormKey, require
from server.auth.roles import Verb
from server.db import savepoint
from server.errors import NotFound, Problem, XmlPartMissing
from server.models import QuarantinedSubmission
from server.queries import actors, audits, forms, quarantine
from server.storage import Storage, Upload, owner_name

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of it: the receipt, or why it is refused again."""

    receipt: Receipt | None = None
    problem: Problem | None = None


def find_refusal(entry: QuarantinedSubmission, storage: Storage, *, by: Caller) -> Problem | None:
    """Why it would be refused now; None if it would be received."""
    try:
        with _read(entry, storage) as slip:
            check_reception(slip, by=_sender(entry, by), project_id=entry.project_id)
    except Problem as problem:
        return problem
    return None


def read_body(entry: QuarantinedSubmission, *, by: Caller) -> bytes:
    """The bytes as they were sent; of a restricted form nobody reads them here."""
    key = _form_key(entry)
    require(by, Verb.SUBMISSION_READ, project_id=entry.project_id, form=key)
    return entry.xml


def _form_key(entry: QuarantinedSubmission) -> FormKey:
    """The form that the body names, if it is one; what cannot be read may be a case."""
    try:
        xml_form_id = parse_instance(entry.xml).xml_form_id
    except FormsError:
        return FormKey(0, DataClass.CASE)
    form = forms.find_form(entry.project_id, xml_form_id)
    return FormKey.of(form) if form else FormKey(0, find_data_class(xml_form_id, ""))


def recover_body(entry: QuarantinedSubmission, *, checker: Checker, by: Caller) -> Recovery:
    """Receive it; refused again, it stays, with the new reason. Remove its files afterwards."""
    require(by, Verb.SUBMISSION_UPDATE, project_id=entry.project_id)
    try:
        with savepoint():
            receipt = _receive(entry, checker, by)
    except Problem as problem:
        if problem.status >= 500:
            raise
        entry.code = str(problem.code)
        audits.log(by, "submission.quarantine", "project", entry.project_id, code=entry.code)
        return Recovery(problem=problem)
    audits.log(by, "submission.release", "project", entry.project_id, code=entry.code)
    quarantine.remove(entry)
    return Recovery(receipt=receipt)


def drop_body(entry: QuarantinedSubmission, *, by: Caller) -> None:
    """Give it up for good. Remove its files afterwards."""
    require(by, Verb.SUBMISSION_UPDATE, project_id=entry.project_id)
    audits.log(by, "submission.drop", "project", entry.project_id, code=entry.code)
    quarantine.remove(entry)


def own_keys(entry: QuarantinedSubmission) -> list[str]:
    """Files that only quarantine knows. An edit that waited shares its own with its instance."""
    mark = owner_name("quarantine", entry.actor_id, entry.sha256)
    return [file["key"] for file in json.loads(entry.files) if f"/{mark}-" in file["key"]]


def _receive(entry: QuarantinedSubmission, checker: Checker, by: Caller) -> Receipt:
    sender = _sender(entry, by)
    with _read(entry, checker.storage) as read:
        slip = read
        if check_reception(slip, by=sender, project_id=entry.project_id):
            slip = keep_files(slip, checker.storage, project_id=entry.project_id, by=sender)
    slip = checker.with_judgement(slip, by=sender, project_id=entry.project_id)
    return receive_submission(slip, by=sender, project_id=entry.project_id, tz=checker.tz)


@contextmanager
def _read(entry: QuarantinedSubmission, storage: Storage) -> Iterator[Slip]:
    """The slip with its files on this machine, to be kept inside."""
    if not entry.xml:
        raise XmlPartMissing
    with ExitStack() as stack:
        files = tuple(_file(row, storage, stack) for row in json.loads(entry.files))
        slip = read_slip(entry.xml, files=files, device_id=entry.device_id)
        yield replace(slip, first_received_at=entry.received_at)


def _sender(entry: QuarantinedSubmission, by: Caller) -> Caller:
    name = actors.get_name(entry.actor_id)
    return Caller(entry.actor_id, name, by.occasion, is_operator=True, project_id=entry.project_id)


def _file(row: dict[str, str], storage: Storage, stack: ExitStack) -> File:
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    try:
        path = stack.enter_context(storage.fetched(row["key"]))
    except FileNotFoundError as error:
        raise NotFound(subject="file", name=row["name"]) from error
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            sha256.update(chunk)
            md5.update(chunk)
            size += len(chunk)
    upload = Upload(path, size, sha256.hexdigest(), md5.hexdigest())
    return File(row["name"], row["content_type"], upload)
