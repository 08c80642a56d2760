"""People who read or push over OpenRosa: by name and password, behind a proxy that ends https."""

from __future__ import annotations

import base64

from server.actions.assigning import Duty
from server.db import db
from tests.helpers.duties import PASSWORD, hashed, person
from tests.helpers.installations import Installation

PATH = "/v1/projects/1"


def reader_headers(
    installation: Installation, role: str, *, unit_code: str | None = None
) -> dict[str, str]:
    """What a person of that role sends; the server must trust one proxy."""
    email = f"{role}-{unit_code or 'all'}@example.vn"
    app = installation.create_app()
    with app.app_context():
        person(email, Duty(role, unit_code), password_hash=hashed())
        db.session.remove()
        db.engine.dispose()
    return basic(email)


def basic(email: str) -> dict[str, str]:
    text = base64.b64encode(f"{email}:{PASSWORD}".encode()).decode()
    return {"Authorization": f"Basic {text}", "X-Forwarded-Proto": "https"}
