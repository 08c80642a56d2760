"""Send the link that sets a new password. The token is made here, so that no job row holds it."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from server.actions.passwords import drop_mailed_link, make_mailed_link
from server.auth.callers import Caller, Occasion
from server.db import transaction
from server.jobs.surroundings import Post, Surroundings
from server.log import get_logger
from server.messages import text

_PATIENCE = 30.0


class MailNotSent(Exception):
    """Kind of the fault only: what mail servers say may quote the person's address."""


def mail_reset_link(around: Surroundings, actor_id: int | None) -> None:
    """Nothing to do for nobody, for whom a link was made a moment ago, or without a mail server."""
    if actor_id is None or around.post is None:
        return
    by = Caller(None, "", Occasion.now(around.tz, "job"))
    with transaction():
        made = make_mailed_link(actor_id, by=by)
    if made is None:
        return
    recipient, token = made
    try:
        send(_message(recipient, f"{around.post.address}/reset/{token}", around.post), around.post)
    except (smtplib.SMTPException, OSError) as error:
        with transaction():
            drop_mailed_link(token)  # the next attempt makes another
        raise MailNotSent(type(error).__name__) from None
    get_logger().info("mail sent")


def _message(recipient: str, link: str, post: Post) -> EmailMessage:
    """Vietnamese, then English: who asked for a link has chosen no language."""
    message = EmailMessage()
    message["From"] = post.sender
    message["To"] = recipient
    message["Subject"] = text("mail_reset_subject", "vi")
    parts = [text("mail_reset", lang, link=link, address=post.address) for lang in ("vi", "en")]
    message.set_content("\n\n".join(parts) + "\n")
    return message


def send(message: EmailMessage, post: Post) -> None:
    parts = urlsplit(post.smtp_url)
    is_tls = parts.scheme == "smtps"
    host, port = parts.hostname or "localhost", parts.port or (465 if is_tls else 587)
    context = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(host, port, timeout=_PATIENCE, context=context)
        if is_tls
        else smtplib.SMTP(host, port, timeout=_PATIENCE)
    ) as server:
        server.ehlo()
        if not is_tls and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        if parts.username:
            _require_secret_line(server, host)
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _require_secret_line(server: smtplib.SMTP, host: str) -> None:
    """A password goes to another machine over TLS only."""
    if not isinstance(server.sock, ssl.SSLSocket) and host not in ("localhost", "127.0.0.1", "::1"):
        raise smtplib.SMTPNotSupportedError("STARTTLS")
