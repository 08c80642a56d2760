"""…/submissions.csv, …/submissions.csv.zip, and the same of a draft (central-api.md §11, §12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, request, stream_with_context

from exports.names import bare_file_name
from exports.options import Options
from server.actions.decrypting import Opener, Unlocking
from server.actions.exporting.central import CentralExport, CentralOrder
from server.actions.exporting.writing import Installed, log_central
from server.auth.callers import Caller
from server.db import snapshot, transaction
from server.errors import WrongType
from server.models import Form
from server.queries import forms
from server.queries.exports import ExportScope
from server.queries.filtering import kinds_of
from server.queries.submission_fields import FIELDS, asks_for_deleted

from ..requests import settings, storage
from .bodies import flag, read_json
from .callers import identify
from .odata.options import read_filter

bp = Blueprint(
    "submission_exports",
    __name__,
    url_prefix="/projects/<id:project_id>/forms/<segment:xml_form_id>",
)
_KEY_DIGITS = 9
_OF_FORMS = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is sent: its suffix and type, and which stream it is."""

    suffix: str
    mimetype: str
    stream: Callable[[CentralExport], Iterator[bytes]]
    with_files: bool = False


_TABLE = _Kind(".csv", "text/csv", CentralExport.csv)
_TABLES = _Kind(".csv.zip", "application/zip", CentralExport.zip)
_ALL = _Kind(".zip", "application/zip", CentralExport.zip, with_files=True)


@bp.route("/submissions.csv", methods=["GET", "POST"])
def table(project_id: int, xml_form_id: str) -> Response:
    return _download(project_id, xml_form_id, _TABLE)


@bp.route("/submissions.csv.zip", methods=["GET", "POST"])
def tables(project_id: int, xml_form_id: str) -> Response:
    return _download(project_id, xml_form_id, _zip_kind())


@bp.route("/draft/submissions.csv", methods=["GET", "POST"])
def draft_table(project_id: int, xml_form_id: str) -> Response:
    return _download(project_id, xml_form_id, _TABLE, is_draft=True)


@bp.route("/draft/submissions.csv.zip", methods=["GET", "POST"])
def draft_tables(project_id: int, xml_form_id: str) -> Response:
    return _download(project_id, xml_form_id, _zip_kind(), is_draft=True)


def _zip_kind() -> _Kind:
    return _TABLES if flag("attachments") is False else _ALL


def _download(
    project_id: int, xml_form_id: str, kind: _Kind, *, is_draft: bool = False
) -> Response:
    by = identify().caller
    form = forms.get_form(project_id, xml_form_id)
    order = _read_order(form, kind, is_draft=is_draft)
    with snapshot():
        export = _open(order, form, by)
        tag, count, opener = export.tag, export.count, export.opener
    is_read = request.method in ("GET", "HEAD")
    if is_read and request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        if not is_draft and request.method != "HEAD":
            with transaction():
                log_central(form, order.unlocking, submissions=count, by=by)
        response, tag = _stream(order, form, kind, by, opener)
    response.set_etag(tag)
    return response


def _stream(
    order: CentralOrder, form: Form, kind: _Kind, by: Caller, opener: Opener
) -> tuple[Response, str]:
    """The answer, and the tag of what it holds: all of it is read as of one moment.

    The moment ends with the stream, also where the client goes away before its first byte.
    """
    with ExitStack() as stack:
        stack.enter_context(snapshot())
        export = _open(order, form, by, opener)
        tag, name = export.tag, bare_file_name(f"{form.xml_form_id}{kind.suffix}")
        if request.method == "HEAD":
            response = Response(mimetype=kind.mimetype)
        else:
            pieces = _held(stack.pop_all(), kind.stream(export))
            next(pieces)
            response = Response(stream_with_context(pieces), mimetype=kind.mimetype)
    plain = name.encode("ascii", "replace").decode().replace('"', "").replace("\\", "")
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Disposition"] = named
    return response, tag


def _held(stack: ExitStack, pieces: Iterator[bytes]) -> Iterator[bytes]:
    with stack:
        yield b""
        yield from pieces


def _open(
    order: CentralOrder, form: Form, by: Caller, opener: Opener | None = None
) -> CentralExport:
    at = Installed.of(storage(), settings().secret_key, settings().tz)
    return CentralExport(order, form, at=at, by=by, opener=opener)


def _read_order(form: Form, kind: _Kind, *, is_draft: bool) -> CentralOrder:
    condition = read_filter(kinds_of(FIELDS))
    return CentralOrder(
        ExportScope(
            form.project_id,
            form.id,
            with_deleted=condition is not None and asks_for_deleted(condition),
            condition=condition,
            is_draft=is_draft,
        ),
        Options.of_central(
            split=flag("splitSelectMultiples") is True,
            group_prefixes=flag("groupPaths") is not False,
            older_fields=flag("deletedFields") is True,
        ),
        with_files=kind.with_files,
        unlocking=Unlocking(by_key=tuple(sorted(_read_passphrases().items()))),
    )


def _read_passphrases() -> dict[int, str]:
    """By the number of the key: in the query, or in a body, which may be a form or JSON."""
    given: dict[str, object] = dict(request.args.items())
    if request.method == "POST":
        given |= request.form if request.mimetype == _OF_FORMS else read_json()
    found: dict[int, str] = {}
    for name, value in given.items():
        if name.isascii() and name.isdecimal() and len(name) <= _KEY_DIGITS:
            if not isinstance(value, str):
                raise WrongType(field=name, expected="string")
            found[int(name)] = value
    return found
