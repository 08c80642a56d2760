"""Read an app user's token again, for a QR code; that somebody did is in the audit log."""

from __future__ import annotations

from collections.abc import Sequence

from server.auth.callers import Caller
from server.auth.gate import require
from server.auth.roles import Verb
from server.auth.tokens import unseal
from server.errors import AppUserRevoked, NotFound
from server.models import AppUser, Project
from server.queries import actors, assignments, audits


def get_living(actor_ids: Sequence[int], *, project: Project) -> list[AppUser]:
    """These app users of the project; AppUserRevoked if the access of one has ended."""
    found = [_get(actor_id, project) for actor_id in dict.fromkeys(actor_ids)]
    for app_user in found:
        if app_user.revoked_at is not None:
            raise AppUserRevoked(name=app_user.actor.display_name, id=app_user.actor_id)
    return found


def list_living(*, project: Project, unit_codes: Sequence[str] = ()) -> list[AppUser]:
    """All whose access has not ended, or those of the units and of the communes in them."""
    living = [a for a in actors.list_app_users(project) if a.revoked_at is None]
    if not unit_codes:
        return living
    wanted = set(unit_codes)
    return [a for a in living if wanted & set(assignments.list_codes_above(a.actor_id))]


def read_token(app_user: AppUser, *, secret_key: str, by: Caller) -> str:
    """What the QR code needs; whoever may give a way in may read it."""
    require(by, Verb.FIELD_KEY_CREATE, project_id=app_user.project_id)
    token = unseal(app_user.token_sealed, secret_key)
    audits.log(by, "field_key.read", "field_key", app_user.actor_id)
    return token


def _get(actor_id: int, project: Project) -> AppUser:
    app_user = actors.get_app_user(actor_id)
    if app_user.project_id != project.id:
        raise NotFound(subject="app_user", name=actor_id)
    return app_user
