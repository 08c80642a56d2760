"""A draft as a phone tries it out: list, form and files of its own; what is sent is a draft's."""

from __future__ import annotations

from flask import Blueprint, Response

from server.errors import NotAllowed
from server.models import FormVersion
from server.queries import forms

from . import formfiles
from .callers import authorise, door
from .documents import answer, document
from .formlists import form_entry, list_text

bp = Blueprint("drafts", __name__)


@bp.get("/draft.xml")
def form_xml() -> Response:
    return formfiles.form_xml(_draft())


@bp.get("/draft/formList")
def form_list() -> Response:
    version = _draft()
    listed = forms.get_listed_draft(version.id)
    return answer(*document(list_text([form_entry(listed, door())])))


@bp.get("/draft/manifest")
def manifest() -> Response:
    return formfiles.manifest(_draft(), door())


@bp.get("/draft/attachments/<segment:name>")
def media(name: str) -> Response:
    return formfiles.media(_draft(), name)


def _draft() -> FormVersion:
    caller = authorise()
    if caller.draft is None:
        raise NotAllowed
    return forms.get_version_by_id(caller.draft.version_id)
