"""What people do on phones with the shipped forms, as scripts for the program of tests/javarosa."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from forms.instances import parse_instance
from tests.helpers.examples import compile_shipped, script_of
from tests.helpers.scripts import Cells, script
from tests.helpers.slips import ROOT

FORMS = ROOT / "xlsforms"
COMMUNE = "12472"
HOUSEHOLD = {
    "g_consent-respondent_name": "Nguyễn Thị Hoà",
    "g_consent-respondent_relation": "2",
    "g_consent-consent": "1",
    "g_consent-consent_basis": "1",
    "g_hh-hh_head_name": "Nguyễn Văn An",
    "g_hh-hh_head_sex": "1",
    "g_hh-hh_size": "4",
    "g_hh-n_children_declared": "1",
    "g_hh-poverty_status": "0",
    "g_end-concern": "0",
}
CHILD = {
    "g_id-child_sex": "1",
    "g_id-dob_precision": "3",
    "g_id-child_birth_year": "2017",
    "g_id-child_assent": "1",
    "g_reg-birth_registration": "1",
    "g_reg-health_insurance": "1",
    "g_edu-school_status": "3",
    "g_dis-disab_status": "0",
    "g_care-father_status": "1",
    "g_care-mother_status": "1",
    "g_care-caregiver_relation": "2",
    "g_care-care_form": "1",
    "g_sc-sc_open": "00",
    "g_sc-risk_groups": "00",
}


def visit(village: str, child: Cells, **answers: str) -> dict[str, Any]:
    place = {"commune_code": COMMUNE, "village_code": village}
    own = {f"g_visit-{name}": text for name, text in {**place, **answers}.items()}
    return script(HOUSEHOLD | own, {"rep_child": [CHILD | child]})


def first_visit(village: str, name: str) -> dict[str, Any]:
    return visit(village, {"g_id-child_name": name}, visit_type="1", hh_mode="1")


def review(
    village: str, household: str, child: str, name: str, status: str = "1"
) -> dict[str, Any]:
    """The yearly review of a household with one child that is in the register."""
    known = {"child_ref": child, "child_name": name, "child_status": status, "q_new": "0"}
    cells = {f"g_id-{column}": text for column, text in known.items()}
    return visit(village, cells, visit_type="2", hh_mode="2", hh_ref=household)


def followup(child: str, next_visit: date) -> dict[str, Any]:
    """The officer's visit to a child without a case."""
    cells = {
        "g_who-subject": "1",
        "g_who-commune_code": COMMUNE,
        "g_who-child_pick": child,
        "g_visit-visit_no": "1",
        "g_visit-visit_mode": "1",
        "g_visit-child_seen": "1",
        "g_plan-plan_status": "1",
        "g_sit-sc_all": "04",
        "g_sit-school_status": "3",
        "g_sit-care_form": "1",
        "g_sit-progress": "Trẻ đi học đều.",
        "g_out-reintegration": "0",
        "g_out-next_visit": next_visit.isoformat(),
    }
    service = {"svc_type": "12", "svc_provider": "4", "svc_status": "1"}
    referred = {"svc_referred": (next_visit - timedelta(90)).isoformat()}
    return script(cells, {"rep_service": [service | referred]})


def as_in_example(form_id: str, example: str, **others: str) -> dict[str, Any]:
    """What fills an example of the form, but for these answers, by the names of their questions."""
    folder = FORMS / form_id
    form = compile_shipped(folder / f"{form_id}.xlsx")
    slip = parse_instance((folder / "examples" / f"{example}.xml").read_bytes())
    filled = script_of(form, slip.root)
    answers = {p: others.get(p.rpartition("/")[2], text) for p, text in filled["answers"].items()}
    return filled | {"answers": answers}
