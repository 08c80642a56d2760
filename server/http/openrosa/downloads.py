"""Published forms as phones download them: every version ever published stays served (§6.2)."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, g

from server.actions.definitions import get_definition
from server.actions.entities.lists import find_phone_lists
from server.actions.unit_lists import remembered_unit_lists
from server.auth.callers import Caller
from server.auth.gate import FormKey, require
from server.auth.roles import Verb
from server.errors import FormClosed, FormNotFound, VersionNotFound
from server.http.requests import settings
from server.models import FormState
from server.queries.catalogues import remembered
from server.queries.forms import ServedRow, find_served

from . import formfiles
from .callers import authorise, door
from .documents import NO_VERSION, segment

bp = Blueprint("downloads", __name__, url_prefix="/forms")
_FORM = "/<segment:xml_form_id>"
_VERSION = f"{_FORM}/versions/<segment:version>"
_find_served = remembered(find_served)


@bp.get(f"{_FORM}.xml")
@bp.get(f"{_VERSION}.xml")
def form_xml(xml_form_id: str, version: str | None = None) -> Response:
    return formfiles.form_xml(_readable_version(xml_form_id, version))


@bp.get(f"{_FORM}/manifest")
@bp.get(f"{_VERSION}/manifest")
def manifest(xml_form_id: str, version: str | None = None) -> Response:
    found = _readable_version(xml_form_id, version)
    address = f"{door()}/forms/{segment(xml_form_id)}/versions/{segment(found.version)}"
    return formfiles.manifest(found, address, _made_lists(), _entity_lists(found))


@bp.get(f"{_FORM}/attachments/<segment:name>")
@bp.get(f"{_VERSION}/attachments/<segment:name>")
def media(xml_form_id: str, name: str, version: str | None = None) -> Response:
    found = _readable_version(xml_form_id, version)
    listed = _entity_lists(found).get(name)
    if listed is not None:
        return formfiles.entity_list(listed)
    return formfiles.media(found, name, _made_lists())


def _made_lists() -> formfiles.Made:
    """The lists of the app user's own villages; a person who signs in gets the attached ones."""
    caller: Caller = g.caller
    if g.token is None or caller.actor_id is None:
        return formfiles.NOTHING_MADE
    on = datetime.now(settings().tz).date()
    return remembered_unit_lists(caller.catalogue, caller.actor_id, on)


def _entity_lists(version: ServedRow) -> formfiles.Lists:
    """Of the files that the form names; what the caller may not read is a list without rows."""
    caller: Caller = g.caller
    definition = get_definition(version.id, version.sha256, version.commune_field)
    names = [file.name for file in definition.expected_files]
    return find_phone_lists(caller, caller.project_id or 0, names)


def _readable_version(xml_form_id: str, version: str | None) -> ServedRow:
    """A published version that the phone may read; None means the one now offered."""
    caller = authorise()
    project_id = caller.project_id or 0
    wanted = "" if version == NO_VERSION else version
    found = _find_served(caller.catalogue, project_id, xml_form_id, wanted)
    if found is None:
        raise FormNotFound(form=xml_form_id)
    key = FormKey(found.form_id, found.data_class)
    require(caller, Verb.OPEN_FORM_READ, project_id=project_id, form=key)
    if found.state is FormState.CLOSED:
        raise FormClosed(form=xml_form_id)
    if found.id is None:
        raise VersionNotFound(form=xml_form_id, version=wanted or "")
    return found
