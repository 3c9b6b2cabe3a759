"""Send the mail that waits: one process at a time, and no mail is lost when it is.

A mail is taken by a conditional update that moves its next try ahead: who is lost while it
sends leaves it to be sent again then. SMTP cannot say whether a server took a mail from a
process that died before it heard so; that mail comes twice, with the same Message-ID.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, update

from models import Mail, MailAttempt, MailStatus
from models.base import now
from services import actor, leases
from services.mail.outgoing import Outgoing, outgoing
from services.mail.provider import SentMail
from services.mail.queueing import TEST
from services.runtime import unit_of_work

LEASE = "mail"
LEASE_LASTS = timedelta(minutes=2)
# Longer than any try takes.
TAKEN_FOR = timedelta(minutes=3)
# After each failure; then it has failed for good. Together it is about a day.
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
AT_ONCE = 200


class Taken(NamedTuple):
    """A mail that is ours for this try."""

    id: int
    attempts: int
    type: str
    to_email: str
    subject: str
    text_body: str
    html_body: str
    unsubscribe_url: str | None
    message_id: str


def send_due() -> int:
    """Send what is due, until there is no more or no more may leave; how many were tried."""
    actor.worker()
    wired = outgoing()
    if not wired.provider_type or _next_id() is None:
        return 0
    tried = 0
    while tried < AT_ONCE and leases.take(LEASE, LEASE_LASTS) is not None:
        mail_id = _next_id()
        if mail_id is None or not wired.limiter.can_send():
            break
        taken = _take(mail_id)
        if taken is None:
            continue
        tried += 1
        if not _try(wired, taken):
            break
    return tried


def _next_id() -> int | None:
    due = (
        select(Mail.id)
        .where(Mail.status == MailStatus.WAITING, Mail.next_attempt_at <= now())
        .order_by(Mail.next_attempt_at, Mail.id)
        .limit(1)
    )
    with unit_of_work(writing=False) as session:
        return session.scalar(due)


def _take(mail_id: int) -> Taken | None:
    """Take the mail, unless somebody else was faster. Its number of tries is the fence."""
    taken = (
        update(Mail)
        .where(Mail.id == mail_id, Mail.status == MailStatus.WAITING, Mail.next_attempt_at <= now())
        .values(attempts=Mail.attempts + 1, next_attempt_at=now() + TAKEN_FOR)
        .returning(*(getattr(Mail, name) for name in Taken._fields))
    )
    with unit_of_work() as session:
        row = session.execute(taken).one_or_none()
        return None if row is None else Taken(*row)


def _try(wired: Outgoing, mail: Taken) -> bool:
    """Send it and keep what became of it; False when no other mail could be sent now, too."""
    provider = wired.provider
    if provider is None:
        return False
    began = time.monotonic()
    sent = provider.send(
        mail.to_email,
        mail.subject,
        mail.html_body,
        mail.text_body,
        headers=headers_of(mail.message_id, mail.unsubscribe_url),
    )
    _keep(mail, sent, provider.name, time.monotonic() - began)
    return not sent["is_away"]


def headers_of(message_id: str, unsubscribe_url: str | None) -> dict[str, str]:
    """What mail servers and programs read; RFC 8058 allows its click over HTTPS only."""
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    if unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        if unsubscribe_url.startswith("https://"):
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _keep(mail: Taken, sent: SentMail, provider: str, seconds: float) -> None:
    values: dict[str, Any] = {"error": sent["error"]}
    # Who asks for a test wants to know at once.
    is_last = sent["is_final"] or mail.type == TEST or mail.attempts > len(BACKOFF)
    if sent["success"]:
        values |= {"status": MailStatus.SENT, "sent_at": now()}
    elif is_last:
        values["status"] = MailStatus.FAILED
    else:
        values["next_attempt_at"] = now() + BACKOFF[mail.attempts - 1]
    own = update(Mail).where(
        Mail.id == mail.id, Mail.attempts == mail.attempts, Mail.status == MailStatus.WAITING
    )
    attempt = MailAttempt(
        mail_id=mail.id,
        number=mail.attempts,
        provider=provider,
        ok=sent["success"],
        seconds=seconds,
        answer=sent["message_id"] or sent["error"] or "",
    )
    with unit_of_work() as session:
        session.execute(own.values(**values))
        session.add(attempt)
