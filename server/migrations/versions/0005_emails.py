"""E-mails are unique whatever their case.

Where an installation has two accounts of one address, nobody could tell which of them a sign-in or
a command meant. The oldest that is not disabled keeps the address: it is the one that the person
was first given. The others stay, because the audit log speaks of them, under an address that
nobody types, disabled.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MAX_EMAIL = 320


def upgrade() -> None:
    connection = op.get_bind()
    users = sa.table(
        "users",
        sa.column("actor_id", sa.Integer),
        sa.column("email", sa.String),
        sa.column("disabled_at", sa.DateTime(timezone=True)),
    )
    columns = (users.c.actor_id, users.c.email, users.c.disabled_at)
    lowered = sa.func.lower(users.c.email)
    by_age = sa.select(*columns, lowered.label("lowered")).order_by(
        users.c.disabled_at.is_not(None), users.c.actor_id
    )
    taken = set()
    for row in connection.execute(by_age).all():
        if row.lowered not in taken:
            taken.add(row.lowered)
            continue
        suffix = f"#{row.actor_id}"
        values = {
            "email": row.email[: MAX_EMAIL - len(suffix)] + suffix,
            "disabled_at": row.disabled_at or datetime.now(UTC).replace(tzinfo=None),
        }
        connection.execute(
            sa.update(users).where(users.c.actor_id == row.actor_id).values(values)
        )
    op.create_index("uq_users_lower_email", "users", [sa.text("lower(email)")], unique=True)


def downgrade() -> None:
    op.drop_index("uq_users_lower_email", table_name="users")
