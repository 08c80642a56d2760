"""The permission table: each role a set of verbs (central-api.md §4)."""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    """What an actor may do, in Central's words."""

    PROJECT_READ = "project.read"
    PROJECT_UPDATE = "project.update"
    FORM_CREATE = "form.create"
    FORM_LIST = "form.list"
    FORM_READ = "form.read"
    FORM_UPDATE = "form.update"
    OPEN_FORM_LIST = "open_form.list"
    OPEN_FORM_READ = "open_form.read"
    SUBMISSION_CREATE = "submission.create"
    SUBMISSION_LIST = "submission.list"
    SUBMISSION_READ = "submission.read"
    SUBMISSION_UPDATE = "submission.update"
    FIELD_KEY_CREATE = "field_key.create"
    FIELD_KEY_LIST = "field_key.list"
    FIELD_KEY_DELETE = "field_key.delete"
    USER_CREATE = "user.create"
    USER_LIST = "user.list"
    USER_UPDATE = "user.update"
    AUDIT_READ = "audit.read"


ADMINISTRATOR, APP_USER, PASSWORD_RESET, MANAGER, VIEWER = 1, 2, 3, 5, 6
FORM_VIEWER, DATA_COLLECTOR, PUBLIC_LINK = 7, 8, 9

PERSON_ROLES = ("admin", "manager", "viewer", "formfill")
"""What a person can be; the other roles belong to app users, links and single sessions."""

_FILL = frozenset({Verb.OPEN_FORM_READ, Verb.SUBMISSION_CREATE})
_VIEW = frozenset(
    {
        Verb.PROJECT_READ,
        Verb.FORM_LIST,
        Verb.FORM_READ,
        Verb.SUBMISSION_LIST,
        Verb.SUBMISSION_READ,
    }
)
_MANAGE = frozenset(
    set(Verb) - {Verb.USER_CREATE, Verb.USER_LIST, Verb.USER_UPDATE, Verb.AUDIT_READ}
)

VERBS: dict[int, frozenset[Verb]] = {
    ADMINISTRATOR: frozenset(Verb),
    APP_USER: _FILL,
    PASSWORD_RESET: frozenset(),
    MANAGER: _MANAGE,
    VIEWER: _VIEW,
    FORM_VIEWER: frozenset({Verb.OPEN_FORM_READ}),
    DATA_COLLECTOR: _FILL | {Verb.PROJECT_READ, Verb.OPEN_FORM_LIST},
    PUBLIC_LINK: _FILL,
}
