"""Hold an edit whose original has not come, and give it out again when it has (design §11)."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from server.actions.slips import File, Slip, read_slip
from server.auth.callers import Caller
from server.errors import EditsItself, InstanceConflict, OriginalNotFound
from server.models import HeldEdit
from server.queries import audits, held_edits
from server.storage import Upload

MAX_BYTES_OF_ONE = 200_000_000
MAX_CHAIN = 100


def hold_edit(
    slip: Slip, *, project_id: int, form_id: int, version_id: int, by: Caller
) -> tuple[str, ...]:
    """Keep the edit and what came with it; return the names of all its files so far.

    Raises OriginalNotFound where nobody known sent it, or this sender's share is full.
    """
    if by.actor_id is None:
        raise OriginalNotFound(deprecatedId=slip.instance.deprecated_id)
    held = held_edits.find_held(form_id, slip.instance.instance_id)
    if held is not None:
        return _add_files(held, slip, by)
    deprecated_id = slip.instance.deprecated_id or ""
    _require_no_cycle(form_id, slip.instance.instance_id, deprecated_id)
    size = len(slip.xml) + sum(file.upload.size for file in slip.files)
    _require_room(by.actor_id, size, deprecated_id)
    new = HeldEdit(
        project_id=project_id,
        form_id=form_id,
        form_version_id=version_id,
        instance_id=slip.instance.instance_id,
        deprecated_id=deprecated_id,
        xml=slip.xml,
        files=[_file_row(file) for file in slip.files],
        size=size,
        actor_id=by.actor_id,
        device_id=slip.device_id,
        user_agent=slip.user_agent,
    )
    if held_edits.try_add_held(new):
        audits.log(by, "submission.backlog.hold", "form", form_id)
        return tuple(file["name"] for file in new.files)
    held = held_edits.find_held(form_id, slip.instance.instance_id)  # another request was faster
    if held is None:
        raise InstanceConflict(instance_id=slip.instance.instance_id)
    return _add_files(held, slip, by)


def _require_room(actor_id: int, size: int, deprecated_id: str) -> None:
    if held_edits.size_held(actor_id) + size > MAX_BYTES_OF_ONE:
        raise OriginalNotFound(deprecatedId=deprecated_id)


def _require_no_cycle(form_id: int, instance_id: str, deprecated_id: str) -> None:
    """Edits that wait for each other would wait for ever."""
    awaited: str | None = deprecated_id
    for _ in range(MAX_CHAIN):
        held = held_edits.find_held(form_id, awaited) if awaited else None
        if held is None:
            return
        awaited = held.deprecated_id
        if awaited == instance_id:
            raise EditsItself(instance_id=instance_id)


def held_slip(held: HeldEdit) -> Slip:
    """What was held, as if it came now."""
    files = tuple(_file(row) for row in held.files)
    slip = read_slip(held.xml, files=files, device_id=held.device_id, user_agent=held.user_agent)
    return replace(slip, first_received_at=held.received_at)


def _add_files(held: HeldEdit, slip: Slip, by: Caller) -> tuple[str, ...]:
    if held.xml != slip.xml:
        raise InstanceConflict(instance_id=slip.instance.instance_id)
    known = {(row["name"], row["sha256"]) for row in held.files}
    new = [f for f in slip.files if (f.name, f.upload.sha256) not in known]
    size = sum(file.upload.size for file in new)
    if new:
        _require_room(held.actor_id, size, held.deprecated_id)
        audits.log(by, "submission.backlog.hold", "form", held.form_id, files=len(new))
    held.files = [*held.files, *(_file_row(file) for file in new)]
    held.size += size
    return tuple(row["name"] for row in held.files)


def _file_row(file: File) -> dict[str, Any]:
    upload = asdict(file.upload)
    upload.pop("path")
    return upload | {"name": file.name, "content_type": file.content_type, "key": file.key}


def _file(row: dict[str, Any]) -> File:
    upload = Upload(Path(), row["size"], row["sha256"], row["md5"])
    return File(row["name"], row["content_type"], upload, row["key"])
