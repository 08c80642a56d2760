"""What somebody may see is found without reading all units of the country."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from server.auth.territories import find_scope
from server.cli.common import today
from server.db import db


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize("unit", ["33", "12472"])
def test_the_way_back_from_a_unit_is_read_by_indexes(app, unit):
    asked: list[tuple[str, tuple]] = []

    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    scope = find_scope({("vn-2025-07", unit)}, today())
    event.remove(db.engine, "before_cursor_execute", note)

    with db.engine.connect() as connection:
        plans = [
            row[3]
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert scope.communes
    assert any("SEARCH successions" in step for step in plans)
    assert [step for step in plans if step.startswith(("SCAN units", "SCAN successions"))] == []
