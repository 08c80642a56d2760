"""A form's own files: lists, images and sounds that phones download with it."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Collection, Mapping

from forms.definitions import ExpectedFile, FormDefinition
from server.errors import FormFilesMissing
from server.models import FormAttachment, FormVersion, Project
from server.queries import forms
from server.storage import Storage, Upload, owner_name

Media = bytes | Upload
"""A form's file: its bytes, or where they were received to; the upload stays with its owner."""

_TYPES = {".csv": "text/csv", ".geojson": "application/geo+json", ".xml": "text/xml"}


def choose_files(
    definition: FormDefinition,
    media: Mapping[str, Media],
    *,
    kept: Collection[str] = (),
    lists: Collection[str] = (),
    may_miss: bool = False,
) -> dict[str, Media]:
    """The files that the form names; a form without one of them would not open on a phone.

    `kept` are names of files that this version has already: they need not be handed in again.
    `lists` are those of the register, which phones get from there.
    """
    available = dict(media)
    if definition.itemsets_csv is not None:
        available.setdefault("itemsets.csv", definition.itemsets_csv)
    names = [file.name for file in definition.expected_files]
    there = {*available, *kept, *lists}
    missing = [name for name in names if name not in there]
    if missing and not may_miss:
        raise FormFilesMissing(form=definition.xml_form_id, names=", ".join(missing))
    return {name: available[name] for name in names if name in available}


def keep_form_files(
    version: FormVersion,
    definition: FormDefinition,
    files: Mapping[str, Media],
    project: Project,
    storage: Storage,
) -> int:
    """Store what is new or changed; return how many files were."""
    changed = 0
    owner = owner_name("form", project.id, definition.xml_form_id)
    for expected in definition.expected_files:
        known = forms.find_attachment(version.id, expected.name)
        content = files.get(expected.name)
        if content is None and known is None:
            forms.add_attachment(_place(version, expected))
        if content is None or (known is not None and known.md5 == _md5(content)):
            continue
        attachment = known or _place(version, expected)
        if known is not None and known.storage_key and version.published_at is not None:
            forms.note_served(version.id, known.name, known.storage_key)
        attachment.md5 = _md5(content)
        attachment.size = len(content) if isinstance(content, bytes) else content.size
        attachment.content_type = _content_type(expected.name)
        attachment.storage_key = _store(content, owner, storage)
        forms.add_attachment(attachment)
        changed += 1
    return changed


def _place(version: FormVersion, expected: ExpectedFile) -> FormAttachment:
    """For a file that is to come, or that phones get from the register."""
    return FormAttachment(form_version_id=version.id, name=expected.name, type=expected.type)


def _md5(content: Media) -> str:
    if isinstance(content, Upload):
        return content.md5
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _store(content: Media, owner: str, storage: Storage) -> str:
    if isinstance(content, Upload):
        return storage.keep(content, owner)
    with storage.receive() as writer:
        writer.write(content)
        upload = writer.finish()
    try:
        return storage.keep(upload, owner)
    finally:
        upload.path.unlink(missing_ok=True)


def _content_type(name: str) -> str:
    suffix = name[name.rfind(".") :].lower()
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
