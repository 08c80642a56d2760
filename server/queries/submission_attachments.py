"""Files that submissions name and bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Row, and_, func, insert, select, update

from server.db import db, execute, utc_now
from server.models import Submission, SubmissionAttachment, SubmissionVersion

_ADD = insert(SubmissionAttachment)
_BATCH = 500  # SQLite plans a short statement sooner
FileRow = Row[int, str, bool, str | None]
"""(submission_version_id, name, is_conflict, storage_key)"""


class Attached(Enum):
    """What became of a file that came: it was there, it is new, or its name was taken."""

    KNOWN = "known"
    NEW = "new"
    CONFLICT = "conflict"


def carry_forward(version_id: int) -> None:
    """Fill what later versions still miss with files that came late for this one."""
    this = select(SubmissionVersion.submission_id).where(SubmissionVersion.id == version_id)
    later = select(SubmissionVersion.id).where(
        SubmissionVersion.submission_id == this.scalar_subquery(),
        SubmissionVersion.id > version_id,
    )
    for other in db.session.scalars(later.order_by(SubmissionVersion.id)).all():
        carry_over_files(version_id, other)


@dataclass(frozen=True, slots=True)
class NewFile:
    """The columns of a file that came."""

    name: str
    sha256: str
    md5: str
    size: int
    content_type: str
    storage_key: str


def add_files(
    version_id: int, expected: Sequence[str], files: Sequence[NewFile]
) -> dict[str, Attached]:
    """The files of a version that is new: those it names, a place for each that is to come."""
    rows = {name: _row(version_id, name, is_expected=True) for name in expected}
    others = []
    states = {}
    for file in dict.fromkeys(files):
        row = rows.get(file.name)
        if row is None:
            row = rows[file.name] = _row(version_id, file.name, is_expected=False)
        elif row["sha256"]:
            row = _row(version_id, file.name, is_expected=False) | {"is_conflict": True}
            others.append(row)
        row |= asdict(file) | {"received_at": utc_now()}
        states[file.name] = Attached.CONFLICT if row["is_conflict"] else Attached.NEW
    if rows:
        execute(_ADD, [*rows.values(), *others])
    return states


def _row(version_id: int, name: str, *, is_expected: bool) -> dict[str, Any]:
    empty = dict.fromkeys(("md5", "size", "content_type", "storage_key", "received_at"))
    return {
        "submission_version_id": version_id,
        "name": name,
        "is_expected": is_expected,
        "is_conflict": False,
        "sha256": "",
        **empty,
    }


def carry_over_files(from_version_id: int, to_version_id: int) -> None:
    """Fill the empty slots of an edit with the files of the version that it replaces.

    Such a slot has no `received_at`: the edit's own file of that name still takes its place.
    """
    for slot in list_attachments(to_version_id):
        old = _find_file(from_version_id, slot.name)
        if old is not None and not slot.sha256:
            for column in ("sha256", "md5", "size", "content_type", "storage_key"):
                setattr(slot, column, getattr(old, column))
    db.session.flush()


def attach_file(version_id: int, file: NewFile) -> Attached:
    """Put a file into its slot; the same file again changes nothing, another one is a conflict."""
    same_name = and_(
        SubmissionAttachment.submission_version_id == version_id,
        SubmissionAttachment.name == file.name,
    )
    columns = (
        SubmissionAttachment.id,
        SubmissionAttachment.sha256,
        SubmissionAttachment.received_at,
    )
    known = db.session.execute(select(*columns).where(same_name)).all()
    if file.sha256 in {row.sha256 for row in known}:
        return Attached.KNOWN
    values = asdict(file) | {"received_at": utc_now()}
    waiting = [row.id for row in known if row.received_at is None]
    if waiting:
        slot = SubmissionAttachment.id == waiting[0]
        db.session.execute(update(SubmissionAttachment).where(slot).values(values))
        return Attached.NEW
    row = _row(version_id, file.name, is_expected=False) | values | {"is_conflict": bool(known)}
    execute(_ADD, [row])
    return Attached.CONFLICT if known else Attached.NEW


def mark_changed(version_id: int) -> int:
    """A file that comes late makes its submission new to those who ask what has changed.

    Return the submission's id.
    """
    of_version = select(SubmissionVersion.submission_id).where(SubmissionVersion.id == version_id)
    submission_id = db.session.scalars(of_version).one()
    changed = update(Submission).where(Submission.id == submission_id)
    db.session.execute(changed.values(changed_at=utc_now()))
    return submission_id


def count_files(version_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(present, expected) by version; versions that expect nothing are left out."""
    arrived = func.count(SubmissionAttachment.id).filter(SubmissionAttachment.sha256 != "")
    query = (
        select(SubmissionAttachment.submission_version_id, arrived, func.count())
        .where(
            SubmissionAttachment.submission_version_id.in_(version_ids),
            SubmissionAttachment.is_expected,
        )
        .group_by(SubmissionAttachment.submission_version_id)
    )
    return {version: (present, all_) for version, present, all_ in db.session.execute(query)}


def _find_file(version_id: int, name: str) -> SubmissionAttachment | None:
    query = select(SubmissionAttachment).where(
        SubmissionAttachment.submission_version_id == version_id,
        SubmissionAttachment.name == name,
        SubmissionAttachment.sha256 != "",
        SubmissionAttachment.is_conflict.is_(False),
    )
    return db.session.scalar(query)


def list_attachments(version_id: int) -> Sequence[SubmissionAttachment]:
    """Slots and files, by name; the current file of a name before its conflicts."""
    query = select(SubmissionAttachment).where(
        SubmissionAttachment.submission_version_id == version_id,
        SubmissionAttachment.erased_at.is_(None),
    )
    by_name = (SubmissionAttachment.name, SubmissionAttachment.is_conflict, SubmissionAttachment.id)
    return db.session.scalars(query.order_by(*by_name)).all()


def list_current_files(version_ids: Sequence[int]) -> dict[int, list[FileRow]]:
    """The slots and files of some versions, without erased ones, each in the order of
    `list_attachments`.
    """
    columns = (
        SubmissionAttachment.submission_version_id,
        SubmissionAttachment.name,
        SubmissionAttachment.is_conflict,
        SubmissionAttachment.storage_key,
    )
    found: dict[int, list[FileRow]] = {}
    for at in range(0, len(version_ids), _BATCH):
        of_versions = SubmissionAttachment.submission_version_id.in_(version_ids[at : at + _BATCH])
        query = select(*columns).where(of_versions, SubmissionAttachment.erased_at.is_(None))
        order = (SubmissionAttachment.name, SubmissionAttachment.is_conflict)
        for row in execute(query.order_by(*order, SubmissionAttachment.id)):
            found.setdefault(row.submission_version_id, []).append(row)
    return found


def list_missing(version_id: int) -> list[str]:
    """Names of the files that have not arrived."""
    query = select(SubmissionAttachment.name).where(
        SubmissionAttachment.submission_version_id == version_id,
        SubmissionAttachment.sha256 == "",
        SubmissionAttachment.erased_at.is_(None),
    )
    return list(db.session.scalars(query.order_by(SubmissionAttachment.id)))
