"""Who is asking: the app user of the token in the address."""

from __future__ import annotations

from flask import g

from server.auth.callers import Caller, find_phone
from server.errors import NotAllowed


def identify(token: str, project_id: int) -> Caller:
    """The app user, a revoked one too, so that a complete body can be quarantined."""
    caller = find_phone(token, project_id)
    g.caller = caller
    return caller


def authorise(token: str, project_id: int) -> Caller:
    caller = identify(token, project_id)
    if caller.is_revoked:
        raise NotAllowed
    return caller
