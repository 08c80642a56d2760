"""Who sends with a token: an app user or a public link, whichever has it, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, String, bindparam, cast, false, null, union_all
from sqlalchemy import select as select_

from server.db import fetch
from server.models import Actor, ActorType, AppUser, Project, PublicLink

PhoneRow = Row[int, ActorType, str, str | None, datetime | None, bool, int, int]
"""(actor_id, type, display_name, language, revoked_at, once, project_id, catalogue)"""


def _of(kind: type[AppUser | PublicLink], language: Any, once: Any) -> Select[Any]:
    return (
        select_(
            kind.actor_id,
            Actor.type,
            Actor.display_name,
            language.label("language"),
            kind.revoked_at,
            once.label("once"),
            kind.project_id,
            Project.catalogue,
        )
        .join(Actor, Actor.id == kind.actor_id)
        .join(Project, Project.id == kind.project_id)
        .where(kind.token_hash == bindparam("token_hash"))
    )


_APP_USER = _of(AppUser, AppUser.language, false())
_LINK = _of(PublicLink, cast(null(), String(8)), PublicLink.once)
_HOLDER = union_all(_APP_USER, _LINK)
_PHONE = union_all(
    _APP_USER.where(AppUser.project_id == bindparam("project_id")),
    _LINK.where(PublicLink.project_id == bindparam("project_id")),
)


def find_phone(token_hash: str, project_id: int) -> PhoneRow | None:
    """What a request with a token needs to know, in one query of its own."""
    rows: Sequence[PhoneRow] = fetch(_PHONE, {"token_hash": token_hash, "project_id": project_id})
    return rows[0] if rows else None


def find_holder(token_hash: str) -> PhoneRow | None:
    """The same where the address names no project."""
    rows: Sequence[PhoneRow] = fetch(_HOLDER, {"token_hash": token_hash})
    return rows[0] if rows else None
