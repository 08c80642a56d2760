"""Publish the forms of a source that are missing here, with their files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from forms.envelopes import MediaFile
from forms.openrosa_lists import ListedForm
from server.actions.publishing import Published, publish_form
from server.actions.pulling.sources import Source
from server.actions.slips import attachment_name
from server.auth.callers import Caller
from server.db import db
from server.errors import FileDamagedAtSource, FormDiffersAtSource, SourceIsBroken, VersionExists
from server.models import Project
from server.queries import audits, forms, pulls
from server.storage import Storage, Upload

_MAX_MEDIA = 10_000


@dataclass(frozen=True, slots=True)
class FetchedForm:
    """A form version on this machine, not yet published; its uploads are still temporary."""

    listed: ListedForm
    xform: bytes
    media: dict[str, Upload] = field(default_factory=dict)


def list_missing(source: Source, listed: ListedForm, project: Project) -> list[ListedForm]:
    """The versions to fetch, in the order in which to publish them.

    A version whose hash is that of the one here is not asked for again.
    """
    form = forms.find_form(project.id, listed.xml_form_id)
    here = {v.version: v.md5 for v in forms.list_versions(form)} if form else {}
    db.session.rollback()  # hold no connection while the source is asked
    offered = source.list_versions(listed)
    return [v for v in offered if not v.md5 or here.get(v.version) != v.md5]


@contextmanager
def fetched(
    source: Source, listed: ListedForm, storage: Storage, limit: int
) -> Iterator[FetchedForm]:
    """Download a version and its files; the files are gone at the end unless they were kept."""
    form = FetchedForm(listed, source.load_xform(listed))
    try:
        for file in source.list_media(listed)[:_MAX_MEDIA]:
            form.media[attachment_name(file.name)] = fetch_file(source, file, storage, limit)
        yield form
    finally:
        for upload in form.media.values():
            upload.path.unlink(missing_ok=True)


def fetch_file(source: Source, file: MediaFile, storage: Storage, limit: int) -> Upload:
    """Download to disk; what does not have the announced hash is no file of the source's."""
    upload = source.client.download(file.url, storage, limit=limit)
    if file.md5 and upload.md5 != file.md5:
        upload.path.unlink(missing_ok=True)
        raise FileDamagedAtSource(source=source.name, name=file.name)
    return upload


def publish_fetched(
    fetched_form: FetchedForm,
    source: Source,
    *,
    is_offered: bool,
    project: Project,
    storage: Storage,
    by: Caller,
) -> Published | None:
    """Publish it; None if the same bytes were published here before.

    A version that the source no longer offers does not take the place of the one offered here.
    """
    listed = fetched_form.listed
    form = forms.find_form(project.id, listed.xml_form_id)
    known = forms.find_version(form, listed.version) if form else None
    if known is not None:
        if known.sha256 != hashlib.sha256(fetched_form.xform).hexdigest():
            raise _conflict(source, listed)
        return None
    current = forms.find_current_version(form) if form else None
    offered = current.id if current else None
    try:
        published = publish_form(
            fetched_form.xform,
            filename=f"{listed.xml_form_id}.xml",
            media=fetched_form.media,
            project=project,
            storage=storage,
            by=by,
        )
    except VersionExists as error:
        raise _conflict(source, listed) from error
    if published.definition.xml_form_id != listed.xml_form_id:
        raise SourceIsBroken(source=source.name, reason=published.definition.xml_form_id)
    if offered is not None and not is_offered:
        pulls.offer_version(published.form, offered)
        details = {"offered": current.version if current else ""}
        audits.log(by, "form.update", "form", published.form.id, **details)
    return published


def _conflict(source: Source, listed: ListedForm) -> FormDiffersAtSource:
    return FormDiffersAtSource(source=source.name, form=listed.xml_form_id, version=listed.version)
