"""Nothing that slips and phones ask for reads all of the register, and no page of a table."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event, insert, select

from server.actions.assigning import Duty
from server.actions.entities.known import find_lists
from server.actions.entities.lists import find_phone_lists
from server.actions.entities.subjects import Subject
from server.actions.unit_importing import import_units
from server.actions.unit_lists import VILLAGES
from server.auth.callers import Occasion, find_phone
from server.cli.common import operator, today
from server.db import db, fetch, transaction
from server.models import Dataset, Entity, EntityVersion
from server.queries.entity_pages import Wanted
from server.queries.entity_windows import Rows, Window, iter_window
from server.queries.scopes import EVERYTHING
from tests.helpers.cases import add_child
from tests.helpers.children import CHILDREN, child_slip, new_child
from tests.helpers.duties import person, phone
from tests.helpers.facts import OTHER, facts_of, officer_of, publish_visits, receive_visit
from tests.helpers.slips import ROOT, new_id

from .test_registering import publish

SAMPLE = ROOT / "xlsforms/child_situation/media/villages.csv"
TABLES = (
    *("entities", "entity_versions", "entity_marks", "held_changes", "due_items"),
    "restricted_facts",
)
HOME = {"village_code": "V000019", "commune_code": "12472"}


@pytest.fixture
def asked(app):
    """Every statement that is run from now on, with what it was given."""
    statements: list[tuple[str, tuple]] = []

    def note(_connection, _cursor, statement, parameters, _context, many):
        if not many and statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            statements.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def scans(statements: list[tuple[str, tuple]]) -> set[str]:
    """What of the register SQLite reads from end to end for them."""
    found = set()
    with db.engine.connect() as connection:
        for statement, parameters in [*statements]:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            for row in plan:
                scan = re.match(r"SCAN (\w+)|SEARCH (entities) USING INDEX \w+_in_order", row[3])
                found |= {scan[1] or scan[2]} & set(TABLES) if scan else set()
    return found


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_slip_reads_only_the_entities_that_it_is_about(app, token, tmp_path, submit, asked):
    publish(tmp_path, CHILDREN)
    id_ = new_child()

    for slip in (
        child_slip(id_, **HOME),
        child_slip(id_, mode="update", base=1, **HOME),
        child_slip(id_, mode="update", base=7, branch=new_child(), **HOME),
    ):
        assert submit(slip).status_code == 201

    assert any("FROM entities" in statement for statement, _ in asked)
    assert scans(asked) == set()


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize("unit", ["V000019", "12472"])
def test_a_phone_s_list_reads_only_its_villages(app, asked, unit):
    with transaction():
        import_units([(VILLAGES, SAMPLE.read_bytes())], on=date(2026, 11, 23), by=operator())
    role = "collaborator" if unit.startswith("V") else "commune_officer"
    token = phone("Hoa", unit, role=role)
    caller = find_phone(token, 1, Occasion(today(), "test"))
    asked.clear()

    listed = find_phone_lists(caller, 1, ["child.csv"])["child.csv"]
    assert listed.tag
    assert listed.to_csv().count(b"\n") == 1

    assert any("FROM entities" in statement for statement, _ in asked)
    assert scans(asked) == set()


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_a_visit_says_reads_only_its_child(app, tmp_path, asked):
    publish_visits(tmp_path)
    officer = officer_of(person("officer@x.vn", Duty("commune_officer", HOME["commune_code"])))
    id_, visit = add_child("Lan"), new_id()
    asked.clear()

    receive_visit(id_, instance_id=visit)
    receive_visit(id_, OTHER, edits=visit)
    assert facts_of(id_, by=officer) == {"sc_restricted": OTHER}

    assert any(s.startswith("WITH") and "restricted_facts" in s for s, _ in asked)
    assert scans(asked) == set()


def add_children(count: int) -> None:
    """Entities as rows alone, each with its first version."""
    [dataset_id] = db.session.scalars(select(Dataset.id).where(Dataset.name == "child"))
    entities = [
        {"dataset_id": dataset_id, "uuid": new_child(), "version": 1, "label": "x", "data": {}}
        for _ in range(count)
    ]
    with transaction():
        db.session.execute(insert(Entity), entities)
        made = [
            {"entity_id": id_, "number": 1, "label": "x", "data": {}, "received": {}}
            for id_ in db.session.scalars(select(Entity.id).where(Entity.label == "x"))
        ]
        db.session.execute(insert(EntityVersion), made)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_page_of_a_table_costs_the_same_at_any_depth(app, asked):
    add_children(3000)
    dataset_id = find_lists(operator().catalogue, 1)["child"].id
    rows = Rows(dataset_id, EVERYTHING, Wanted())
    ids = [row.id for row in fetch(select(Entity.id).order_by(Entity.id.desc()))]
    steps: list[int] = []

    def count(at: int | None) -> tuple[int, list[int]]:
        steps.clear()
        [page] = iter_window(rows, Window(limit=250, after=at))
        return len(steps), [row.id for row in page]

    with watch_steps(steps):
        first, deep = count(None), count(ids[2700 - 1])

    assert (first[1], deep[1]) == (ids[:250], ids[2700:2950])
    assert deep[0] == pytest.approx(first[0], rel=0.05)


@contextmanager
def watch_steps(steps: list[int]):
    """Note every hundredth step of SQLite's machine."""

    def begin(connection, _record, _proxy):
        connection.set_progress_handler(lambda: steps.append(1), 100)

    def end(connection, _record):
        connection.set_progress_handler(None, 0)

    event.listen(db.engine, "checkout", begin)
    event.listen(db.engine, "checkin", end)
    yield
    event.remove(db.engine, "checkout", begin)
    event.remove(db.engine, "checkin", end)


REPEATED = """
| survey |
| | type | name | label | save_to |
| | begin_repeat | kid | Kid | |
| | text | full_name | Name | child#full_name |
| | end_repeat | | | |
| entities |
| | list_name | entity_id | create_if | label | repeat |
| | child | | true() | ${full_name} | ${kid} |
| settings |
| | form_id | form_title | version |
| | kids | Kids | 1 |
"""


def test_a_slip_of_many_children_compares_none_with_the_others(submit, tmp_path, monkeypatch):
    def compare(_self, _other):
        raise AssertionError("each with each")

    monkeypatch.setattr(Subject, "__eq__", compare)
    publish(tmp_path, REPEATED)
    kids = "".join(
        f'<kid><full_name>{n}</full_name><meta><entity dataset="child" id="{new_child()}"'
        f' create="1"><label>{n}</label></entity></meta></kid>'
        for n in range(3)
    )

    submit(
        f'<data id="kids" version="1">{kids}'
        f"<meta><instanceID>{new_id()}</instanceID></meta></data>".encode()
    )

    assert len(fetch(select(Entity.id))) == 3
