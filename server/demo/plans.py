"""commune_plan as an officer fills it: the plan of a year, and what came of it each quarter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from server.demo.children import draw_uuid
from server.demo.instances import write_instance
from server.demo.nodes import Group, asked
from server.demo.sittings import Officer, answer_metadata, sit_down
from server.demo.tables import read_data

XML_FORM_ID = "commune_plan"
_ACTIVITIES: list[dict[str, str]] = read_data("activities")["activity"]
_PLAN, _MONITOR = "plan", "monitor"
_DONE, _RUNNING, _NOT_BEGUN = "2", "1", "0"


@dataclass(frozen=True, slots=True)
class Year:
    """The plan of a commune for a year: figures that its quarters repeat."""

    officer: Officer
    year: int
    villages: int
    members: int
    budget: int


def draw_year(rng: Random, officer: Officer, year: int, *, villages: int) -> Year:
    return Year(officer, year, villages, rng.randrange(9, 14), rng.randrange(60, 180))


def draw_plan(rng: Random, ids: Random, plan: Year, *, version: str) -> bytes:
    """Issued on 9 January, entered some days later."""
    issued = date(plan.year, 1, 9)
    entered = issued + timedelta(days=rng.randrange(1, 12))
    activities: Group = [
        ("rep_activity", _answer_planned(plan.year, activity)) for activity in _ACTIVITIES
    ]
    return _write(
        rng,
        ids,
        plan,
        entered,
        _PLAN,
        version=version,
        answers=[
            ("g_h", _answer_head(plan, _PLAN, issued=issued)),
            ("g_org", _answer_organisation(plan)),
            ("g_t", _answer_targets(rng, plan)),
            *activities,
        ],
    )


def draw_quarter(rng: Random, ids: Random, plan: Year, quarter: int, *, version: str) -> bytes:
    """Entered in the week after the quarter has ended on the 14th of its last month."""
    ended = date(plan.year, quarter * 3, 14)
    activities: Group = [
        ("rep_activity", _answer_done(rng, plan, activity, ended)) for activity in _ACTIVITIES
    ]
    entered = ended + timedelta(days=rng.randrange(1, 5))
    return _write(
        rng,
        ids,
        plan,
        entered,
        _MONITOR,
        version=version,
        answers=[
            ("g_h", _answer_head(plan, _MONITOR, quarter=quarter)),
            ("g_org", _answer_organisation(plan)),
            *activities,
            ("g_m", _answer_figures(rng)),
        ],
    )


def _write(
    rng: Random, ids: Random, plan: Year, day: date, kind: str, *, version: str, answers: Group
) -> bytes:
    name = f"{plan.officer.commune_code} {plan.year} {kind}"
    meta = asked(("instanceID", f"uuid:{draw_uuid(ids)}"), ("instanceName", name))
    form: Group = [
        *answer_metadata(sit_down(rng, plan.officer, day)),
        *answers,
        ("approved", "1"),
        ("meta", meta),
    ]
    return write_instance(form, form_id=XML_FORM_ID, version=version)


def _answer_head(
    plan: Year, kind: str, *, issued: date | None = None, quarter: int | None = None
) -> Group:
    return asked(
        ("commune_code", plan.officer.commune_code),
        ("record_type", kind),
        ("plan_year", str(plan.year)),
        ("quarter", str(quarter) if quarter else None),
        ("revision", "0"),
        ("doc_no", "05/KH-UBND" if issued else ""),
        ("doc_date", issued.isoformat() if issued else ""),
    )


def _answer_organisation(plan: Year) -> Group:
    return asked(
        ("committee", "1"),
        ("chair_role", "2"),
        ("n_members", str(plan.members)),
        ("n_collab", str(plan.villages)),
        ("n_villages", str(plan.villages)),
        ("n_collab_trained", str(plan.villages)),
    )


def _answer_targets(rng: Random, plan: Year) -> Group:
    return asked(
        ("t_sc_rate", f"{rng.uniform(1.5, 3):.1f}"),
        ("t_sc_supported", "95.0"),
        ("t_risk_managed", "90.0"),
        ("t_birth_reg", "99.5"),
        ("t_bhyt", "98.0"),
        ("t_dropout", str(rng.randrange(5))),
        ("t_plan_ontime", "100.0"),
        ("t_drowning", "0"),
        ("t_swim", f"{rng.uniform(35, 55):.1f}"),
        ("t_budget", str(plan.budget)),
    )


def _answer_planned(year: int, activity: dict[str, str]) -> Group:
    return asked(
        ("act_code", activity["code"]),
        ("act_type", activity["type"]),
        ("act_name", activity["name"]),
        ("act_lead", activity["lead"]),
        ("act_due", f"{year}-{activity['due']}"),
    )


def _answer_done(rng: Random, plan: Year, activity: dict[str, str], ended: date) -> Group:
    due = date.fromisoformat(f"{plan.year}-{activity['due']}")
    ahead = (due - ended).days
    status = _DONE if ahead <= 0 else _RUNNING if ahead < 120 else _NOT_BEGUN
    share = plan.budget // len(_ACTIVITIES)
    spent = {_DONE: share, _RUNNING: share // 3, _NOT_BEGUN: 0}[status]
    return asked(
        ("act_code", activity["code"]),
        ("act_type", activity["type"]),
        ("act_name", activity["name"]),
        ("act_status", status),
        ("act_spent", str(max(0, spent - rng.randrange(3)))),
    )


def _answer_figures(rng: Random) -> Group:
    sessions = rng.randrange(4, 14)
    return asked(
        ("m_meetings", str(rng.randrange(1, 4))),
        ("m_comm_sessions", str(sessions)),
        ("m_comm_people", str(sessions * rng.randrange(30, 60))),
        ("m_inspections", str(rng.randrange(3))),
        ("m_funds", str(rng.randrange(25))),
        ("m_child_consult", str(rng.randrange(20, 90))),
        ("m_play", str(rng.randrange(2, 10))),
        ("m_difficulty", ""),
        ("m_proposal", ""),
    )
