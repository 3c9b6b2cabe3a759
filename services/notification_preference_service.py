"""One's own choice of channels for each type of event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from sqlalchemy import delete, select

from models import DigestPeriod, MailChoice, NotificationPreference, Role, User
from models.base import now
from services import actor
from services.errors import Invalid, NotFound
from services.mail.outgoing import is_set_up
from services.mail.zones import next_due, zone_of
from services.notifications.event_types import EventType, offered
from services.notifications.preferences import Choice, as_choice, default_choice, default_row
from services.runtime import unit_of_work

SWITCHES = ("toast", "in_app", "webhooks")
CHANNELS = ("toast", "in_app", "email", "webhooks")


class PreferenceView(TypedDict):
    event_type: str
    title: str
    group: str
    toast: bool
    in_app: bool
    email: str
    webhooks: bool


class MailView(TypedDict):
    """Where mail goes, whether it can, and when the next digests are due."""

    email: str | None
    time_zone: str
    is_set_up: bool
    next_daily: str
    next_weekly: str


class NotificationPreferenceService:
    """Read and change by which channels one is told."""

    @staticmethod
    def list_preferences() -> list[PreferenceView]:
        """One's choices for every type that one can be told of, in the order of the page."""
        user_id = actor.myself()
        chosen = select(NotificationPreference).where(NotificationPreference.user_id == user_id)
        with unit_of_work(writing=False) as session:
            own = {row.event_type: as_choice(row) for row in session.scalars(chosen)}
        return [_view(about, own.get(about.name, default_choice(about))) for about in _offered()]

    @staticmethod
    def set_preference(event_type: str, channel: str, value: Any) -> PreferenceView:
        """Choose one channel for one type of event; the others stay as they are.

        Raises
        ------
        NotFound
            If one cannot be told of such a type.
        Invalid
            If there is no such channel, or it cannot have such a value.
        """
        user_id = actor.myself()
        about = _type_called(event_type)
        checked = _checked(channel, value)
        with unit_of_work() as session:
            row = session.get(NotificationPreference, (user_id, event_type))
            if row is None:
                row = default_row(user_id, about)
                session.add(row)
            setattr(row, channel, checked)
            return _view(about, as_choice(row))

    @staticmethod
    def set_preferences(choices: Sequence[tuple[str, str, Any]]) -> None:
        """Several of these at once; all of them are kept, or none.

        Raises
        ------
        NotFound, Invalid
            As :meth:`set_preference` does.
        """
        actor.myself()
        with unit_of_work():
            for event_type, channel, value in choices:
                NotificationPreferenceService.set_preference(event_type, channel, value)

    @staticmethod
    def reset_preferences() -> int:
        """Forget one's choices, so that the defaults hold; how many there were."""
        own = delete(NotificationPreference).where(NotificationPreference.user_id == actor.myself())
        with unit_of_work() as session:
            gone = session.scalars(own.returning(NotificationPreference.event_type))
            return len(gone.all())

    @staticmethod
    def get_mail() -> MailView:
        """What one should know about one's mail."""
        user_id = actor.myself()
        with unit_of_work(writing=False) as session:
            user = session.get_one(User, user_id)
            email, zone = user.email, zone_of(user.time_zone)
            name = user.time_zone
        daily, weekly = (next_due(period, now(), zone) for period in DigestPeriod)
        return {
            "email": email,
            "time_zone": name,
            "is_set_up": is_set_up(),
            "next_daily": daily.strftime("%A, %-d %B, %H:%M"),
            "next_weekly": weekly.strftime("%A, %-d %B, %H:%M"),
        }


def _offered() -> list[EventType]:
    return offered(to_admins=actor.reader().role is Role.ADMIN)


def _type_called(name: str) -> EventType:
    about = next((one for one in _offered() if one.name == name), None)
    if about is None:
        raise NotFound(f"You are told of no events of the type “{name}”.")
    return about


def _checked(channel: str, value: Any) -> bool | MailChoice:
    if channel in SWITCHES and isinstance(value, bool):
        return value
    if channel == "email" and value in list(MailChoice):
        return MailChoice(value)
    if channel not in CHANNELS:
        raise Invalid(f"There is no channel “{channel}”; there are {', '.join(CHANNELS)}.")
    choices = ", ".join(MailChoice) if channel == "email" else "true, false"
    raise Invalid(f"The channel {channel} is one of {choices}, not “{value}”.")


def _view(about: EventType, choice: Choice) -> PreferenceView:
    return {
        "event_type": about.name,
        "title": about.title,
        "group": about.group,
        "toast": choice.toast,
        "in_app": choice.in_app,
        "email": choice.email.value,
        "webhooks": choice.webhooks,
    }
