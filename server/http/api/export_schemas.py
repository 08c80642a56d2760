"""What an export is asked with, in a body or an address, and what is told of one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import request
from marshmallow import Schema, fields

from exports.options import Split, Values
from server.actions.exporting.asking import ExportRequest, is_edition
from server.actions.exporting.orders import FORMAT_NAMES, By
from server.actions.exporting.profiles import Profile
from server.db import utc_now
from server.errors import UnexpectedKeys, ValueNotAllowed
from server.http.requests import settings
from server.messages import error_text
from server.models import Export, ExportState, ReviewState

from .bodies import Body, Timestamp, read, read_json

_DIGITS = 9


class Word(fields.Field[Any]):
    """One of the words; `of` makes the value of it."""

    def __init__(self, words: Collection[str], of: Any = str, **options: Any) -> None:
        super().__init__(**options)
        self._words = sorted(words)
        self._of = of

    def _deserialize(self, value: Any, attr: str | None, *_: Any, **__: Any) -> Any:
        if value not in self._words:
            raise _not_allowed(attr, value, ", ".join(self._words))
        return self._of(value)


class Text(fields.String):
    """Text that databases can be asked for."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **more)
        if "\0" in text:
            raise _not_allowed(attr, text, "NUL")
        return text


class Day(fields.Field[date]):
    """Where the installation is."""

    def _deserialize(self, value: Any, attr: str | None, *_: Any, **__: Any) -> date:
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise _not_allowed(attr, value, "YYYY-MM-DD") from error


class Number(fields.Field[int]):
    """Of a thing that has one."""

    def _deserialize(self, value: Any, attr: str | None, *_: Any, **__: Any) -> int:
        text = str(value)
        if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS and int(text)):
            raise _not_allowed(attr, value, "1, 2, 3, …")
        return int(text)


class Edition(fields.Field[str]):
    """A word or a day."""

    def _deserialize(self, value: Any, attr: str | None, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not is_edition(value):
            raise _not_allowed(attr, value, "as-reported, current, YYYY-MM-DD")
        return value


def _not_allowed(name: str | None, value: object, reason: str) -> ValueNotAllowed:
    return ValueNotAllowed(field=name or "review", value=str(value)[:100], reason=reason)


def _switch(name: str) -> fields.Boolean:
    return fields.Boolean(data_key=name, truthy={True}, falsy={False})


class RequestBody(Body):
    """What is left out is as with `phieu exports write`."""

    format = Word(FORMAT_NAMES)
    by = Word([by.value for by in By], By)
    units = fields.List(Text())
    edition = Edition()
    labels = Text()
    values = Word([v.value for v in Values], Values)
    split = Word([s.value for s in Split], Split)
    group_prefixes = _switch("groupPrefixes")
    older_fields = _switch("olderFields")
    deleted = _switch("deleted")
    columns = fields.List(Text())
    received_from = Day(data_key="from", allow_none=True)
    received_to = Day(data_key="to", allow_none=True)
    review = fields.List(Word([state.value for state in ReviewState], ReviewState))
    profile = Word([p.value for p in Profile], Profile)
    purpose = Text()
    recipient = Text()
    until = Day(allow_none=True)
    release = Number(allow_none=True)
    grid = _switch("grid")


_LISTS = {"unit": "units", "column": "columns", "review": "review"}
"""In an address, where each may be repeated; the names in a body."""
_SWITCHES = ("groupPrefixes", "olderFields", "deleted", "grid")
_ASIDE = {"__csrf", "st"}


def read_body() -> ExportRequest:
    """Raises UnexpectedKeys for what nobody knows: it would be an export of something else."""
    schema = RequestBody()
    _refuse_unknown(read_json(), [f.data_key or n for n, f in schema.fields.items()])
    return _request(read(schema))


def read_query() -> ExportRequest:
    """The same in the address."""
    schema = RequestBody()
    names = {f.data_key or n for n, f in schema.fields.items()} - set(_LISTS.values())
    _refuse_unknown(request.args, [*names, *_LISTS])
    given: dict[str, Any] = {n: v for n, v in request.args.items() if n in names}
    for name in _SWITCHES:
        if name in given:
            given[name] = _flag(name, given[name])
    for name, listed in _LISTS.items():
        if name in request.args:
            given[listed] = request.args.getlist(name)
    return _request(dict(schema.load(given)))


def _request(loaded: dict[str, Any]) -> ExportRequest:
    values: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in loaded.items()
    }
    return ExportRequest(**values)


def _refuse_unknown(given: Collection[str], known: Collection[str]) -> None:
    strange = set(given) - set(known) - _ASIDE
    if strange:
        raise UnexpectedKeys(expected=sorted(known), actual=sorted(strange)[:20])


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise _not_allowed(name, text, "true, false")
    return text.lower() == "true"


class ExportSchema(Schema):
    """What is told of one."""

    id = fields.Integer()
    project_id = fields.Integer(data_key="projectId")
    request = fields.Raw()
    state = fields.Enum(ExportState, by_value=True)
    created_at = Timestamp(data_key="createdAt")
    started_at = Timestamp(data_key="startedAt")
    finished_at = Timestamp(data_key="finishedAt")
    expires_at = Timestamp(data_key="expiresAt")
    progress = fields.Method("_progress")
    name = fields.String(data_key="filename")
    size = fields.Integer()
    error = fields.Method("_error")

    def _progress(self, export: Export) -> dict[str, Any]:
        """Submissions; the time left is told while it is written, once something is."""
        done, total = export.done, export.total
        share = None if total is None else done / total if total else 1.0
        return {
            "done": done,
            "total": total,
            "percent": None if share is None else int(share * 100),
            "secondsLeft": _seconds_left(export, share),
        }

    def _error(self, export: Export) -> dict[str, Any] | None:
        if export.error_code is None:
            return None
        details = export.error_details or {}
        message = error_text(Decimal(export.error_code), settings().lang, details)
        return {"code": float(export.error_code), "message": message}


def dump_export(export: Export, xml_form_id: str) -> dict[str, Any]:
    return {**ExportSchema().dump(export), "xmlFormId": xml_form_id}


def _seconds_left(export: Export, share: float | None) -> int | None:
    if export.state is not ExportState.RUNNING or export.started_at is None or not share:
        return None
    gone = (utc_now() - export.started_at).total_seconds()
    return round(gone * (1 - share) / share)
