"""What one event says, and to whom."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Event, Role, User
from services.notifications.event_types import EVENT_TYPES, EventType

INSIDE = re.compile(r"/(?![/\\])[^\s\\]*")


@dataclass(frozen=True)
class Message:
    """``data`` fill the sentence of the type; ``link`` is a path inside the application."""

    type: str
    user_ids: Sequence[int]
    data: Mapping[str, Any] = field(default_factory=dict)
    link: str | None = None
    # Another one than that of the type.
    level: str | None = None

    @property
    def about(self) -> EventType:
        return EVENT_TYPES[self.type]

    @property
    def text(self) -> str:
        return self.about.text(self.data)

    @property
    def shown_level(self) -> str:
        return self.level or self.about.level


def admins(session: Session) -> list[int]:
    """Who is told what concerns the installation."""
    wanted = select(User.id).where(User.role == Role.ADMIN, User.disabled_at.is_(None))
    return list(session.scalars(wanted.order_by(User.id)))


def number_in(event: Event) -> int:
    """The number of the object that an event is about, as in ``job:7``."""
    return int(event.object.partition(":")[2])


def addressed(event: Event) -> Message | None:
    """What was sent to one person by name; None for an event about something else."""
    kind, _, number = event.object.partition(":")
    if kind != "user" or event.type not in EVENT_TYPES:
        return None
    link = event.payload.get("link")
    # What a browser would take for another site leads nowhere.
    inside = isinstance(link, str) and INSIDE.fullmatch(link) is not None
    return Message(event.type, [int(number)], event.payload, link if inside else None)
