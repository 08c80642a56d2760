"""Turn on a project's encryption: a key pair, and every form published again with it.

As Central's managed encryption (openrosa.md §6.2, rule 2): new versions; old ones stay accepted.
"""

from __future__ import annotations

from collections.abc import Sequence

from forms.errors import WorkbookRefused
from forms.keyed_forms import with_public_key
from forms.keys import public_text
from forms.xforms import parse_xform
from server.actions.publishing import make_version
from server.auth.callers import Caller
from server.auth.gate import require
from server.auth.keys import make_private_key, wrap_private_key
from server.auth.roles import Verb
from server.errors import EncryptionOn, TextTooLong, WorkbookHasErrors
from server.models import FormAttachment, FormVersion, Key, Project
from server.queries import audits, forms, keys, projects

MAX_HINT = 255
_FILE_COLUMNS = ("name", "type", "storage_key", "content_type", "md5", "size")


def encrypt_project(
    project: Project, *, passphrase: str, hint: str | None, by: Caller
) -> tuple[Key, Sequence[FormVersion]]:
    """Give the project a key and return it with the versions published for it; once and for good.

    Forms that bring their own key keep it: its private half stays with their owner.
    """
    require(by, Verb.PROJECT_UPDATE, project_id=project.id)
    if hint is not None and len(hint) > MAX_HINT:
        raise TextTooLong(limit=MAX_HINT)
    if keys.find_project_key(project.id, lock=True) is not None:
        raise EncryptionOn(feature="managed encryption")
    private = make_private_key()
    public = public_text(private)
    wrapped = wrap_private_key(private, public, passphrase)
    key = keys.add_managed_key(project, public=public, private=wrapped, hint=hint)
    audits.log(by, "project.update", "project", project.id, data={"keyId": key.id})
    versions = [_publish_again(id_, key, by) for id_ in forms.list_current_ids(project.id)]
    projects.touch_catalogue(project.id)
    return key, [version for version in versions if version is not None]


def _publish_again(version_id: int, key: Key, by: Caller) -> FormVersion | None:
    """The version with the key; None where it has its own."""
    old = forms.get_version_with_bytes(version_id)
    definition = parse_xform(old.xform).with_commune_field(old.commune_field)
    if definition.public_key:
        return None
    try:
        keyed = with_public_key(definition, key.public)
    except WorkbookRefused as error:
        raise WorkbookHasErrors(error=str(error), problems=error.problems) from error
    source, filename = old.workbook or keyed.xform, old.workbook_name or f"{old.form_id}.xml"
    version = make_version(keyed, source, filename, by)
    form = old.form
    forms.add_published_version(form, version)
    for file in forms.list_attachments(old.id):
        columns = {name: getattr(file, name) for name in _FILE_COLUMNS}
        forms.add_attachment(FormAttachment(form_version_id=version.id, **columns))
    audits.log(by, "form.update.publish", "form", form.id, version=version.version)
    return version
