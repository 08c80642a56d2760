"""The audit log can only be added to, and is searched from its newest row on.

The database itself refuses to change a row, and to delete one of less than five years (1826 days;
domain.md §7.5). A later migration that makes the table anew on SQLite (a batch that drops or alters
a column) loses these triggers without a word, and one that changes rows is refused by them: it
calls `unguard` and `guard` as they stand here (docs/audit.md).
"""

from __future__ import annotations

from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_audits_logged": ["logged_at", "id"],
    "ix_audits_action": ["action", "logged_at", "id"],
    "ix_audits_actor": ["actor_id", "action", "logged_at", "id"],
    "ix_audits_actee": ["actee_type", "actee_id", "logged_at", "id"],
    "ix_audits_source": ["source", "action", "logged_at", "id"],
}
OLD_ACTEE = ["actee_type", "actee_id", "id"]

# An INSERT OR REPLACE would delete the old row without asking the trigger on DELETE.
SQLITE = {
    "audits_no_update": """
        BEFORE UPDATE ON audits
        BEGIN SELECT RAISE(ABORT, 'audits: rows are never changed'); END""",
    "audits_no_delete": """
        BEFORE DELETE ON audits
        WHEN coalesce(julianday('now') - julianday(OLD.logged_at), 0) < 1826
        BEGIN SELECT RAISE(ABORT, 'audits: rows are kept for five years'); END""",
    "audits_no_replace": """
        BEFORE INSERT ON audits
        WHEN EXISTS (SELECT 1 FROM audits WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'audits: rows are never changed'); END""",
}
# restrict_violation is an integrity error, as what SQLite raises; ALWAYS: a replica's apply too.
POSTGRESQL = {
    "audits_no_update": "BEFORE UPDATE ON audits FOR EACH ROW",
    "audits_no_delete": """
        BEFORE DELETE ON audits FOR EACH ROW
        WHEN (OLD.logged_at > now() - interval '1826 days')""",
    "audits_no_truncate": "BEFORE TRUNCATE ON audits FOR EACH STATEMENT",
}
REFUSE = """
    CREATE FUNCTION audits_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audits: rows are never changed, and are kept for five years'
        USING ERRCODE = 'restrict_violation';
    END $$"""


def upgrade() -> None:
    op.drop_index("ix_audits_actee", table_name="audits")
    for name, columns in INDEXES.items():
        op.create_index(name, "audits", columns)
    guard()


def downgrade() -> None:
    unguard()
    for name in INDEXES:
        op.drop_index(name, table_name="audits")
    op.create_index("ix_audits_actee", "audits", OLD_ACTEE)


def guard() -> None:
    if not _is_postgresql():
        for name, body in SQLITE.items():
            op.execute(f"CREATE TRIGGER {name} {body}")
        return
    op.execute(REFUSE)
    for name, body in POSTGRESQL.items():
        op.execute(f"CREATE TRIGGER {name} {body} EXECUTE FUNCTION audits_refuse()")
        op.execute(f"ALTER TABLE audits ENABLE ALWAYS TRIGGER {name}")


def unguard() -> None:
    if not _is_postgresql():
        for name in SQLITE:
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
        return
    for name in POSTGRESQL:
        op.execute(f"DROP TRIGGER IF EXISTS {name} ON audits")
    op.execute("DROP FUNCTION IF EXISTS audits_refuse()")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
