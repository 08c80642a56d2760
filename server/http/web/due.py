"""/due: what is due and overdue, as far as whoever is signed in may see it.

The reason for which cases are shown comes in the body of a form: it may say more than the address
of a page should, which is kept in histories and logs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from server.actions.due.entries import Entry
from server.actions.due.listing import LISTS, Question, list_due
from server.auth.callers import Caller
from server.db import utc_now
from server.errors import NotFound, PageExpired, Problem, ReasonNeeded
from server.http.requests import settings
from server.messages import text
from server.models import DueKind
from server.queries import units, villages
from server.queries.projects import get_project
from server.queries.sessions import SessionRow

from .pages import page, say
from .visitors import caller_of, find_session, require_own_form, to_sign_in

bp = Blueprint("due", __name__)
_PAGE = 50
_MOST_PAGES = 10_000
_LARGEST = 2**31 - 1
_LONGEST = 1000
_FILTERS = ("unit", "list", "overdue", "responsible")


@dataclass(frozen=True, slots=True)
class _Shown:
    """What came of the question; `is_partial`: cases are left out, as no reason was given."""

    entries: Sequence[Entry] = ()
    is_partial: bool = False
    problem: Problem | None = None


@bp.get("/due")
def show() -> ResponseReturnValue:
    session = find_session()
    if session is None or session.must_change_password:
        return _elsewhere(session)
    return _answer(session, request.args, "")


@bp.post("/due")
def show_cases() -> ResponseReturnValue:
    """The same, for a reason."""
    session = find_session()
    if session is None or session.must_change_password:
        return _elsewhere(session)
    try:
        require_own_form(session)
    except PageExpired as problem:
        return _answer(session, request.form, "", problem)
    reason = request.form.get("reason", "").replace("\0", "").strip()[:_LONGEST]
    return _answer(session, request.form, reason)


def _elsewhere(session: SessionRow | None) -> ResponseReturnValue:
    return to_sign_in("/due") if session is None else redirect("/password", 303)


def _answer(
    session: SessionRow, asked: Mapping[str, str], reason: str, problem: Problem | None = None
) -> ResponseReturnValue:
    number = _number(asked.get("page"), _MOST_PAGES) or 1
    by = _caller(session, reason)
    shown = _ask(_question(asked, number), by)
    entries = shown.entries[:_PAGE]
    problem = problem or shown.problem
    return page(
        "due.html",
        status=problem.status if problem is not None else 200,
        message=say(problem) if problem is not None else None,
        late=[entry for entry in entries if entry.overdue_by is not None],
        due=[entry for entry in entries if entry.overdue_by is None],
        is_partial=shown.is_partial,
        reason=reason,
        csrf=session.csrf,
        asked={name: value for name in _FILTERS if (value := asked.get(name, "")[:100])},
        people=_people(session, entries),
        number=number,
        has_more=len(shown.entries) > _PAGE,
        say_day=_say_day,
        say_late=_say_late,
        say_unit=_say_unit,
    )


def _caller(session: SessionRow, reason: str) -> Caller:
    project = get_project()
    by = caller_of(session)
    return replace(
        by,
        project_id=project.id,
        catalogue=project.catalogue,
        occasion=replace(by.occasion, reason=reason),
    )


def _question(asked: Mapping[str, str], number: int) -> Question:
    """What nobody can ask for by the form counts as not asked for."""
    list_name = asked.get("list")
    return Question(
        unit_code=asked.get("unit", "").replace("\0", "").strip()[:100] or None,
        list_name=list_name if list_name in LISTS else None,
        is_overdue=bool(asked.get("overdue")),
        responsible_id=_number(asked.get("responsible"), _LARGEST),
        limit=_PAGE + 1,
        offset=(number - 1) * _PAGE,
    )


def _ask(question: Question, by: Caller) -> _Shown:
    """Without a reason what needs none, if cases are among what is asked for."""
    project_id = by.project_id or 0
    try:
        return _Shown(list_due(question, project_id=project_id, now=utc_now(), by=by))
    except ReasonNeeded:
        return replace(_ask(replace(question, without_cases=True), by), is_partial=True)
    except NotFound as problem:
        return _Shown(problem=problem)


def _number(given: str | None, most: int) -> int | None:
    if not given or not (given.isascii() and given.isdecimal()):
        return None
    return min(int(given[:10]), most) or None


def _people(session: SessionRow, entries: Sequence[Entry]) -> dict[int, str]:
    """Whom one can ask for: oneself, and whom the list names."""
    named = {id_: name for entry in entries for id_, name in entry.responsible}
    ordered = sorted(named.items(), key=lambda person: person[1].casefold())
    return {session.actor_id: session.display_name} | dict(ordered)


def _say_day(entry: Entry) -> str:
    """A visit has a day, a clock has a time."""
    form = "%d/%m/%Y" if entry.kind is DueKind.VISIT else "%H:%M %d/%m/%Y"
    return entry.due_at.astimezone(settings().tz).strftime(form)


def _say_late(late: timedelta) -> str:
    minutes = int(late.total_seconds()) // 60
    for unit, length in (("days", 24 * 60), ("hours", 60)):
        if minutes >= length:
            return text(f"due_{unit}", settings().lang, count=minutes // length)
    return text("due_minutes", settings().lang, count=minutes)


def _say_unit(entry: Entry) -> str:
    if entry.unit_code is None:
        return "–"
    if entry.unit_edition is not None:
        commune = units.find_unit(entry.unit_edition, entry.unit_code)
        return commune.name if commune is not None else entry.unit_code
    village = villages.find_village(entry.unit_code)
    if village is None:
        return entry.unit_code
    commune = units.find_unit(village.edition, village.commune_code)
    return f"{village.name}, {commune.name}" if commune is not None else village.name
