"""The first page: what this server is, for whoever types its address; who is signed in."""

from __future__ import annotations

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from server.http.requests import base_url

from .pages import page
from .visitors import find_session

bp = Blueprint("home", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    session = find_session()
    if session is not None and session.must_change_password:
        return redirect("/password", 303)
    return page("home.html", address=base_url(), session=session)
