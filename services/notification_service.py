"""Tell people what happened, by the channels that they have chosen."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

import redis
from flask import current_app
from sqlalchemy import select

from models import NotificationPreference, User
from models.base import now
from services import actor, events
from services.errors import Invalid, NotFound
from services.mail import outgoing
from services.mail.limiter import EmailRateLimiter
from services.notifications.channels import Report, plan
from services.notifications.event_types import EVENT_TYPES, EventType
from services.notifications.preferences import choices_of, default_row
from services.notifications.suggestions import get_error_suggestion
from services.runtime import unit_of_work

__all__ = [
    "NotificationService",
    "create_default_notification_preferences",
    "get_error_suggestion",
]

# How long a toast stays, in milliseconds; None: until it is closed.
DURATIONS: dict[str, int | None] = {
    "success": 5000,
    "info": 5000,
    "warning": 7000,
    "error": None,
}


class Toast(TypedDict):
    """What the store of toasts in the page takes."""

    level: str
    text: str
    duration: int | None
    link: str | None


class Emitted(TypedDict):
    event_id: int
    event_type: str
    user_id: int
    timestamp: datetime
    channels: dict[str, Report]


class NotificationService:
    """Events that people are told of, and toasts."""

    @classmethod
    def initialize(cls, email_config: dict[str, Any], redis_client: redis.Redis) -> None:
        """Say what mail is sent with; once, when a process starts.

        ``email_config`` holds the ``provider`` (``smtp``, ``sendgrid`` or empty) and the arguments
        of its constructor as ``config``.
        """
        wired = outgoing.Outgoing(
            email_config.get("provider", ""),
            email_config.get("config", {}),
            EmailRateLimiter(redis_client),
        )
        outgoing.install(current_app, wired)

    @staticmethod
    def emit_event(event_type: str, user_id: int, data: dict[str, Any]) -> Emitted:
        """Keep an event for one person, in the transaction of its cause.

        The channels are filled after the commit. What becomes of it in each of them is told as
        the person's choices are now. ``link`` in the data is a path inside the application.

        Raises
        ------
        Invalid
            If there is no such type of event.
        NotFound
            If there is no such user.
        """
        actor.self_or_admin(user_id)
        about = _type_called(event_type)
        with unit_of_work() as session:
            user = session.get(User, user_id)
            if user is None:
                raise NotFound(f"There is no user {user_id}.")
            event = events.record(session, event_type, f"user:{user_id}")
            event.payload = dict(data)  # whatever its keys are called
            session.flush()
            choice = choices_of(session, [user_id], about)[user_id]
            return {
                "event_id": event.id,
                "event_type": event_type,
                "user_id": user_id,
                "timestamp": event.created_at or now(),
                "channels": plan(choice, user),
            }

    @staticmethod
    def create_toast(
        message: str,
        notification_type: str = "info",
        duration: int | None = None,
        link: str | None = None,
    ) -> Toast:
        """A toast; without a ``duration`` (ms) it stays as long as its kind does.

        Raises
        ------
        Invalid
            If there is no such kind.
        """
        actor.reader()
        if notification_type not in DURATIONS:
            kinds = ", ".join(DURATIONS)
            raise Invalid(f"A toast is one of {kinds}, not “{notification_type}”.")
        stays = DURATIONS[notification_type] if duration is None else duration
        return {"level": notification_type, "text": message, "duration": stays, "link": link}

    @staticmethod
    def success(message: str, link: str | None = None) -> Toast:
        return NotificationService.create_toast(message, "success", link=link)

    @staticmethod
    def error(message: str) -> Toast:
        return NotificationService.create_toast(message, "error")

    @staticmethod
    def warning(message: str) -> Toast:
        return NotificationService.create_toast(message, "warning")

    @staticmethod
    def info(message: str, link: str | None = None) -> Toast:
        return NotificationService.create_toast(message, "info", link=link)


def create_default_notification_preferences(user_id: int) -> None:
    """Keep today's defaults as the person's own choice, where nothing was chosen yet.

    Raises
    ------
    NotFound
        If there is no such user.
    """
    actor.self_or_admin(user_id)
    chosen = select(NotificationPreference.event_type).where(
        NotificationPreference.user_id == user_id
    )
    with unit_of_work() as session:
        if session.get(User, user_id) is None:
            raise NotFound(f"There is no user {user_id}.")
        known = set(session.scalars(chosen))
        missing = [about for name, about in EVENT_TYPES.items() if name not in known]
        session.add_all(default_row(user_id, about) for about in missing)


def _type_called(name: str) -> EventType:
    about = EVENT_TYPES.get(name)
    if about is None:
        raise Invalid(f"There is no type of event “{name}”.")
    return about
