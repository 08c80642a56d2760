"""What there is to do about generated submissions: findings in them, children to be visited."""

from __future__ import annotations

from sqlalchemy import text

from server.actions.assigning import Duty
from server.actions.entities.known import get_list
from server.db import db, transaction
from tests.helpers.duties import hashed, person
from tests.helpers.installations import Installation

PROVINCE = "33"
READER = "tinh@example.vn"
"""Who may read all of it, with the tests' own password."""
_FOUND_IN = 4
_VISITED = 10
_FINDINGS = """
    INSERT INTO findings (submission_version_id, origin, code, severity, path, value, created_at)
    SELECT id, 'check', 'constraint', 'W', '/g_hh/hh_size', '40', received_at
    FROM submission_versions WHERE id % :of = 0
"""
_CHILDREN = """
    INSERT INTO entities (dataset_id, uuid, version, label, data, edition, commune_code, created_at)
    SELECT :dataset, printf('00000000-0000-4000-8000-%012x', id), 1, 'Nguyễn Thị Lan',
    '{"full_name": "Nguyễn Thị Lan", "next_visit": "2026-12-20"}', edition, commune_code, created_at
    FROM submissions WHERE id % :of = 0
"""
_DUE = """
    INSERT INTO due_items (entity_id, kind, dataset_id, edition, commune_code, due_at)
    SELECT id, 'visit', dataset_id, edition, commune_code, '2026-12-20 16:59:59.999999'
    FROM entities WHERE dataset_id = :dataset
"""


def add_work(installation: Installation) -> None:
    """A finding in each fourth submission, a visit for each tenth; and who may read of it."""
    with installation.create_app().app_context():
        with transaction():
            dataset = {"dataset": get_list(None, 1, "child").id}
            db.session.execute(text(_FINDINGS), {"of": _FOUND_IN})
            db.session.execute(text(_CHILDREN), {"of": _VISITED, **dataset})
            db.session.execute(text(_DUE), dataset)
        person(READER, Duty("commune_officer", PROVINCE), password_hash=hashed())
        db.session.remove()
        db.engine.dispose()
