"""What a person is told inside the application: in the inbox, in a toast, or in both."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, false, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class Notice(Base):
    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_user_id_read_at", "user_id", "read_at"),
        Index("ix_notices_event_id_user_id", "event_id", "user_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    type: Mapped[str]
    level: Mapped[str]
    text: Mapped[str]
    # A path inside the application.
    link: Mapped[str | None]
    # The number of the event that it tells of.
    event_id: Mapped[int | None]
    # Whether it is listed in the inbox, and whether an open tab shows it for a moment.
    in_app: Mapped[bool] = mapped_column(default=True, server_default=true())
    toast: Mapped[bool] = mapped_column(default=False, server_default=false())
    # When a tab took it to show it; no other one does.
    toasted_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]
