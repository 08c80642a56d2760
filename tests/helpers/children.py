"""A small form whose slips make and change children of a register, and such slips."""

from __future__ import annotations

import uuid
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from server.actions.installation import publish_workbook
from server.cli.common import operator, storage
from server.db import transaction
from server.queries.projects import get_project
from tests.helpers.slips import new_id, write_workbook

CHILDREN = """
| survey |
| | type | name | label | save_to |
| | text | commune_code | Commune | commune_code |
| | text | village_code | Village | village_code |
| | text | full_name | Name | full_name |
| | text | status | Status | status |
| | select_one_from_file child.csv | child_id | Child | |
| | text | mode | Mode | |
| entities |
| | list_name | entity_id | create_if | update_if | label |
| | child | ${child_id} | ${mode} = 'new' | ${mode} = 'old' | ${full_name} |
| settings |
| | form_id | form_title | version |
| | children | Children | 1 |
"""
FOLLOWERS = """
| survey |
| | type | name | label |
| | select_one_from_file child.csv | who | Who |
| | note | n | ${who} |
| settings |
| | form_id | form_title | version |
| | followers | Followers | 1 |
"""


CASES = (
    CHILDREN.replace("| child |", "| victim |")
    .replace("child.csv", "victim.csv")
    .replace("| children | Children | 1 |", "| abuse_report | Cases | 1 |")
)
"""The same, restricted, with the list `victim`."""


def new_child() -> str:
    return str(uuid.uuid4())


def child_slip(
    child_id: str,
    *,
    mode: str = "create",
    base: object = "",
    trunk: object = "",
    branch: str = "",
    label: str | None = "Lan",
    instance_id: str | None = None,
    edits: str = "",
    dataset: str = "child",
    form_id: str = "children",
    **answers: str,
) -> bytes:
    """A slip that creates or updates (or both) a child with these answers as properties."""
    flags = "".join(f' {flag}="1"' for flag in mode.split())
    fields = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in answers.items())
    said = "" if label is None else f"<label>{escape(label)}</label>"
    replaced = f"<deprecatedID>{edits}</deprecatedID>" if edits else ""
    return (
        f'<data id="{form_id}" version="1">{fields}'
        f"<meta><instanceID>{instance_id or new_id()}</instanceID>{replaced}"
        f"<entity dataset={quoteattr(dataset)} id={quoteattr(child_id)}{flags}"
        f' baseVersion="{base}" trunkVersion="{trunk}" branchId="{branch}">{said}</entity>'
        "</meta></data>"
    ).encode()


def publish_children(folder: Path, markdown: str = CHILDREN) -> None:
    """Publish the form, and with it its lists."""
    with transaction():
        publish_workbook(
            write_workbook(folder, markdown),
            None,
            project=get_project(),
            storage=storage(),
            by=operator(),
        )
