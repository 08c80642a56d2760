"""What one request brings: the instance, and the files beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from forms.errors import InstanceRefused, Reason
from forms.instances import Instance, parse_instance
from server.actions.checking.judgements import Judgement
from server.auth.callers import Caller
from server.errors import FieldMissing, NotXml, Problem, TextTooLong, TooLarge
from server.storage import Storage, Upload, owner_name

_REFUSALS: dict[Reason, type[Problem]] = {
    Reason.NOT_XML: NotXml,
    Reason.HAS_DTD: NotXml,
    Reason.TOO_LARGE: TooLarge,
    Reason.NO_FORM_ID: FieldMissing,
    Reason.TEXT_TOO_LONG: TextTooLong,
}


MAX_NAME = 255


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
    judgement: Judgement | None = None
    """What the check found before anything is written; None if it was not checked."""


def attachment_name(text: str) -> str:
    """The name of a file as sent or as answered, but never a path: one rule for both sides.

    Separators and control characters become `_`; at most 255 characters stay.
    """
    name = "".join("_" if c in "/\\" or c < " " or c == "\x7f" else c for c in text)[:MAX_NAME]
    return "_" * len(name) if name in (".", "..") else name or "_"


def plain_text(text: str | None, length: int = 255) -> str | None:
    """What a client says of itself, without what no table takes; None where it says nothing."""
    return "".join(c for c in text if c.isprintable())[:length] or None if text else None


def read_slip(
    xml: bytes,
    *,
    files: tuple[File, ...] = (),
    device_id: str | None = None,
    user_agent: str | None = None,
) -> Slip:
    """Parse the bytes; raise the Problem that says why they cannot be an instance."""
    try:
        instance = parse_instance(xml)
    except InstanceRefused as error:
        problem = _REFUSALS[error.reason]
        raise problem(field="id", limit=error.detail or "10000000") from error
    return Slip(xml, instance, files, device_id, user_agent)


def keep_files(slip: Slip, storage: Storage, *, project_id: int, by: Caller) -> Slip:
    """Make the files durable under their final names, before any row speaks of them."""
    kind = ("draft",) if by.draft is not None else ()
    owner = owner_name(*kind, project_id, slip.instance.xml_form_id, slip.instance.instance_id)
    kept = tuple(replace(file, key=storage.keep(file.upload, owner)) for file in slip.files)
    return replace(slip, files=kept)
