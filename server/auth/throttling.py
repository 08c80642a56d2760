"""Slow down whoever guesses. A phone with the right credentials never meets this.

Counted are failures only: of one account from one place, and of one place altogether, so that
nobody can lock an account out for its owner who asks from elsewhere.
"""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import UTC, datetime, timedelta

from server.auth.callers import Caller, Occasion
from server.db import transaction, utc_now
from server.errors import TooManyAttempts
from server.log import get_logger
from server.queries import audits, sign_ins

WINDOW = timedelta(minutes=15)
OF_ACCOUNT = 10
OF_SOURCE = 60
TOKENS = "tokens"


def require_patience(account: str, source: str) -> None:
    """Raise TooManyAttempts, with the seconds to wait, once either limit is reached."""
    now = utc_now()
    limits = _limits(account, source)
    failures = sign_ins.list_failures(limits, after=now - WINDOW)
    reached = {key: since for key, (count, since) in failures.items() if count >= limits[key]}
    of_source = _key("source", network(source))
    if of_source in reached and sign_ins.is_proven(_proven_key(account, source)):
        del reached[of_source]  # others guess from there; this account has signed in from there
    waits = list(reached.values())
    if waits:
        raise TooManyAttempts(seconds=_seconds(max(waits), now))


def record_failure(
    account: str, source: str, *, kind: str = "user", actor_id: int | None = None
) -> None:
    """Count it and log it: `actor_id` is whose account it is, where there is one.

    What was typed as a name is not logged: it may be a password.
    """
    with transaction():
        _count(account, source)
        nobody = Caller(None, "", Occasion.now(UTC, source))
        audits.log(nobody, f"{kind}.session.failure", kind, actor_id)
    get_logger().warning("sign-in failed", source=source)


def slow_down(account: str, source: str) -> None:
    """Count what is no failure, but nobody needs often."""
    with transaction():
        _count(account, source)


def refuse_token(source: str, *, kind: str = "user") -> None:
    """Count a token that is nobody's; raise TooManyAttempts for whoever has tried many.

    Called only once a token was found wrong: one that is right never meets the limit.
    """
    require_patience(TOKENS, source)
    record_failure(TOKENS, source, kind=kind)


def record_success(account: str, source: str, *, actor_id: int, is_logged: bool = True) -> None:
    """Remember and log, once, that the account signs in from there."""
    key = _proven_key(account, source)
    if not sign_ins.is_proven(key):
        with transaction():
            sign_ins.add_proven(key, now=utc_now())
            if is_logged:
                person = Caller(actor_id, "", Occasion.now(UTC, source))
                audits.log(person, "user.session.create", "user", actor_id)


def _count(account: str, source: str) -> None:
    now = utc_now()
    for key in _limits(account, source):
        sign_ins.add_failure(key, now=now, after=now - WINDOW)


def _proven_key(account: str, source: str) -> str:
    return _key("proven", account.lower(), network(source))


def _limits(account: str, source: str) -> dict[str, int]:
    place = network(source)
    return {_key("account", account.lower(), place): OF_ACCOUNT, _key("source", place): OF_SOURCE}


def network(source: str) -> str:
    """The address; of IPv6 the half that names the network, since the rest is free to choose."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped is not None or address.version == 4:
        return str(mapped or address)
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _seconds(since: datetime, now: datetime) -> int:
    return max(1, int((since + WINDOW - now).total_seconds()))
