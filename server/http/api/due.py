"""/v1/projects/{id}/due: what is due and overdue; our own, Central has no such thing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from marshmallow import Schema, fields

from server.actions.due.entries import Entry
from server.actions.due.listing import LISTS, MOST, Question, list_due
from server.db import utc_now
from server.errors import ValueNotAllowed
from server.queries.projects import get_project

from .bodies import Timestamp
from .callers import identify

bp = Blueprint("due", __name__, url_prefix="/projects/<id:project_id>/due")
_PAGE = 250
_FAR = 1_000_000
_IDS = 2**31 - 1


class PersonSchema(Schema):
    """One of the unit's people."""

    id = fields.Integer()
    display_name = fields.String(data_key="displayName")


class Seconds(fields.Field[timedelta]):
    """Whole ones; null where there is no such time."""

    def _serialize(self, value: timedelta | None, *_: Any, **__: Any) -> int | None:
        return int(value.total_seconds()) if value is not None else None


class EntrySchema(Schema):
    """One thing to do."""

    kind = fields.String()
    due_at = Timestamp(data_key="dueAt")
    overdue_by = Seconds(data_key="overdueBy")
    list_name = fields.String(data_key="dataset")
    uuid = fields.String()
    label = fields.String()
    case_code = fields.String(data_key="caseCode")
    unit_code = fields.String(data_key="unit")
    responsible = fields.Method("_responsible")

    def _responsible(self, entry: Entry) -> list[dict[str, Any]]:
        people = [{"id": id_, "display_name": name} for id_, name in entry.responsible]
        return list(PersonSchema(many=True).dump(people))


@bp.get("")
def list_(project_id: int) -> Response:
    by = identify().caller
    project = get_project(project_id)
    question = Question(
        on=_day("on"),
        unit_code=request.args.get("unit") or None,
        list_name=_choice("dataset", LISTS),
        is_overdue=_choice("overdue", ("true", "false")) == "true",
        responsible_id=_number("responsible", 0, least=1, most=_IDS) or None,
        limit=_number("limit", _PAGE, least=1, most=MOST),
        offset=_number("offset", 0, least=0, most=_FAR),
    )
    entries = list_due(question, project_id=project.id, now=utc_now(), by=by)
    return jsonify(EntrySchema(many=True).dump(entries))


def _day(name: str) -> date | None:
    given = request.args.get(name, "")
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise ValueNotAllowed(field=name, value=given[:100], reason="YYYY-MM-DD") from None


def _choice(name: str, allowed: tuple[str, ...]) -> str | None:
    given = request.args.get(name, "")
    if given and given not in allowed:
        raise ValueNotAllowed(field=name, value=given[:100], reason=", ".join(allowed))
    return given or None


def _number(name: str, default: int, *, least: int, most: int) -> int:
    given = request.args.get(name, "")
    if not given:
        return default
    if not (given.isascii() and given.isdecimal() and least <= int(given[:10]) <= most):
        raise ValueNotAllowed(field=name, value=given[:100], reason=f"{least}–{most}")
    return int(given)
