"""A visit to a household as the answers and calculations of child_situation, in form order.

A household is new, or registered and visited `again`: then its entities are updated.
"""

from functools import partial
from random import Random
from unicodedata import normalize

from server.demo.child_answers import answer_child
from server.demo.households import Household
from server.demo.nodes import CREATED_NOT_UPDATED, Entity, Group, asked
from server.demo.registers import Again
from server.demo.tables import happens
from server.demo.visits import Visit

_NEW, _REGISTERED = "1", "2"
_FIRST_SURVEY, _YEARLY_REVIEW = "1", "2"


def answer_form(
    rng: Random,
    visit: Visit,
    household: Household,
    *,
    instance_id: str,
    again: Again | None = None,
) -> Group:
    spell = partial(normalize, visit.normal_form)
    head_name = spell(household.adults.head.name) if visit.consent else ""
    answers: Group = [
        *_answer_metadata(visit),
        ("g_visit", _answer_visit(visit, household.uid if again else None)),
        ("g_consent", _answer_consent(visit, spell(household.adults.respondent.name), household)),
    ]
    if visit.consent:
        answers.append(("g_hh", _answer_household(rng, visit, household, again)))
        answers.extend(
            ("rep_child", answer_child(child, household, visit, again))
            for child in household.children
        )
        answers.append(("g_end", _answer_end(visit, household)))
    instance_name = f"{visit.post.village.code} · {head_name}"
    meta = asked(("instanceID", instance_id), ("instanceName", instance_name))
    return [*answers, ("meta", meta)]


def _answer_metadata(visit: Visit) -> Group:
    return asked(
        ("start", visit.start.isoformat(timespec="milliseconds")),
        ("end", visit.end.isoformat(timespec="milliseconds")),
        ("today", visit.start.date().isoformat()),
        ("username", visit.post.username),
        ("deviceid", visit.post.device_id),
    )


def _answer_visit(visit: Visit, registered: str | None) -> Group:
    village = visit.post.village
    return asked(
        ("survey_date", visit.start.date().isoformat()),
        ("visit_type", _YEARLY_REVIEW if registered else _FIRST_SURVEY),
        ("commune_code", visit.commune_code),
        ("village_code", village.code),
        ("village_name", village.label),
        ("legacy_commune_code", village.legacy_commune_code),
        ("hh_mode", _REGISTERED if registered else _NEW),
        ("hh_ref", registered),
    )


def _answer_consent(visit: Visit, respondent_name: str, household: Household) -> Group:
    consent = visit.consent
    asked_at = visit.asked.strftime("%Y-%m-%dT%H:%M:%S")
    return asked(
        ("n_consent", ""),
        ("respondent_name", respondent_name),
        ("respondent_relation", household.adults.respondent.relation),
        ("consent", "1" if consent else "0"),
        ("consent_basis", ("2" if visit.written_consent else "1") if consent else None),
        ("consent_at", asked_at if consent else ""),
        ("refusal_reason", None if consent else normalize(visit.normal_form, visit.refusal_reason)),
    )


def _answer_household(
    rng: Random, visit: Visit, household: Household, again: Again | None
) -> Group:
    head = household.adults.head
    head_name = normalize(visit.normal_form, head.name)
    poverty_year = household.poverty_year
    village = visit.post.village
    answers = asked(
        ("hh_head_name", head_name),
        ("hh_head_sex", head.sex),
        ("hh_head_birth_year", str(head.born) if happens(rng, "head_birth_year") else ""),
        ("hh_head_ethnicity", household.ethnicity),
        ("hh_phone", household.phone),
        ("address_detail", normalize(visit.normal_form, household.address)),
        ("hh_gps", visit.gps),
        ("hh_size", str(household.size)),
        ("n_children_declared", str(len(household.children))),
        ("poverty_status", household.poverty),
        ("poverty_year", str(poverty_year) if poverty_year else None),
        ("hh_issues", " ".join(household.issues)),
        ("hh_uid", household.uid),
        ("hh_village", village.code),
        ("hh_commune", visit.commune_code),
    )
    flags = again.household if again else CREATED_NOT_UPDATED
    entity = Entity("household", household.uid, household_label(visit, household), flags)
    return [*answers, ("meta", [("entity", entity)])]


def household_label(visit: Visit, household: Household) -> str:
    head_name = normalize(visit.normal_form, household.adults.head.name)
    return f"{head_name} · {visit.post.village.label}"


def _answer_end(visit: Visit, household: Household) -> Group:
    return asked(
        ("n_recorded", str(len(household.children))),
        ("concern", "1" if visit.concern else "0"),
        ("n_concern", "" if visit.concern else None),
        ("comments", normalize(visit.normal_form, visit.comment)),
    )
