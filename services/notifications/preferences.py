"""Which channels somebody wants for a type of event: the own choice, or the type's defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import MailChoice, NotificationPreference
from services.notifications.event_types import EventType


@dataclass(frozen=True)
class Choice:
    toast: bool
    in_app: bool
    email: MailChoice
    webhooks: bool


def default_choice(about: EventType) -> Choice:
    return Choice(about.toast, about.in_app, about.email, about.webhooks)


def choices_of(session: Session, user_ids: Sequence[int], about: EventType) -> Mapping[int, Choice]:
    """What each of the people has chosen for one type of event."""
    chosen = select(NotificationPreference).where(
        NotificationPreference.user_id.in_(user_ids),
        NotificationPreference.event_type == about.name,
    )
    own = {row.user_id: as_choice(row) for row in session.scalars(chosen)}
    return {user_id: own.get(user_id, default_choice(about)) for user_id in user_ids}


def as_choice(row: NotificationPreference) -> Choice:
    return Choice(row.toast, row.in_app, row.email, row.webhooks)


def default_row(user_id: int, about: EventType) -> NotificationPreference:
    """The type's defaults as a choice of somebody's own; the caller adds it."""
    return NotificationPreference(
        user_id=user_id,
        event_type=about.name,
        toast=about.toast,
        in_app=about.in_app,
        email=about.email,
        webhooks=about.webhooks,
    )
