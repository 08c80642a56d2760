"""One child as an instance of the repeat rep_child, with the calculations the form would make."""

from unicodedata import normalize

from server.demo.births import FULL_DATE, MONTH_AND_YEAR
from server.demo.children import Child
from server.demo.families import Family
from server.demo.households import Household
from server.demo.identities import Identity
from server.demo.nodes import CREATED_NOT_UPDATED, Entity, Group, asked
from server.demo.registers import Again
from server.demo.visits import Visit

_RESIDENT = "1"


def answer_child(
    child: Child, household: Household, visit: Visit, again: Again | None = None
) -> Group:
    name = normalize(visit.normal_form, child.identity.name)
    carer_name = normalize(visit.normal_form, household.adults.carer.name)
    flags = again.children.get(child.uid) if again else None
    is_asked = again is not None
    entity = Entity("child", child.uid, child_label(child, visit), flags or CREATED_NOT_UPDATED)
    newness = _answer_newness(child.uid, is_asked=is_asked, is_new=flags is None)
    return [
        ("g_id", [*newness, *_answer_identity(child, name, household.ethnicity)]),
        ("g_reg", _answer_registration(child)),
        ("g_edu", _answer_schooling(child, visit)),
        ("g_dis", _answer_disability(child)),
        ("g_care", _answer_care(household.family, carer_name)),
        ("g_sc", _answer_circumstances(child)),
        ("g_inj", _answer_safety(child)),
        ("g_svc", _answer_services(child)),
        ("ch_village", visit.post.village.code),
        ("ch_commune", visit.commune_code),
        ("ch_hh", household.uid),
        ("ch_last", visit.start.date().isoformat()),
        ("meta", [("entity", entity)]),
    ]


def child_label(child: Child, visit: Visit) -> str:
    name = normalize(visit.normal_form, child.identity.name)
    return f"{name} ({child.identity.birth.day.year})"


def _answer_newness(uid: str, *, is_asked: bool, is_new: bool) -> Group:
    """Only of a household that is registered the form asks whether the child is new."""
    new = "1" if is_new else "0"
    return asked(
        ("q_new", new if is_asked else None),
        ("child_is_new", new),
        ("child_ref", None if is_new else uid),
        ("child_uid", uid),
    )


def _answer_identity(child: Child, name: str, ethnicity: str) -> Group:
    identity = child.identity
    born, precision = identity.birth.day, identity.birth.precision
    pid_check = check_personal_id(identity)
    return asked(
        ("child_status", _RESIDENT),
        ("child_name", name),
        ("child_sex", identity.sex),
        ("dob_precision", precision),
        ("child_dob", born.isoformat() if precision == FULL_DATE else None),
        ("child_birth_year", None if precision == FULL_DATE else str(born.year)),
        ("child_birth_month", str(born.month) if precision == MONTH_AND_YEAR else None),
        ("child_dob_eff", born.isoformat()),
        ("age_years", str(child.age)),
        ("n_age", ""),
        ("child_ethnicity", ethnicity),
        ("child_pid", identity.personal_id),
        ("pid_check", pid_check),
        ("n_pid", "" if pid_check in ("sex", "year") else None),
        ("child_assent", child.assent),
    )


def check_personal_id(identity: Identity) -> str:
    """The form's pid_check: does the number agree with the sex and the year of birth?"""
    personal_id = identity.personal_id
    if not personal_id:
        return ""
    if int(personal_id[3]) % 2 != (identity.sex != "1"):
        return "sex"
    return "ok" if personal_id[4:6] == f"{identity.birth.day.year % 100:02}" else "year"


def _answer_registration(child: Child) -> Group:
    health = child.health
    return asked(
        ("birth_registration", child.identity.registration),
        ("noreg_reason", child.identity.noreg_reason),
        ("health_insurance", health.insurance),
        ("immun_full", health.immunised),
        ("nutrition", health.nutrition),
        ("periodic_checkup", health.checkup),
        ("serious_illness", health.serious_illness),
    )


def _answer_schooling(child: Child, visit: Visit) -> Group:
    schooling = child.schooling
    school = schooling.school
    return asked(
        ("school_status", schooling.status),
        ("grade", schooling.grade),
        ("school_name", school and normalize(visit.normal_form, school)),
        ("dropout_date", schooling.dropout_date),
        ("dropout_reason", schooling.dropout_reason),
        ("lower_sec_done", schooling.lower_secondary_done),
    )


def _answer_disability(child: Child) -> Group:
    disability = child.disability
    return asked(
        ("disab_status", disability.status),
        ("disab_types", disability.types),
        ("disab_level", disability.level),
    )


def _answer_care(family: Family, carer_name: str) -> Group:
    return asked(
        ("father_status", family.father),
        ("mother_status", family.mother),
        ("caregiver_relation", family.carer),
        ("caregiver_name", carer_name),
        ("care_form", family.care_form),
    )


def _answer_circumstances(child: Child) -> Group:
    circumstances, groups = child.circumstances, " ".join(child.circumstances.groups)
    return asked(
        ("sc_open", groups),
        ("sc_sub", circumstances.sub),
        ("sc_open_save", groups),
        ("risk_groups", " ".join(circumstances.risks)),
        ("work_hours", child.work.hours),
        ("work_hazard", child.work.hazard),
    )


def _answer_safety(child: Child) -> Group:
    safety = child.safety
    return asked(
        ("injury_12m", safety.injury),
        ("injury_types", safety.injury_types),
        ("injury_place", safety.injury_place),
        ("can_swim", safety.swims),
    )


def _answer_services(child: Child) -> Group:
    services = child.services
    return asked(
        ("allowance", services.allowance),
        ("svc_received", " ".join(services.received)),
        ("svc_needed", " ".join(services.needed)),
    )
