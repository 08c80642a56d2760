"""abuse_report as an officer fills it: the answers, calculations and the new entity of the case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random

from server.demo.cases import (
    Moments,
    Registered,
    Risk,
    Victim,
    draw_moments,
    draw_risk,
    draw_victim,
)
from server.demo.children import draw_uuid
from server.demo.instances import write_instance
from server.demo.names import draw_adult_name, draw_family_name
from server.demo.nodes import CREATED, Entity, Group, asked
from server.demo.phones import draw_phone
from server.demo.registers import Known, made
from server.demo.sittings import Officer, answer_metadata, write_moment
from server.demo.tables import PHRASES, TABLES, happens

XML_FORM_ID = "abuse_report"
_LOCAL = "%Y-%m-%dT%H:%M:%S"
_MOTHER = "2"


@dataclass(slots=True)
class Case:
    """A case as the register has it."""

    known: Known
    officer: Officer
    victim: Victim
    abuse_type: str
    risk: Risk
    is_emergency: bool
    received: datetime
    finished: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a case is not left to chance; None where it is."""

    received: datetime | None = None
    is_emergency: bool | None = None
    is_waiting: bool = False
    """The measures of an emergency are not taken yet."""


def draw_report(
    rng: Random,
    ids: Random,
    officer: Officer,
    day: date,
    *,
    village_code: str,
    registered: Registered | None,
    version: str,
    wanted: Wanted | None = None,
) -> tuple[Case, bytes]:
    wanted = wanted or Wanted()
    is_emergency = wanted.is_emergency
    if is_emergency is None:
        is_emergency = happens(rng, "emergency")
    moments = draw_moments(rng, officer, day, is_emergency=is_emergency, received=wanted.received)
    if wanted.is_waiting:
        moments = replace(moments, measures=None)
    finished = moments.sitting.end
    case = Case(
        known=made(
            ids,
            draw_uuid(ids),
            f"{moments.sitting.start:%y%m}-{draw_uuid(ids)[:6]}",
            device_id=officer.device_id,
            day=finished.date(),
        ),
        officer=officer,
        victim=draw_victim(rng, registered, village_code, finished.date()),
        abuse_type=TABLES["abuse_type"].draw(rng),
        risk=draw_risk(rng),
        is_emergency=is_emergency,
        received=moments.received,
        finished=finished,
    )
    answers = _answer_form(rng, case, moments, instance_id=f"uuid:{draw_uuid(ids)}")
    return case, write_instance(answers, form_id=XML_FORM_ID, version=version)


def _answer_form(rng: Random, case: Case, moments: Moments, *, instance_id: str) -> Group:
    code = case.known.label
    entity = Entity("case", case.known.id, code, CREATED)
    names = asked(("instanceID", instance_id), ("instanceName", f"BC-{code}"))
    return [
        *answer_metadata(moments.sitting),
        ("case_code", code),
        ("g_in", _answer_source(rng, case)),
        ("g_child", _answer_child(rng, case)),
        ("g_susp", _answer_suspect(rng)),
        ("g_rep", _answer_informant(rng)),
        ("g_risk", _answer_risk(rng, case, moments)),
        ("meta", [("entity", entity), *names]),
    ]


def _answer_source(rng: Random, case: Case) -> Group:
    agency = TABLES["agency"].draw(rng)
    is_sexual = case.abuse_type == "sexual"
    is_known = happens(rng, "incident_date_known")
    return asked(
        ("received_at", write_moment(case.received)),
        ("channel", TABLES["channel"].draw(rng)),
        ("agency", agency),
        (
            "hotline_ref",
            f"111-{case.received:%Y}-{rng.randrange(10**6):06}" if agency == "111" else None,
        ),
        ("case_kind", "1"),
        ("abuse_types", case.abuse_type),
        ("sexual_forms", TABLES["sexual_form"].draw(rng) if is_sexual else None),
        ("environment", TABLES["environment"].draw(rng)),
        ("incident_commune", case.officer.commune_code),
        ("incident_place", rng.choice(PHRASES["place_of_case"])),
        ("incident_when", "1" if is_known else "0"),
        ("incident_date", case.received.date().isoformat() if is_known else None),
    )


def _answer_child(rng: Random, case: Case) -> Group:
    victim = case.victim
    return [
        ("child_commune", case.officer.commune_code),
        ("child_village", victim.village_code),
        *_answer_who(victim),
        *asked(
            ("child_sex", victim.sex),
            ("age_at_report", str(victim.age)),
            ("current_state", rng.choice(PHRASES["condition"])),
            ("predicted_harm", rng.choice(PHRASES["likely_harm"])),
            ("father", ""),
            ("mother", ""),
            ("family_situation", rng.choice(PHRASES["family_of_case"])),
            ("current_carer", _MOTHER),
            ("actions_before", ""),
        ),
    ]


def _answer_who(victim: Victim) -> Group:
    if victim.registered is not None:
        return [("in_registry", "1"), ("child_ref", victim.registered.known.id)]
    born = victim.born.isoformat() if victim.born else ""
    return asked(
        ("in_registry", "0"),
        ("child_name", victim.name),
        ("child_dob", born),
        ("child_age_est", None if born else str(victim.age)),
    )


def _answer_suspect(rng: Random) -> Group:
    return asked(
        ("suspect_rel", TABLES["suspect_rel"].draw(rng)),
        ("suspect_sex", "1"),
        ("suspect_minor", "0"),
    )


def _answer_informant(rng: Random) -> Group:
    agrees = happens(rng, "informant_named")
    name = draw_adult_name(rng, draw_family_name(rng), sex="2", born=1985)
    return asked(
        ("rep_agree", "1" if agrees else "0"),
        ("rep_name", name if agrees else None),
        ("rep_phone", draw_phone(rng) if agrees else None),
        ("rep_address", "" if agrees else None),
    )


def _answer_emergency(rng: Random, taken: datetime | None) -> Group:
    return [
        ("emergency_measures", TABLES["emergency_measures"].draw(rng)),
        ("emergency_at", write_moment(taken) if taken else ""),
    ]


def _answer_risk(rng: Random, case: Case, moments: Moments) -> Group:
    risk = case.risk
    factors = (
        "harm_severity",
        "perp_access",
        "env_barrier",
        "self_protect",
        "adult_support",
        "seek_help",
    )
    differs = risk.level != risk.suggested
    measures = moments.measures
    return [
        ("assessed_at", write_moment(moments.assessed)),
        *zip(factors, risk.factors, strict=True),
        *asked(
            ("harm_score", str(risk.harm)),
            ("resil_score", str(risk.resilience)),
            ("risk_suggested", risk.suggested),
            ("n_sugg", ""),
            ("risk_level", risk.level),
            ("risk_override", rng.choice(PHRASES["why_other_level"]) if differs else None),
            ("emergency", "1" if case.is_emergency else "0"),
            *(_answer_emergency(rng, measures) if case.is_emergency else ()),
            ("immediate_needs", TABLES["immediate_needs"].draw(rng)),
            ("chair_informed_at", write_moment(moments.chair_informed)),
            ("police_informed_at", ""),
            ("case_status", "open"),
            ("case_received", case.received.strftime(_LOCAL)),
        ),
    ]
