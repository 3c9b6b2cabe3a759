"""Write a mail, and let it wait for the sender: a row in the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from models import Digest, DigestEntry, Event, Mail, User
from services.mail.outgoing import outgoing
from services.mail.tokens import token_for
from services.mail.zones import zone_of
from services.notifications.messages import Message
from services.notifications.suggestions import get_error_suggestion

TEST = "test"
LONGEST_SUBJECT = 150
# A digest of more than these names the number of the others.
MOST_LISTED = 100


@dataclass(frozen=True)
class Written:
    subject: str
    text: str
    html: str


def address_of(link: str | None) -> str:
    """The whole address of a path inside the application, for what leaves it."""
    return f"{_home()}{link or '/'}"


def queue_message(session: Session, event: Event, message: Message, user: User) -> None:
    """A mail about one event."""
    leave = _leave(user, message.type)
    written = write(
        message.about.template,
        message.text,
        user=user,
        text=message.text,
        title=message.about.title,
        link=address_of(message.link),
        at=event.created_at,
        suggestion=get_error_suggestion(str(message.data.get("error") or "")),
        unsubscribe=leave,
    )
    session.add(_mail(user, written, message.type, leave, event_id=event.id))


def queue_digest(
    session: Session, digest: Digest, entries: Sequence[DigestEntry], user: User
) -> None:
    """One mail about all entries of a day or a week."""
    type = f"digest.{digest.period.value}"
    leave = _leave(user, type)
    told = [(entry.text, address_of(entry.link), entry.created_at) for entry in entries]
    subject = f"{len(entries)} notices, {digest.period.value} digest of {digest.local_date}"
    written = write(
        "digest",
        subject,
        user=user,
        period=digest.period.value,
        date=digest.local_date,
        entries=told[:MOST_LISTED],
        more=max(0, len(told) - MOST_LISTED),
        zone=zone_of(user.time_zone),
        link=address_of("/inbox"),
        unsubscribe=leave,
    )
    session.add(_mail(user, written, type, leave, digest_id=digest.id))


def queue_test(session: Session, user: User) -> Mail:
    """A mail that somebody has asked for to see whether mail works."""
    written = write("test", "A test of mail", user=user, link=address_of("/mail"), unsubscribe="")
    mail = _mail(user, written, TEST, None)
    session.add(mail)
    session.flush()
    return mail


def write(template: str, subject: str, **parts: Any) -> Written:
    """Both forms of a mail; HTML is escaped by the name of its template."""
    templates = current_app.jinja_env
    line = " ".join(f"Rotorscope: {subject}".split())[:LONGEST_SUBJECT]
    given = {"subject": line, "home": _home(), "settings": address_of("/settings/notifications")}
    text, html = (
        templates.get_template(f"mail/{template}.{kind}").render(**given, **parts)
        for kind in ("txt", "html")
    )
    return Written(line, text, html)


def _mail(
    user: User,
    written: Written,
    type: str,
    unsubscribe_url: str | None,
    *,
    event_id: int | None = None,
    digest_id: int | None = None,
) -> Mail:
    domain = outgoing().sender.rpartition("@")[2] or "localhost"
    return Mail(
        user_id=user.id,
        event_id=event_id,
        digest_id=digest_id,
        type=type,
        to_email=user.email,
        subject=written.subject,
        text_body=written.text,
        html_body=written.html,
        unsubscribe_url=unsubscribe_url,
        message_id=f"<{secrets.token_hex(16)}@{domain}>",
    )


def _leave(user: User, type: str) -> str:
    return address_of(f"/unsubscribe/{token_for(user.id, type)}")


def _home() -> str:
    return str(current_app.config["PUBLIC_URL"]).rstrip("/")
