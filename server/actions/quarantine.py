"""Keep a refused body for the operator, so that a wrong configuration loses no field work."""

from __future__ import annotations

import hashlib
import json

from server.actions.erasing import is_erased
from server.actions.slips import File
from server.auth.callers import Caller
from server.errors import Problem
from server.log import get_logger
from server.models import HeldEdit, QuarantinedSubmission
from server.queries import audits, quarantine
from server.storage import Storage, owner_name


def quarantine_body(
    xml: bytes,
    files: tuple[File, ...],
    problem: Problem,
    *,
    by: Caller,
    project_id: int,
    device_id: str | None,
    storage: Storage,
) -> None:
    """Keep what was refused, once for each sender and content, within the bounds.

    Of what was erased nothing is kept (design, promise 2).
    """
    sha256 = _content_hash(xml, files)
    size = len(xml) + sum(file.upload.size for file in files)
    if by.actor_id is None or quarantine.is_known(by.actor_id, sha256):
        return
    if is_erased(xml, project_id):  # refused or not, nothing of it is stored again
        return
    if not quarantine.has_room(by.actor_id, size):
        get_logger().warning("quarantine is full", actor=by.actor_id, code=str(problem.code))
        return
    owner = owner_name("quarantine", by.actor_id, sha256)
    kept = [
        {"name": f.name, "key": storage.keep(f.upload, owner), "content_type": f.content_type}
        for f in files
    ]
    entry = QuarantinedSubmission(
        project_id=project_id,
        actor_id=by.actor_id,
        code=str(problem.code),
        sha256=sha256,
        xml=xml,
        files=json.dumps(kept),
        size=size,
        device_id=device_id,
    )
    quarantine.add(entry)
    audits.log(by, "submission.quarantine", "project", project_id, code=str(problem.code))


def quarantine_held(held: HeldEdit, problem: Problem, *, by: Caller) -> None:
    """Keep an edit that waited and then could not be applied; its files are in the storage."""
    files = [{key: file[key] for key in ("name", "key", "content_type")} for file in held.files]
    entry = QuarantinedSubmission(
        project_id=held.project_id,
        actor_id=held.actor_id,
        code=str(problem.code),
        sha256=hashlib.sha256(held.xml).hexdigest(),
        xml=held.xml,
        files=json.dumps(files),
        size=held.size,
        device_id=held.device_id,
    )
    quarantine.add(entry)
    code = str(problem.code)
    audits.log(by, "submission.quarantine", "project", held.project_id, code=code)


def _content_hash(xml: bytes, files: tuple[File, ...]) -> str:
    digest = hashlib.sha256(xml)
    for file in files:
        digest.update(f"\0{file.name}\0{file.upload.sha256}".encode())
    return digest.hexdigest()
