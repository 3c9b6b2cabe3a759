"""By which channels a person wants to be told of which events."""

from __future__ import annotations

import enum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class MailChoice(enum.StrEnum):
    """``daily`` and ``weekly``: in one mail with all others of that time."""

    OFF = "off"
    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class NotificationPreference(Base):
    """What somebody has chosen for one type of event; without a row the type's defaults hold."""

    __tablename__ = "notification_preferences"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    event_type: Mapped[str] = mapped_column(primary_key=True)
    toast: Mapped[bool]
    in_app: Mapped[bool]
    email: Mapped[MailChoice]
    webhooks: Mapped[bool]
