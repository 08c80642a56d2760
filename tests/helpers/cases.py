"""Small forms whose slips make and follow cases, and say when a child is visited next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from server.actions.installation import publish_workbook
from server.cli.common import operator, storage
from server.db import transaction
from server.queries.projects import get_project
from tests.helpers.children import CHILDREN, child_slip, new_child
from tests.helpers.duties import receive
from tests.helpers.slips import write_workbook

CASES = """
| survey |
| | type | name | label | save_to |
| | text | commune_code | Commune | commune_code |
| | text | case_code | Code | case_code |
| | text | received_at | Received | received_at |
| | text | emergency | Emergency | emergency |
| | text | emergency_at | Measures | emergency_at |
| | text | status | Status | status |
| | text | plan_approved | Plan | plan_approved |
| | text | next_visit | Next | next_visit |
| | text | child_ref | Child | child_id |
| | select_one_from_file case.csv | case_id | Case | |
| | text | mode | Mode | |
| entities |
| | list_name | entity_id | create_if | update_if | label |
| | case | ${case_id} | ${mode} = 'new' | ${mode} = 'old' | ${case_code} |
| settings |
| | form_id | form_title | version | data_class |
| | cases | Cases | 1 | case |
"""
VISITS = """
| survey |
| | type | name | label | save_to |
| | text | next_visit | Next | next_visit |
| | select_one_from_file child.csv | child_id | Child | |
| entities |
| | list_name | entity_id | update_if | label |
| | child | ${child_id} | true() | |
| settings |
| | form_id | form_title | version | data_class |
| | visits | Visits | 1 | {data_class} |
"""
COMMUNE, VILLAGE = "12472", "V000001"


def publish_register(folder: Path, *, visits_are: str = "register") -> None:
    """The three forms; who writes when a child is visited next is of that kind of data."""
    visits = VISITS.replace("{data_class}", visits_are)
    for name, markdown in (("children", CHILDREN), ("cases", CASES), ("visits", visits)):
        workbook = write_workbook(folder, markdown, f"{name}.xlsx")
        with transaction():
            publish_workbook(
                workbook, None, project=get_project(), storage=storage(), by=operator()
            )


def open_case(code: str, received_at: str, *, commune: str = COMMUNE, **more: Any) -> str:
    """Receive a report; the id of the case that it makes."""
    id_ = new_child()
    answers = {"commune_code": commune, "case_code": code, "received_at": received_at}
    answers |= {"status": "open", **more}
    receive(child_slip(id_, dataset="case", form_id="cases", label=code, **answers))
    return id_


def follow_case(id_: str, base: int, **answers: str) -> None:
    """Receive a follow-up, which says these things of the case."""
    slip = child_slip(
        id_,
        mode="update",
        base=base,
        label=None,
        dataset="case",
        form_id="cases",
        **answers,
    )
    receive(slip)


def add_child(name: str, *, commune: str = COMMUNE, village: str = VILLAGE) -> str:
    id_ = new_child()
    receive(child_slip(id_, label=name, commune_code=commune, village_code=village, status="1"))
    return id_


def plan_visit(id_: str, base: int, day: str) -> None:
    receive(child_slip(id_, mode="update", base=base, label=None, form_id="visits", next_visit=day))
