"""The list of what is due and overdue, as far as the gate lets somebody see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from itertools import islice

from forms.data_classes import DataClass
from server.actions.due.clocks import CASES, CHILDREN
from server.actions.due.entries import Entry, describe
from server.actions.due.persons import iter_of_person
from server.actions.entities.known import find_lists
from server.actions.entities.lists import is_case, list_scope
from server.actions.readings import log_reading
from server.auth.callers import Caller
from server.auth.gate import FormKey, Rights
from server.auth.roles import Verb
from server.auth.territories import find_scope
from server.errors import NotAllowed, ReasonNeeded
from server.queries import actors, due_items, units
from server.queries.datasets import DatasetFacts
from server.queries.due_items import DueRow, Wanted, Within
from server.queries.scopes import NOTHING, Scope, joined

LISTS = (CASES, CHILDREN)
MOST = 1000
_VERB = Verb.ENTITY_READ
_FAR = date(9000, 1, 1)
_FAR_MOMENT = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for. `on` is the day as of which it is told; None is now.

    `without_cases`: only what is shown to whoever gives no reason.
    """

    on: date | None = None
    unit_code: str | None = None
    list_name: str | None = None
    is_overdue: bool = False
    responsible_id: int | None = None
    without_cases: bool = False
    limit: int = MOST
    offset: int = 0


@dataclass(frozen=True, slots=True)
class _Offer:
    """A list with what the caller may see of it; `is_case`: only case work tells of it."""

    facts: DatasetFacts
    within: Within
    is_case: bool


def list_due(question: Question, *, project_id: int, now: datetime, by: Caller) -> list[Entry]:
    """What is due first comes first. Call it outside any transaction: it may log the reading.

    Raises NotAllowed where the caller can see none, and ReasonNeeded where cases are among what is
    asked for and no reason was given; NotFound for a unit or a person that there is not.
    """
    offers = list(_find_offers(question.list_name, project_id, by))
    if not offers:
        raise NotAllowed
    if question.without_cases:
        offers = [offer for offer in offers if not offer.is_case]
    cases = [offer for offer in offers if offer.is_case]
    if cases and not by.occasion.reason.strip():
        raise ReasonNeeded
    if question.responsible_id is not None:
        actors.get_actor(question.responsible_id)
    wanted, moment = _make_wanted(question, offers, now, by)
    for offer in cases:
        log_reading(by, "entity.due.read", "dataset", offer.facts.id)
    case_work = {offer.facts.name for offer in cases}
    told = partial(describe, moment=moment, case_work=case_work, project_id=project_id, by=by)
    if question.responsible_id is None:
        return told(due_items.list_due(wanted, limit=question.limit, offset=question.offset))
    found = iter_of_person(
        question.responsible_id, wanted, told, project_id=project_id, on=by.occasion.on
    )
    return list(islice(found, question.offset, question.offset + question.limit))


@dataclass(frozen=True, slots=True)
class Everything:
    """All that is to be done, also visits of days to come. `is_allowed`: the caller may see any;
    `has_cases`: of cases too, for a stated reason.
    """

    found: Sequence[tuple[DueRow, Entry]] = ()
    is_allowed: bool = True
    has_cases: bool = True


def list_everything(*, project_id: int, by: Caller) -> Everything:
    """What is due first comes first; `log_everything` says in the access log that it is read."""
    offers, all_ = _readable(project_id, by), list(_find_offers(None, project_id, by))
    question = Question(on=_FAR)
    wanted, moment = _make_wanted(question, offers, _FAR_MOMENT, by)
    case_work = {offer.facts.name for offer in offers if offer.is_case}
    found: list[tuple[DueRow, Entry]] = []
    for page in due_items.iter_due(wanted, MOST):
        told = describe(page, moment=moment, case_work=case_work, project_id=project_id, by=by)
        found += zip(page, told, strict=True)
    return Everything(found, is_allowed=bool(offers), has_cases=len(offers) == len(all_))


def log_everything(*, project_id: int, by: Caller) -> None:
    """Call it outside any transaction, before `list_everything`."""
    for offer in _readable(project_id, by):
        if offer.is_case:
            log_reading(by, "entity.due.read", "dataset", offer.facts.id)


def find_readable(*, project_id: int, by: Caller) -> dict[str, tuple[Scope, ...]]:
    """The lists of which `list_everything` tells, each with what a row must be inside of."""
    return {o.facts.name: tuple(o.within.scopes) for o in _readable(project_id, by)}


def _readable(project_id: int, by: Caller) -> list[_Offer]:
    offers = _find_offers(None, project_id, by)
    return [offer for offer in offers if not offer.is_case or by.occasion.reason.strip()]


def _find_offers(list_name: str | None, project_id: int, by: Caller) -> Iterator[_Offer]:
    rights = Rights(by)
    known = find_lists(by.catalogue, project_id)
    for name in LISTS:
        facts = known.get(name)
        if facts is None or list_name not in (None, name):
            continue
        scopes = tuple(_scopes(facts, rights))
        if NOTHING not in scopes:
            yield _Offer(facts, Within(facts.id, scopes), _is_case_work(facts))


def _scopes(facts: DatasetFacts, rights: Rights) -> Iterator[Scope]:
    """Who sees a child that is visited must be let see both: the child, and that it is visited."""
    yield list_scope(facts, rights, _VERB)
    if writers := _visit_writers(facts):
        yield joined(rights.rows(_VERB, project_id=facts.project_id, form=f) for f in writers)


def _visit_writers(facts: DatasetFacts) -> list[FormKey]:
    """The forms that say when a child is visited next."""
    found = [p for p in facts.properties if facts.name == CHILDREN and p.name == "next_visit"]
    return [FormKey(id_, data_class) for prop in found for id_, data_class in prop.forms]


def _is_case_work(facts: DatasetFacts) -> bool:
    writers = [form.data_class for form in _visit_writers(facts)]
    only_cases = bool(writers) and all(kind is DataClass.CASE for kind in writers)
    return only_cases or is_case(facts)


def _make_wanted(
    question: Question, offers: Sequence[_Offer], now: datetime, by: Caller
) -> tuple[Wanted, datetime]:
    """And the moment as of which something is overdue: now, or the end of another day."""
    today = by.occasion.on
    day = question.on or today
    day_ends = datetime.combine(day, time.max, by.occasion.tz)
    moment = now if day == today else day_ends
    wanted = Wanted(
        lists=tuple(offer.within for offer in offers),
        visits_until=day_ends,
        in_unit=_unit_scope(question.unit_code, today) if question.unit_code else None,
        due_until=moment if question.is_overdue else None,
        first=next((offer.within for offer in offers if offer.facts.name == CASES), None),
    )
    return wanted, moment


def _unit_scope(code: str, on: date) -> Scope:
    unit = units.get_unit(code, on)
    return find_scope({(unit.edition, unit.code)}, on)
