"""The permission table: each role a set of verbs, for each kind of data that a form gathers.

Roles below 100 are Central's (central-api.md §4); the others are duties (domain.md §1.4). Only
duties open restricted forms: Central's roles administer them and read no case (design §11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from forms.data_classes import DataClass


class Verb(StrEnum):
    """What an actor may do, in Central's words; ours are the last ones."""

    CONFIG_READ = "config.read"
    CONFIG_SET = "config.set"
    PROJECT_CREATE = "project.create"
    PROJECT_READ = "project.read"
    PROJECT_UPDATE = "project.update"
    PROJECT_DELETE = "project.delete"
    FORM_CREATE = "form.create"
    FORM_LIST = "form.list"
    FORM_READ = "form.read"
    FORM_UPDATE = "form.update"
    FORM_DELETE = "form.delete"
    FORM_RESTORE = "form.restore"
    OPEN_FORM_LIST = "open_form.list"
    OPEN_FORM_READ = "open_form.read"
    SUBMISSION_CREATE = "submission.create"
    SUBMISSION_LIST = "submission.list"
    SUBMISSION_READ = "submission.read"
    SUBMISSION_UPDATE = "submission.update"
    SUBMISSION_DELETE = "submission.delete"
    SUBMISSION_RESTORE = "submission.restore"
    DATASET_CREATE = "dataset.create"
    DATASET_LIST = "dataset.list"
    DATASET_READ = "dataset.read"
    DATASET_UPDATE = "dataset.update"
    DATASET_DELETE = "dataset.delete"
    ENTITY_CREATE = "entity.create"
    ENTITY_LIST = "entity.list"
    ENTITY_READ = "entity.read"
    ENTITY_UPDATE = "entity.update"
    ENTITY_DELETE = "entity.delete"
    ENTITY_RESTORE = "entity.restore"
    FIELD_KEY_CREATE = "field_key.create"
    FIELD_KEY_LIST = "field_key.list"
    FIELD_KEY_UPDATE = "field_key.update"
    FIELD_KEY_DELETE = "field_key.delete"
    PUBLIC_LINK_CREATE = "public_link.create"
    PUBLIC_LINK_LIST = "public_link.list"
    PUBLIC_LINK_READ = "public_link.read"
    PUBLIC_LINK_UPDATE = "public_link.update"
    PUBLIC_LINK_DELETE = "public_link.delete"
    ACTOR_PROPERTY_LIST = "actor_property.list"
    ACTOR_PROPERTY_UPDATE = "actor_property.update"
    ASSIGNMENT_LIST = "assignment.list"
    ASSIGNMENT_CREATE = "assignment.create"
    ASSIGNMENT_DELETE = "assignment.delete"
    SESSION_END = "session.end"
    USER_CREATE = "user.create"
    USER_LIST = "user.list"
    USER_READ = "user.read"
    USER_UPDATE = "user.update"
    USER_DELETE = "user.delete"
    USER_PASSWORD_INVALIDATE = "user.password.invalidate"  # noqa: S105 - a verb
    USER_PASSWORD_RESET = "user.password.reset"  # noqa: S105 - a verb
    ROLE_CREATE = "role.create"
    ROLE_UPDATE = "role.update"
    ROLE_DELETE = "role.delete"
    AUDIT_READ = "audit.read"
    BACKUP_RUN = "backup.run"
    ANALYTICS_READ = "analytics.read"
    SUBMISSION_REVIEW = "submission.review"
    SUBMISSION_AGGREGATE = "submission.aggregate"
    PERSON_READ = "person.read"
    PERSON_ERASE = "person.erase"
    CONSENT_UPDATE = "consent.update"
    UNIT_UPDATE = "unit.update"
    RETENTION_RUN = "retention.run"


ADMINISTRATOR, APP_USER, PASSWORD_RESET, MANAGER, VIEWER = 1, 2, 3, 5, 6
FORM_VIEWER, DATA_COLLECTOR, PUBLIC_LINK = 7, 8, 9
COLLABORATOR, COMMUNE_OFFICER, COMMUNE_LEAD, DISTRICT_VIEWER = 101, 102, 103, 104
PROVINCE_OFFICER, PARTNER, SYSADMIN, DPO = 105, 106, 107, 108

PERSON_ROLES = (
    *("admin", "manager", "viewer", "formfill"),
    *("collaborator", "commune_officer", "commune_lead", "district_viewer"),
    *("province_officer", "partner", "sysadmin", "dpo"),
)
"""What a person can be; the other roles belong to app users, links and single sessions."""
PHONE_ROLES = ("app-user", "collaborator", "commune_officer")
"""What an app user can be; whatever it is, a phone fills and reads no submission."""
NEEDS_UNIT = frozenset(
    {COLLABORATOR, COMMUNE_OFFICER, COMMUNE_LEAD, DISTRICT_VIEWER, PROVINCE_OFFICER}
)
"""Duties that nobody has for the whole country."""

_FILL = frozenset({Verb.OPEN_FORM_LIST, Verb.OPEN_FORM_READ, Verb.SUBMISSION_CREATE})
FILLING = _FILL
"""All that a token in an address can do."""
_READ_SLIPS = frozenset({Verb.SUBMISSION_LIST, Verb.SUBMISSION_READ})
_READ = _READ_SLIPS | {Verb.ENTITY_LIST, Verb.ENTITY_READ}
_EDIT = frozenset({Verb.SUBMISSION_UPDATE, Verb.ENTITY_UPDATE})
_CORRECT = _EDIT | {Verb.SUBMISSION_REVIEW}
_KEEP_LISTS = frozenset({Verb.ENTITY_CREATE, Verb.ENTITY_DELETE, Verb.ENTITY_RESTORE})
_REVIEW = frozenset({Verb.SUBMISSION_REVIEW})
_FIGURES = frozenset({Verb.SUBMISSION_AGGREGATE})
_OWN_COMMUNE = _FILL | _READ | _CORRECT | _FIGURES | _KEEP_LISTS
_SEE_FORMS = frozenset(
    {
        *(Verb.PROJECT_READ, Verb.FORM_LIST, Verb.FORM_READ),
        *(Verb.DATASET_LIST, Verb.DATASET_READ),
    }
)
"""What there is to fill, and which lists of entities come of it."""
_OF_SITE = frozenset(
    {
        *(Verb.CONFIG_READ, Verb.CONFIG_SET, Verb.PROJECT_CREATE),
        *(Verb.USER_CREATE, Verb.USER_LIST, Verb.USER_READ, Verb.USER_UPDATE, Verb.USER_DELETE),
        *(Verb.USER_PASSWORD_INVALIDATE, Verb.USER_PASSWORD_RESET),
        *(Verb.ROLE_CREATE, Verb.ROLE_UPDATE, Verb.ROLE_DELETE),
        *(Verb.AUDIT_READ, Verb.BACKUP_RUN, Verb.ANALYTICS_READ),
        *(Verb.UNIT_UPDATE, Verb.RETENTION_RUN),
        *(Verb.PERSON_READ, Verb.PERSON_ERASE, Verb.CONSENT_UPDATE),
    }
)
_MANAGE = frozenset(Verb) - _OF_SITE
_VIEW = _SEE_FORMS | {
    *(Verb.SUBMISSION_LIST, Verb.SUBMISSION_READ, Verb.SUBMISSION_AGGREGATE),
    *(Verb.ENTITY_LIST, Verb.ENTITY_READ, Verb.ACTOR_PROPERTY_LIST),
}
ON_ROWS = frozenset(
    {v for v in Verb if v.startswith(("submission.", "entity.", "person.", "consent."))}
)
"""What is done with rows of data, and so for a unit as well as for all of them."""
_OF_DATA = ON_ROWS | _FILL
WITHIN_UNIT = _OF_DATA | _SEE_FORMS
"""What an assignment at a unit can give; what concerns all units takes one without a unit."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a role may do: on forms by what they gather, and else."""

    general: frozenset[Verb]
    on: Mapping[DataClass, frozenset[Verb]] = field(default_factory=dict)

    def verbs(self, data_class: DataClass | None) -> frozenset[Verb]:
        """With a form of that class; None: where no form is concerned.

        A duty that has nothing to do with a form does not see it either.
        """
        if data_class is None:
            return self.general
        with_it = self.on.get(data_class)
        if with_it is None:
            return self.general - _OF_DATA
        return self.general - (_OF_DATA if with_it else WITHIN_UNIT) | with_it


def _central(verbs: frozenset[Verb]) -> Role:
    """One of Central's roles: the same with every form, but with restricted ones no data.

    "form.read includes what open_form.read allows" (central-api.md §4).
    """
    if Verb.FORM_READ in verbs:
        verbs |= {Verb.OPEN_FORM_READ}
    open_ones = (DataClass.REGISTER, DataClass.PLAN, DataClass.REPORT)
    return Role(verbs, dict.fromkeys(open_ones, verbs & _OF_DATA))


def _duty(
    general: frozenset[Verb],
    *,
    register: frozenset[Verb] = frozenset(),
    case: frozenset[Verb] = frozenset(),
    plan: frozenset[Verb] = frozenset(),
    report: frozenset[Verb] = frozenset(),
) -> Role:
    on = {
        DataClass.REGISTER: register,
        DataClass.CASE: case,
        DataClass.PLAN: plan,
        DataClass.REPORT: report,
    }
    return Role(general, on)


ROLES: dict[int, Role] = {
    ADMINISTRATOR: _central(frozenset(Verb)),
    APP_USER: _central(_FILL - {Verb.OPEN_FORM_LIST}),
    PASSWORD_RESET: Role(frozenset({Verb.USER_PASSWORD_RESET})),
    MANAGER: _central(_MANAGE),
    VIEWER: _central(_VIEW),
    FORM_VIEWER: _central(frozenset({Verb.OPEN_FORM_READ})),
    DATA_COLLECTOR: _central(_FILL | {Verb.PROJECT_READ}),
    PUBLIC_LINK: _central(_FILL - {Verb.OPEN_FORM_LIST}),
    COLLABORATOR: _duty(
        _SEE_FORMS | _FILL,
        register=_FILL | _READ,
        report=_FILL | _READ | _EDIT,
    ),
    COMMUNE_OFFICER: _duty(
        _SEE_FORMS | _FILL | {Verb.CONSENT_UPDATE, Verb.PERSON_READ},
        register=_OWN_COMMUNE | {Verb.PERSON_READ, Verb.CONSENT_UPDATE},
        case=_OWN_COMMUNE,
        plan=_OWN_COMMUNE,
        report=_READ | _REVIEW | _FIGURES,
    ),
    COMMUNE_LEAD: _duty(
        _SEE_FORMS,
        register=_READ | _FIGURES,
        case=_READ | _FIGURES,
        plan=_READ | _REVIEW | _FIGURES,
        report=_READ | _FIGURES,
    ),
    DISTRICT_VIEWER: _duty(_SEE_FORMS, register=_FIGURES, report=_FIGURES),
    PROVINCE_OFFICER: _duty(
        _SEE_FORMS,
        register=_FIGURES,
        case=_FIGURES,
        plan=_READ | _FIGURES,
        report=_FIGURES,
    ),
    PARTNER: _duty(frozenset({Verb.PROJECT_READ}), register=_READ_SLIPS, case=_READ_SLIPS),
    SYSADMIN: Role((frozenset(Verb) - _OF_DATA) | {Verb.FORM_READ, Verb.FORM_LIST}),
    DPO: _duty(
        _SEE_FORMS
        | {Verb.AUDIT_READ, Verb.PERSON_READ, Verb.PERSON_ERASE, Verb.CONSENT_UPDATE}
        | {Verb.RETENTION_RUN},
        register=frozenset({Verb.PERSON_READ, Verb.PERSON_ERASE, Verb.CONSENT_UPDATE}),
    ),
}
