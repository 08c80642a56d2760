"""The form list (openrosa.md §4).

It is composed once for each caller, each state of the project's catalogue and each day, on which
assignments may end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request

from server.auth.callers import Caller
from server.auth.gate import FormKey, Rights
from server.auth.roles import Verb
from server.errors import NotAllowed
from server.http.requests import settings
from server.messages import text
from server.queries import forms

from .callers import authorise, door
from .documents import answer, document, segment
from .envelopes import language

bp = Blueprint("formlists", __name__)


@bp.get("/formList")
def form_list() -> Response:
    """One entry for each form; `listAllVersions`, `formID` and `verbose` are the standard's."""
    caller = authorise()
    wanted = _Wanted(
        form_id=request.args.get("formID"),
        all_versions=_is_on("listAllVersions"),
        verbose=_is_on("verbose"),
    )
    key = (caller.actor_id, caller.catalogue, caller.occasion.on, door(), wanted, language())
    composed = _documents.get(key)
    if composed is None:
        composed = document(_compose(caller, wanted))
        _documents.put(key, composed)
    return answer(*composed)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the client asked for beyond the list."""

    form_id: str | None
    all_versions: bool
    verbose: bool


class ListedForm(Protocol):
    """What a list says of a form."""

    @property
    def xml_form_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def md5(self) -> str: ...
    @property
    def has_files(self) -> bool: ...


class _Documents:
    """A bounded memory of composed lists; old states of the catalogue fall out."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: dict[tuple[object, ...], tuple[bytes, str]] = {}

    def get(self, key: tuple[object, ...]) -> tuple[bytes, str] | None:
        return self._kept.get(key)

    def put(self, key: tuple[object, ...], document: tuple[bytes, str]) -> None:
        if len(self._kept) >= self._size:
            self._kept.clear()
        self._kept[key] = document


_documents = _Documents(2000)


def _is_on(name: str) -> bool:
    """`?verbose=true`, `=1` and a bare `?listAllVersions` are all seen."""
    value = request.args.get(name)
    return value is not None and value.lower() not in ("false", "0", "no")


def _compose(caller: Caller, wanted: _Wanted) -> str:
    """Raise NotAllowed for who may fill nothing: an empty list would empty the phone (§6.4)."""
    rights = Rights(caller)
    project_id = caller.project_id or 0
    if not rights.may_somewhere(Verb.OPEN_FORM_READ, project_id=project_id):
        raise NotAllowed
    offered = [
        form
        for form in forms.list_offered(project_id, all_versions=wanted.all_versions)
        if rights.may(
            Verb.OPEN_FORM_READ, project_id=project_id, form=FormKey(form.id, form.data_class)
        )
        and wanted.form_id in (None, form.xml_form_id)
    ]
    return list_text(
        form_entry(
            form,
            f"{door()}/forms/{segment(form.xml_form_id)}/versions/{segment(form.version)}",
            description=_description(form.published_at) if wanted.verbose else "",
        )
        for form in offered
    )


def list_text(entries: Iterable[str]) -> str:
    return f'<xforms xmlns="http://openrosa.org/xforms/xformsList">{"".join(entries)}</xforms>'


def form_entry(form: ListedForm, address: str, *, description: str = "") -> str:
    """One form of a list; the XForm and the manifest are found at the address."""
    manifest = f"<manifestUrl>{escape(address)}/manifest</manifestUrl>" if form.has_files else ""
    return (
        "<xform>"
        f"<formID>{escape(form.xml_form_id)}</formID>"
        f"<name>{escape(form.title)}</name>"
        f"<version>{escape(form.version)}</version>"
        f"<hash>md5:{form.md5}</hash>"
        f"{description}"
        f"<downloadUrl>{escape(address)}.xml</downloadUrl>"
        f"{manifest}"
        "</xform>"
    )


def _description(published_at: datetime | None) -> str:
    if published_at is None:
        return ""
    day = published_at.astimezone(settings().tz).strftime("%d/%m/%Y")
    return f"<descriptionText>{escape(text('published_on', language(), day=day))}</descriptionText>"
