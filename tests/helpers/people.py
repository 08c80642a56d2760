"""Accounts for tests, and a browser or a program that uses them in this process."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from server.actions.people import add_user
from server.cli.common import operator, today
from server.db import db, transaction
from server.queries.projects import get_project

ALICE, PASSWORD = "alice@phieu.example", "ba con trâu đen"
BOSS, BOSS_PASSWORD = "boss@phieu.example", "năm chiếc thuyền"
HTTPS = "https://phieu.example"
HTTP = "http://phieu.example"


class Client(FlaskClient):
    """Each request in a context of its own, as in a server."""

    def open(self, *args, base_url: str = HTTPS, **options):
        with self.application.app_context():
            try:
                return super().open(*args, base_url=base_url, **options)
            finally:
                db.session.remove()


def browser(app: Flask) -> Client:
    app.test_client_class = Client
    return app.test_client()


def add_people(_: object = None) -> None:
    """`alice` manages the project, `boss` administers the site; a step of scenes."""
    for email, role, password in ((ALICE, "manager", PASSWORD), (BOSS, "admin", BOSS_PASSWORD)):
        with transaction():
            add_user(
                email,
                role=role,
                password=password,
                unit_code=None,
                project=get_project(),
                on=today(),
                by=operator(),
            )
    db.session.remove()


def sign_in(client: Client, email: str = ALICE, password: str = PASSWORD) -> dict:
    """What the API tells of a new session; the client has no cookies of it."""
    response = client.post("/v1/sessions", json={"email": email, "password": password})
    assert response.status_code == 200, response.text
    forget_cookies(client)
    return response.get_json()


def bearer(session: dict) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['token']}"}


def forget_cookies(client: Client) -> None:
    client._cookies.clear()


def csrf_of(page) -> str:
    return re.search(r'name="__csrf" value="(\w+)"', page.text)[1]


def enter(client: Client, email: str = ALICE, password: str = PASSWORD, **options):
    """Sign in on the page; the answer of the form."""
    page = client.get("/login", **options)
    data = {"__csrf": csrf_of(page), "email": email, "password": password, "next": "/"}
    return client.post("/login", data=data, **options)
