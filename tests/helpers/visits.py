"""A form that asks for consent, and slips of it: households, children, files."""

from __future__ import annotations

from pathlib import Path

from server.actions.installation import publish_workbook
from server.cli.common import operator, storage
from server.db import transaction
from server.queries.projects import get_project
from tests.helpers.slips import write_workbook

VISIT = """
| survey |
| | type         | name          | label   | calculation  | bind::phieu:kept |
| | today        | today         |         |              |                  |
| | text         | commune       | Commune |              |                  |
| | text         | consent       | Consent |              |                  |
| | text         | consent_basis | Basis   |              |                  |
| | calculate    | consent_at    |         | now()        |                  |
| | text         | head          | Head    |              |                  |
| | text         | phone         | Phone   |              |                  |
| | text         | benefit       | Benefit |              | statutory        |
| | calculate    | hh_uid        |         | once(uuid()) |                  |
| | file         | door          | Door    |              |                  |
| | begin_repeat | child         | Child   |              |                  |
| | calculate    | child_uid     |         | once(uuid()) |                  |
| | text         | name          | Name    |              |                  |
| | file         | paper         | Paper   |              |                  |
| | end_repeat   |               |         |              |                  |
| settings |
| | form_id | form_title | version | namespaces               | instance_name |
| | visit   | Visit      | 7       | phieu="urn:phieu:xforms" | ${head}       |
"""


def visit(
    instance_id: str,
    *,
    head: str = "Nguyễn Văn An",
    household: str = "h-1",
    consent: str = "1",
    children: tuple[tuple[str, str, str], ...] = (("c-1", "Trần Bình", ""),),
    edits: str = "",
    door: str = "",
) -> bytes:
    """A filled form; children are (key, name, file name)."""
    repeats = "".join(
        f"<child><child_uid>{key}</child_uid><name>{name}</name><paper>{paper}</paper></child>"
        for key, name, paper in children
    )
    deprecated = f"<deprecatedID>{edits}</deprecatedID>" if edits else ""
    return (
        f'<data id="visit" version="7"><today>2026-11-20</today><commune>12472</commune>'
        f"<consent>{consent}</consent><consent_basis>2</consent_basis>"
        f"<consent_at>2026-11-20T08:30:00</consent_at><head>{head}</head>"
        f"<phone>0912345678</phone><benefit>poor</benefit><hh_uid>{household}</hh_uid>"
        f"<door>{door}</door>{repeats}<meta><instanceID>{instance_id}</instanceID>{deprecated}"
        f"<instanceName>{head}</instanceName></meta></data>"
    ).encode()


def offer_visits(folder: Path) -> None:
    """Publish the form `visit`; a step of scenes."""
    publish(write_workbook(folder, VISIT))


def publish(workbook: Path) -> None:
    with transaction():
        publish_workbook(workbook, None, project=get_project(), storage=storage(), by=operator())
