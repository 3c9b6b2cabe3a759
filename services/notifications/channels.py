"""One message to one person: what each channel does with it, and why it does not."""

from __future__ import annotations

from typing import Any, TypedDict

from sqlalchemy.orm import Session

from models import DigestEntry, DigestPeriod, Event, MailChoice, Notice, User
from services.mail import queueing
from services.mail.outgoing import is_set_up
from services.notifications.messages import Message
from services.notifications.preferences import Choice
from services.webhooks.queueing import queue_deliveries

SWITCHED_OFF = "Switched off in the settings of notifications."
NO_ADDRESS = "There is no e-mail address in the profile."
NOT_SET_UP = "This installation has no mail."


class Report(TypedDict):
    """``status`` is ``queued`` or ``skipped``; ``reason`` says why it was skipped."""

    status: str
    reason: str


def plan(choice: Choice, user: User) -> dict[str, Report]:
    """What will become of a message by the channels, as things are."""
    return {
        "toast": _report("" if choice.toast else SWITCHED_OFF),
        "in_app": _report("" if choice.in_app else SWITCHED_OFF),
        "email": _report(_no_mail(choice, user)),
        "webhooks": _report("" if choice.webhooks else SWITCHED_OFF),
    }


def deliver(session: Session, event: Event, message: Message, user: User, choice: Choice) -> None:
    """Put the message into every channel that is wanted, in the caller's transaction."""
    planned = {name: not one["reason"] for name, one in plan(choice, user).items()}
    if planned["toast"] or planned["in_app"]:
        session.add(_notice(event, message, user, choice))
    if planned["email"]:
        _mail(session, event, message, user, choice)
    if planned["webhooks"]:
        queue_deliveries(
            session,
            user_id=user.id,
            event_id=event.id,
            event_type=message.type,
            data=_told_outside(message),
            at=event.created_at,
        )


def _report(reason: str) -> Report:
    return {"status": "skipped" if reason else "queued", "reason": reason}


def _no_mail(choice: Choice, user: User) -> str:
    if choice.email is MailChoice.OFF:
        return SWITCHED_OFF
    if not user.email:
        return NO_ADDRESS
    return "" if is_set_up() else NOT_SET_UP


def _notice(event: Event, message: Message, user: User, choice: Choice) -> Notice:
    return Notice(
        user_id=user.id,
        event_id=event.id,
        type=message.type,
        level=message.shown_level,
        text=message.text,
        link=message.link,
        in_app=choice.in_app,
        toast=choice.toast,
        created_at=event.created_at,
    )


def _mail(session: Session, event: Event, message: Message, user: User, choice: Choice) -> None:
    if choice.email is MailChoice.IMMEDIATE:
        queueing.queue_message(session, event, message, user)
        return
    session.add(
        DigestEntry(
            user_id=user.id,
            event_id=event.id,
            event_type=message.type,
            period=DigestPeriod(choice.email.value),
            text=message.text,
            link=message.link,
            created_at=event.created_at,
        )
    )


def _told_outside(message: Message) -> dict[str, Any]:
    """What a webhook gets: words for people, the address, and the parts for programs."""
    return {
        "title": message.about.title,
        "text": message.text,
        "level": message.shown_level,
        "link": queueing.address_of(message.link),
        "details": dict(message.data),
    }
