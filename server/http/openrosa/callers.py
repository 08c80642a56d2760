"""By which door a phone comes in, and who is asking: a token in the address, or name and password.

`/v1/key/{token}/projects/{id}` is an app user's; `/v1/test/{token}/…/draft` tries out a draft;
`/v1/projects/{id}`, `/projects/{id}` and the bare host are for people with a user name: Basic over
https, Digest over http (openrosa.md §3).
"""

from __future__ import annotations

import time
from typing import Any

from flask import g, request

from server.auth import digest
from server.auth.callers import Caller, find_phone, find_signed_in, find_tester
from server.auth.credentials import Request, check_digest, check_password
from server.auth.throttling import refuse_token
from server.errors import NotAllowed, Unauthenticated
from server.http.requests import SLASH, base_url, occasion, require_secure, settings, source
from server.queries.actors import SignInRow

from .documents import segment


def take_door(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Move what the address says of the door out of the views' arguments."""
    values = values if values is not None else {}
    g.token = values.pop("token", None) or _token_of_query()
    g.draft_of = values.pop("draft_of", None)
    g.project_id = values.pop("project_id", None)


def identify() -> Caller:
    """Who asks; a revoked app user too, so that a complete body can be quarantined."""
    caller = _of_credentials() if g.token is None else _of_token()
    g.project_id = caller.project_id
    g.caller = caller
    return caller


def authorise() -> Caller:
    caller = identify()
    if caller.is_revoked:
        raise NotAllowed
    return caller


def door() -> str:
    """The address to which `/formList` is appended, for the addresses that are handed out."""
    if g.draft_of is not None:
        form = f"/forms/{segment(g.draft_of)}/draft"
        return f"{base_url()}/v1/test/{g.token}/projects/{g.project_id}{form}"
    key = f"/key/{g.token}" if g.token is not None else ""
    return f"{base_url()}/v1{key}/projects/{g.project_id}"


def challenges(*, stale: bool) -> list[str]:
    """One WWW-Authenticate line for each scheme; phones with a token are never asked."""
    if g.get("token") is not None:
        return []
    nonce = digest.make_nonce(settings().secret_key, time.time())
    offered = [digest.challenge(nonce, stale=stale)]
    return [f'Basic realm="{digest.REALM}"', *offered] if request.is_secure else offered


def _token_of_query() -> str | None:
    """`?st=` is the same as `/key/{token}/` (central-api.md §1.1)."""
    return request.args.get("st") if request.path.startswith("/v1/projects/") else None


def _of_token() -> Caller:
    """Whatever is wrong with a token is 403.1 (design §11), and 429 for whoever tries many."""
    try:
        if g.draft_of is not None:
            return find_tester(g.token, g.project_id, g.draft_of, occasion())
        return find_phone(g.token, g.project_id, occasion())
    except NotAllowed:
        refuse_token(source(), kind="field_key")
        raise


def _of_credentials() -> Caller:
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "digest":
        user = _by_digest(rest)
    elif request.authorization is not None and request.authorization.type == "basic":
        user = _by_password(request.authorization.username, request.authorization.password)
    else:
        raise Unauthenticated
    return find_signed_in(user, g.project_id, occasion())


def _by_password(name: str | None, password: str | None) -> SignInRow:
    require_secure()
    if not name or not password:
        raise Unauthenticated
    return check_password(name, password, source=source())


def _by_digest(text: str) -> SignInRow:
    answer = digest.parse_answer(text)
    if answer is None:
        raise Unauthenticated
    asked = Request(
        method=request.method,
        path=request.path.replace(SLASH, "/"),
        query=request.query_string.decode("utf-8", "replace"),
        source=source(),
        behind_proxy=settings().trusted_proxies > 0,
    )
    return check_digest(answer, asked, secret_key=settings().secret_key)
