"""Public links: whoever holds one may fill one form, without an account (central-api.md §8)."""

from __future__ import annotations

from forms.data_classes import DataClass
from server.auth.callers import Caller
from server.auth.gate import require
from server.auth.roles import PUBLIC_LINK, Verb
from server.auth.tokens import hash_token, make_token, seal
from server.errors import FieldMissing, LinkUsed, TextTooLong, ValueNotAllowed
from server.models import Form, Project, PublicLink
from server.queries import assignments, audits, projects, public_links

_MAX_NAME = 255


def add_public_link(
    name: str, *, form: Form, once: bool, secret_key: str, by: Caller
) -> tuple[PublicLink, str]:
    """Add a link to the form and return its token; with `once` it takes one submission."""
    require(by, Verb.PUBLIC_LINK_CREATE, project_id=form.project_id)
    if form.data_class is DataClass.CASE:
        raise ValueNotAllowed(subject="link", field="FORM", value=form.xml_form_id, reason="…")
    if not name.strip():
        raise FieldMissing(subject="name", field="name")
    if len(name) > _MAX_NAME:
        raise TextTooLong(limit=_MAX_NAME)
    token = make_token()
    link = public_links.add_public_link(
        form,
        name,
        token_hash=hash_token(token),
        sealed=seal(token, secret_key),
        once=once,
        created_by_id=by.actor_id,
    )
    assignments.assign(link.actor_id, PUBLIC_LINK, project_id=form.project_id, form_id=form.id)
    audits.log(by, "public_link.create", "public_link", link.actor_id, once=once)
    granted = {"roleId": PUBLIC_LINK, "formIds": [form.id]}
    audits.log(by, "public_link.assignment.create", "public_link", link.actor_id, **granted)
    return link, token


def revoke_public_link(actor_id: int, *, project: Project, by: Caller) -> PublicLink:
    require(by, Verb.PUBLIC_LINK_DELETE, project_id=project.id)
    link = public_links.get_public_link(actor_id, project.id)
    public_links.revoke_public_link(link)
    projects.touch_catalogue(project.id)
    audits.log(by, "public_link.session.end", "public_link", actor_id)
    return link


def use_link(by: Caller) -> None:
    """Note that the link has its submission; LinkUsed where it takes one and had it.

    In the transaction that keeps the submission, so that of two at once only one is kept.
    """
    if by.link is None or not by.link.once or by.actor_id is None:
        return
    if not public_links.try_use(by.actor_id):
        raise LinkUsed
