"""Write a migration from what the models declare: python tools/migration.py "what it does"."""

from __future__ import annotations

import sys

from flask_migrate import migrate

from server.app import create_app
from server.cli.schema import enable_migrations

app = create_app()
with app.app_context():
    enable_migrations(app)
    migrate(message=sys.argv[1])
