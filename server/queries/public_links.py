"""Public links: add, list, use, revoke."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from server.db import db, execute, utc_now
from server.errors import NotFound
from server.models import Actor, ActorType, Form, PublicLink


def add_public_link(
    form: Form,
    name: str,
    *,
    token_hash: str,
    sealed: str,
    once: bool,
    created_by_id: int | None,
) -> PublicLink:
    link = PublicLink(
        actor=Actor(type=ActorType.PUBLIC_LINK, display_name=name),
        project_id=form.project_id,
        form_id=form.id,
        token_hash=token_hash,
        token_sealed=sealed,
        once=once,
        created_by_id=created_by_id,
    )
    db.session.add(link)
    db.session.flush()
    return link


def list_public_links(form: Form) -> Sequence[PublicLink]:
    """Of one form, oldest first, revoked ones too."""
    query = select(PublicLink).where(PublicLink.form_id == form.id)
    return db.session.scalars(query.order_by(PublicLink.actor_id)).all()


def get_public_link(actor_id: int, project_id: int) -> PublicLink:
    link = db.session.get(PublicLink, actor_id)
    if link is None or link.project_id != project_id:
        raise NotFound(subject="public_link", name=actor_id)
    return link


def revoke_public_link(link: PublicLink) -> None:
    link.revoked_at = link.revoked_at or utc_now()
    db.session.flush()


def try_use(actor_id: int) -> bool:
    """Use up a link that takes one submission; False where that has been done."""
    used = update(PublicLink).where(PublicLink.actor_id == actor_id, PublicLink.used_at.is_(None))
    return bool(execute(used.values(used_at=utc_now())).rowcount)


def list_sealed() -> Sequence[str]:
    """What the secret key must open."""
    query = select(PublicLink.token_sealed).where(PublicLink.revoked_at.is_(None))
    return db.session.scalars(query).all()
