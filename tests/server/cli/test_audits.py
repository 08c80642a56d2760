"""`phieu audits`: search the log from its newest row on, and take it out for people."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, text

from server.cli.audits import command
from server.cli.users import command as users
from server.db import db, transaction
from server.models import Actor, ActorType, Audit
from server.queries.audit_searches import (
    AuditFilter,
    Position,
    iter_audits,
    list_actions,
    list_audits,
    select_page,
)

LAN, PLACE = "lan@example.vn", "192.0.2.7"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 3, 1, 12, tzinfo=ZONE)
ACTIONS = (
    *("submission.create", "submission.read", "submission.update.version", "user.update"),
    *("form.submission.export", "form.update.publish", "unit.load", "user.preference.update"),
)


@pytest.fixture
def log(app) -> list[int]:
    """A row an hour for forty hours, of what is above in turn; the ids, newest first."""
    with transaction():
        db.session.add(Actor(id=950, type=ActorType.USER, display_name=LAN))
        db.session.flush()
        rows = [
            {
                "id": 1000 + hour,
                "actor_id": 950 if hour % 2 else 1,
                "action": ACTIONS[hour % len(ACTIONS)],
                "actee_type": "submission" if hour % 3 else "form",
                "actee_id": hour % 4,
                "source": PLACE if hour % 5 else "job",
                "logged_at": START + timedelta(hours=hour),
            }
            for hour in range(40)
        ]
        db.session.execute(insert(Audit), rows)
    return [row["id"] for row in reversed(rows)]


def run(app, *arguments: str, group=command) -> str:
    done = app.test_cli_runner().invoke(group, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def listed(app, *arguments: str) -> list[dict]:
    rows = json.loads(run(app, "list", "--json", *arguments))
    return [row for row in rows if row["id"] >= 1000]


def expected(log: list[int], is_wanted) -> list[int]:
    return [id_ for id_ in log if is_wanted(id_ - 1000)]


@pytest.mark.parametrize(
    ("arguments", "is_wanted"),
    [
        ((), lambda h: True),
        (("--action", "unit.load"), lambda h: h % 8 == 6),
        (("--action", "unit"), lambda h: h % 8 == 6),
        (("--action", "user"), lambda h: h % 8 in (3, 7)),
        (("--action", "submission"), lambda h: h % 8 in (0, 1, 2)),
        (("--action", "reading"), lambda h: h % 8 in (1, 4)),
        (("--action", "nonverbose"), lambda h: h % 8 in (3, 4, 5, 6)),
        (("--actor", "950"), lambda h: h % 2 == 1),
        (("--actor", "950", "--action", "nonverbose"), lambda h: h % 8 in (3, 5)),
        (("--actee", "form"), lambda h: h % 3 == 0),
        (("--actee", "submission:2"), lambda h: h % 3 and h % 4 == 2),
        (("--source", "job", "--action", "form"), lambda h: h % 5 == 0 and h % 8 in (4, 5)),
        (("--action", "submission.nothing"), lambda h: False),
        (("--action", "dataset"), lambda h: False),
        (("--from", "2026-03-02"), lambda h: h >= 12),
        (("--from", "2026-03-01", "--to", "2026-03-01"), lambda h: h < 12),
    ],
)
def test_rows_are_found_newest_first(app, log, arguments, is_wanted):
    rows = (
        listed(app, *arguments, "--to", "2026-03-20")
        if "--to" not in arguments
        else listed(app, *arguments)
    )

    assert [row["id"] for row in rows] == expected(log, is_wanted)


@pytest.mark.parametrize("action", ["", "submission", "nonverbose", "unit.load"])
def test_pages_join_without_a_gap_or_a_double(app, log, action):
    wanted = AuditFilter(action, logged_before=START + timedelta(days=9))

    whole = [row.id for batch in iter_audits(wanted, batch=1000) for row in batch]
    in_pages = [row.id for batch in iter_audits(wanted, batch=3) for row in batch]

    assert whole == in_pages
    assert len(whole) >= 5


def test_rows_of_one_moment_are_paged_by_their_number(app):
    with transaction():
        row = {"action": "x", "actee_type": "form", "logged_at": START}
        db.session.execute(insert(Audit), [row | {"id": 1000 + n} for n in range(5)])
    wanted = AuditFilter("x")

    pages = [[row.id for row in batch] for batch in iter_audits(wanted, batch=2)]

    assert pages == [[1004, 1003], [1002, 1001], [1000]]


def test_a_person_is_found_by_the_address_and_named(app, log):
    run(app, "add", LAN, "--role", "viewer", group=users)
    [user] = [u for u in json.loads(run(app, "list", "--json", group=users)) if u["email"] == LAN]
    with transaction():
        row = {"actor_id": user["id"], "action": "x", "actee_type": "form", "logged_at": START}
        db.session.execute(insert(Audit), [row | {"id": 2000}])

    [found] = listed(app, "--actor", LAN)

    assert (found["id"], found["actor"]) == (2000, LAN)


def test_the_next_page_begins_after_a_row(app, log):
    rows = listed(app, "--older-than", str(log[10]), "--limit", "3")

    assert [row["id"] for row in rows] == log[11:14]


def test_every_action_that_the_log_has_is_found(app, log):
    with db.engine.connect() as connection:
        distinct = connection.execute(text("SELECT DISTINCT action FROM audits")).scalars()
        assert sorted(list_actions()) == sorted(distinct)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (AuditFilter(), "ix_audits_logged"),
        (AuditFilter("unit.load"), "ix_audits_action"),
        (AuditFilter("reading"), "ix_audits_action"),
        (AuditFilter(actor_id=950), "ix_audits_actor"),
        (AuditFilter("nonverbose", actor_id=950), "ix_audits_actor"),
        (AuditFilter(source=PLACE), "ix_audits_source"),
        (AuditFilter(actee_type="form", actee_id=3), "ix_audits_actee"),
    ],
)
def test_a_page_is_one_way_down_an_index(app, log, wanted, index):
    page = select_page(wanted, after=Position(START + timedelta(hours=30), 1030), limit=5)
    plan = explain(page)

    assert index in plan
    assert "SCAN audits" not in plan
    assert "Seq Scan on audits" not in plan


def explain(page) -> str:
    compiled = page.compile(db.engine, compile_kwargs={"literal_binds": True})
    words = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "postgresql":  # forty rows would be read by a scan
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
            connection.exec_driver_sql("SET LOCAL enable_sort = off")
        rows = connection.exec_driver_sql(f"{words[db.engine.dialect.name]} {compiled}").all()
    return "\n".join(str(row[-1]) for row in rows)


def test_the_export_is_for_people_and_is_itself_logged(app, log, tmp_path):
    out = tmp_path / "log.csv"
    with transaction():
        row = {"action": "submission.read", "actee_type": "submission", "notes": "=1+1; “lý do”"}
        more = {"id": 1999, "details": {"files": 2}, "source": "-2+3", "logged_at": START}
        db.session.execute(insert(Audit), [row | more])

    run(app, "export", "--out", str(out), "--action", "reading", "--source", "-2+3")
    run(app, "export", "--out", str(out), "--action", "reading", "--to", "2026-03-20")

    content = out.read_bytes()
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert content.startswith(b"\xef\xbb\xbf")
    assert out.stat().st_mode & 0o777 == 0o600
    assert [int(row["id"]) for row in rows] == [*expected(log, lambda h: h % 8 in (1, 4)), 1999]
    assert rows[-1] == {
        "id": "1999",
        "loggedAt": "2026-03-01T12:00:00.000+07:00",
        "actorId": "",
        "actor": "",
        "action": "submission.read",
        "acteeType": "submission",
        "acteeId": "",
        "details": '{"files": 2}',
        "source": "'-2+3",
        "notes": "'=1+1; “lý do”",
    }
    assert {row["actor"] for row in rows[:-1]} == {LAN, "Operator"}
    second, first = list_audits(AuditFilter("audit.export"), limit=5)
    assert first.details == {"rows": 1, "filter": {"action": "reading", "source": True}}
    assert second.details["rows"] == 11
    assert (second.actor_id, second.source) == (1, "command")


def test_an_export_that_fails_leaves_no_file(app, log, tmp_path, monkeypatch):
    def broken(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr("server.actions.auditing.log_audit_export", broken)

    with pytest.raises(RuntimeError):
        run(app, "export", "--out", str(tmp_path / "log.csv"))

    assert list(tmp_path.glob("*.csv")) == []
    assert [p.name for p in tmp_path.iterdir() if p.name != "data"] == []
