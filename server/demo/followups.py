"""case_followup as an officer fills it: of a case, or of a child of the register without one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from server.demo.cases import Registered
from server.demo.children import draw_uuid
from server.demo.instances import write_instance
from server.demo.nodes import Entity, Group, asked
from server.demo.registers import Known, change
from server.demo.reports import Case
from server.demo.sittings import Officer, Sitting, answer_metadata, sit_down
from server.demo.tables import PHRASES, TABLES, happens

XML_FORM_ID = "case_followup"
_BY_CHILD, _BY_CASE = "1", "2"
_APPROVED, _NONE = "3", "00"
_RESTRICTED = ("05", "06", "07", "09", "10", "11", "12")
_GROUP_OF = {"sexual": "11", "physical": "09", "exploit": "10", "traffick": "12"}
_NEXT_AFTER = timedelta(days=30)
_LEVELS = {1: ("2", "2", "2", "2", "2", "2"), 2: ("1", "1", "2", "2", "2", "2")}
_LAST_LEVELS = ("1", "1", "1", "3", "3", "3")
_FACTORS = ("r_harm", "r_access", "r_env", "r_self", "r_adult", "r_cope")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a visit is about: a case, a child of the register, or both."""

    case: Case | None
    child: Registered | None
    officer: Officer
    plan_approved: date | None = None

    @property
    def groups(self) -> tuple[str, ...]:
        own = self.child.groups if self.child else ()
        restricted = _GROUP_OF.get(self.case.abuse_type, "") if self.case else ""
        return tuple(sorted({*own, restricted} - {"", _NONE})) or (_NONE,)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a visit ends; `close_reason` None of a case that goes on."""

    number: int
    reintegration: str
    case_status: str | None
    close_reason: str | None
    next_visit: date | None


def of_case(case: Case, plan_approved: date) -> Subject:
    return Subject(case, case.victim.registered, case.officer, plan_approved)


def of_child(child: Registered, officer: Officer) -> Subject:
    return Subject(None, child, officer)


def draw_followup(
    rng: Random,
    ids: Random,
    subject: Subject,
    day: date,
    *,
    number: int,
    version: str,
    closes: bool = False,
) -> bytes:
    sitting = sit_down(rng, subject.officer, day)
    outcome = _outcome(subject, day, number, closes=closes)
    instance_id = f"uuid:{draw_uuid(ids)}"
    answers: Group = [
        *answer_metadata(sitting),
        ("g_who", _answer_who(subject)),
        ("g_visit", _answer_visit(rng, day, number)),
        ("g_plan", _answer_plan(subject, closes=closes)),
        *_answer_services(rng, subject, day),
        ("g_sit", _answer_situation(rng, subject, day)),
        *_answer_review(subject, outcome),
        ("g_out", _answer_outcome(outcome)),
        *_update_child(ids, subject, sitting, outcome),
        *_update_case(ids, subject, sitting, outcome),
        ("meta", asked(("instanceID", instance_id), ("instanceName", f"TD-{number} {day}"))),
    ]
    return write_instance(answers, form_id=XML_FORM_ID, version=version)


def _outcome(subject: Subject, day: date, number: int, *, closes: bool) -> Outcome:
    if subject.case is None:
        return Outcome(number, "0", None, None, day + _NEXT_AFTER * 3)
    if closes:
        return Outcome(number, "3", "closed", "1", None)
    status = "open" if number == 1 else "monitoring"
    return Outcome(number, "1" if number == 1 else "2", status, None, day + _NEXT_AFTER)


def _answer_who(subject: Subject) -> Group:
    case, child = subject.case, subject.child
    child_id, child_label = (child.known.id, child.known.label) if child else ("", "")
    return asked(
        ("subject", _BY_CASE if case else _BY_CHILD),
        ("commune_code", subject.officer.commune_code),
        ("case_ref", case.known.id if case else None),
        ("link_child", "1" if case and child else "0"),
        ("child_pick", None if case else child_id),
        ("child_ref", child_id),
        ("ch_label", child_label),
        ("case_label", case.known.label if case else ""),
        ("n_who", ""),
    )


def _answer_visit(rng: Random, day: date, number: int) -> Group:
    return asked(
        ("visit_date", day.isoformat()),
        ("visit_no", str(number)),
        ("visit_mode", TABLES["visit_mode"].draw(rng)),
        ("child_seen", "1"),
    )


def _answer_plan(subject: Subject, *, closes: bool) -> Group:
    approved = subject.plan_approved
    if approved is None:
        return [("plan_status", "1")]
    return asked(
        ("plan_status", "4" if closes else _APPROVED),
        ("plan_approved", approved.isoformat()),
        ("plan_no", f"{approved.timetuple().tm_yday}/QĐ-UBND"),
    )


def _answer_services(rng: Random, subject: Subject, day: date) -> Group:
    table = "service_of_case" if subject.case else "service_of_supported"
    referred = (subject.plan_approved or day) if subject.case else day
    is_waiting = referred == day
    service = asked(
        ("svc_type", TABLES[table].draw(rng)),
        ("svc_provider", TABLES["provider"].draw(rng)),
        ("svc_referred", referred.isoformat()),
        ("svc_status", "1" if is_waiting else "2"),
        ("svc_started", None if is_waiting else day.isoformat()),
        ("svc_value", ""),
    )
    return [("rep_service", service)]


def _answer_situation(rng: Random, subject: Subject, day: date) -> Group:
    groups, child = subject.groups, subject.child
    return asked(
        ("sc_all", " ".join(groups)),
        ("sc_restricted", " ".join(group for group in groups if group in _RESTRICTED)),
        ("school_status", child.school_status if child else _school_of(subject)),
        ("care_form", child.care_form if child else "2"),
        ("progress", rng.choice(PHRASES["progress"])),
    )


def _school_of(subject: Subject) -> str:
    age = subject.case.victim.age if subject.case else 0
    return next(
        code
        for oldest, code in ((2, "0"), (5, "2"), (10, "3"), (14, "4"), (99, "5"))
        if age <= oldest
    )


def _answer_review(subject: Subject, outcome: Outcome) -> Group:
    if subject.case is None:
        return []
    is_last = outcome.close_reason is not None
    levels = _LAST_LEVELS if is_last else _LEVELS.get(outcome.number, _LEVELS[2])
    residual = sum(map(int, levels[:3])) - sum(map(int, levels[3:]))
    return [("g_review", [*zip(_FACTORS, levels, strict=True), ("r_residual", str(residual))])]


def _answer_outcome(outcome: Outcome) -> Group:
    return asked(
        ("reintegration", outcome.reintegration),
        ("case_status", outcome.case_status),
        ("close_reason", outcome.close_reason),
        ("next_visit", outcome.next_visit.isoformat() if outcome.next_visit else None),
    )


def _update_child(ids: Random, subject: Subject, sitting: Sitting, outcome: Outcome) -> Group:
    if subject.child is None:
        return []
    saved = asked(
        ("n_sv_child", ""),
        ("sv_last", sitting.start.date().isoformat()),
        ("sv_reint", outcome.reintegration),
        ("sv_next_child", _written(outcome.next_visit)),
    )
    return [("g_save_child", [*saved, _entity(ids, "child", subject.child.known, sitting)])]


def _update_case(ids: Random, subject: Subject, sitting: Sitting, outcome: Outcome) -> Group:
    if subject.case is None:
        return []
    saved = asked(
        ("n_sv_case", ""),
        ("sv_status", outcome.case_status),
        ("sv_plan", _written(subject.plan_approved)),
        ("sv_next", _written(outcome.next_visit)),
    )
    return [("g_save_case", [*saved, _entity(ids, "case", subject.case.known, sitting)])]


def _entity(ids: Random, entity_list: str, known: Known, sitting: Sitting) -> tuple[str, Group]:
    flags = change(ids, known, device_id=sitting.device_id, day=sitting.start.date())
    return ("meta", [("entity", Entity(entity_list, known.id, known.label, flags))])


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""


def draw_plan_day(rng: Random, reported_on: date) -> date:
    """Within five working days, mostly; a week of them is seven days."""
    in_time = happens(rng, "plan_in_time")
    return reported_on + timedelta(days=rng.randrange(1, 5) if in_time else rng.randrange(8, 14))
