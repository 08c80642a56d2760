"""Look every hour for what has become overdue, and tell the communes' leadership of it."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from email.message import EmailMessage

from server.actions.due.escalating import MOST, escalate_overdue, tell_unheard
from server.auth.callers import Caller, Occasion
from server.db import transaction, utc_now
from server.jobs.mailing import MailNotSent, send
from server.jobs.surroundings import Post, Surroundings
from server.log import get_logger
from server.messages import text
from server.models import DueKind
from server.queries import actors
from server.queries.due_items import DueKey


def tell_overdue(around: Surroundings) -> None:
    """Each thing once, however often this runs; what nobody heard of again, where there is post."""
    by = Caller(None, "", Occasion.now(around.tz, "job"))
    told, more = 0, MOST
    while more == MOST:
        with transaction():
            more = escalate_overdue(now=utc_now(), has_post=around.post is not None, by=by)
        told += more
    if told:
        get_logger().info("overdue told", count=told)
    if around.post is not None:
        _tell_unheard(by)


def _tell_unheard(by: Caller) -> None:
    last: DueKey | None = None
    is_more = True
    while is_more:
        with transaction():
            last = tell_unheard(last, now=utc_now(), by=by)
        is_more = last is not None


def mail_overdue(
    around: Surroundings,
    actor_id: int,
    counts: dict[str, int],
    cases: Sequence[str] = (),
    commune: str = "",
) -> None:
    """Nothing to do without a mail server, or for whom the account has ended.

    `commune` is the code of the one in whose leadership's stead somebody is told; codes of cases
    are not for them.
    """
    user = actors.find_user_by_id(actor_id)
    if around.post is None or user is None or user.disabled_at is not None:
        return
    message = _message(user.email, counts, cases, commune, around.post)
    try:
        send(message, around.post)
    except (smtplib.SMTPException, OSError) as error:
        raise MailNotSent(type(error).__name__) from None
    get_logger().info("mail sent")


def _message(
    recipient: str, counts: dict[str, int], cases: Sequence[str], commune: str, post: Post
) -> EmailMessage:
    """Vietnamese, then English; how much, of what kind, and codes: nothing about anybody."""
    details = {kind.value: counts.get(kind.value, 0) for kind in DueKind}
    details["count"] = sum(counts.values())
    key = "mail_overdue_province" if commune else "mail_overdue"
    said = {"cases": ", ".join(cases) or "–", "commune": commune, "address": post.address}
    parts = [text(key, lang, **details, **said) for lang in ("vi", "en")]
    message = EmailMessage()
    message["From"] = post.sender
    message["To"] = recipient
    message["Subject"] = text("mail_overdue_subject", "vi", **details)
    message.set_content("\n\n".join(parts) + "\n")
    return message
