"""Visits of a restricted form, which say of a child what must not be in its list."""

from __future__ import annotations

from pathlib import Path

from server.actions.entities.known import get_list
from server.actions.entities.restricting import list_facts, require_facts
from server.auth.callers import Caller
from server.auth.roles import Verb
from server.cli.common import today
from server.db import db
from server.queries.entity_pages import find_entity
from server.queries.scopes import EVERYTHING
from tests.helpers.children import child_slip, publish_children
from tests.helpers.duties import asks, receive

VISITS = """
| survey |
| | type | name | label | save_to | restricted_save_to |
| | text | next_visit | Next | next_visit | |
| | text | groups | Groups | | child#sc_restricted |
| | select_one_from_file child.csv | child_id | Child | | |
| entities |
| | list_name | entity_id | update_if | label |
| | child | ${child_id} | true() | |
| settings |
| | form_id | form_title | version | data_class |
| | visits | Visits | 1 | case |
"""
SECRET, OTHER = "Zxqvan", "Qwmrup"
"""What is said of a child; no other text has such letters."""


def publish_visits(folder: Path) -> None:
    publish_children(folder)
    publish_children(folder, VISITS)


def visit_slip(child: str, groups: str | None = SECRET, *, base: int = 1, **more: str) -> bytes:
    said = {} if groups is None else {"groups": groups}
    return child_slip(child, mode="update", base=base, label=None, form_id="visits", **said | more)


def receive_visit(child: str, groups: str | None = SECRET, *, base: int = 1, **more: str) -> None:
    receive(visit_slip(child, groups, base=base, **more))


def facts_of(child: str, *, by: Caller) -> dict[str, str]:
    """What the caller is told of a child, wherever that is."""
    db.session.rollback()
    facts = get_list(None, 1, "child")
    row = find_entity(facts.id, child, EVERYTHING)
    assert row is not None
    known = list_facts(row, require_facts(facts, Verb.ENTITY_READ, by=by))
    return {name: fact.value for name, fact in known.items()}


def officer_of(actor, reason: str = "a visit") -> Caller:
    return asks(actor, today(), reason)
