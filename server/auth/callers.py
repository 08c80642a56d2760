"""Credentials → Caller: who is asking, as far as a request needs to know."""

from __future__ import annotations

from dataclasses import dataclass

from server.auth.tokens import has_token_shape, hash_token
from server.errors import NotAllowed
from server.queries import actors


@dataclass(frozen=True, slots=True)
class Caller:
    """An actor who is asking.

    `catalogue` marks the state of the project (its offer, rights and units) at the moment of
    asking: what is remembered of that state may be used. None: nothing may be.
    """

    actor_id: int
    name: str
    is_operator: bool = False
    project_id: int | None = None
    language: str | None = None
    is_revoked: bool = False
    catalogue: int | None = None


def find_phone(token: str, project_id: int) -> Caller:
    """The app user of a token, a revoked one too; anything else wrong is 403.1 (design §11)."""
    if not has_token_shape(token):
        raise NotAllowed
    row = actors.find_phone(hash_token(token), project_id)
    if row is None:
        raise NotAllowed
    return Caller(
        actor_id=row.actor_id,
        name=row.display_name,
        project_id=row.project_id,
        language=row.language,
        is_revoked=row.revoked_at is not None,
        catalogue=row.catalogue,
    )


def operator() -> Caller:
    """Whoever can run commands on the machine."""
    actor = actors.find_operator()
    return Caller(actor_id=actor.id, name=actor.display_name, is_operator=True)
