"""Alarms of every source: health of the installation, machines, detectors, streams."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class Severity(enum.StrEnum):
    """From the mildest to the gravest."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


class AlarmState(enum.StrEnum):
    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    CLEARED = "cleared"


OPEN = text("cleared_at IS NULL")


class Alarm(Base):
    """Something is wrong with an object. While it is, it stays one row that counts."""

    __tablename__ = "alarms"
    __table_args__ = (
        # One open alarm of a kind for an object, also when two processes raise it at once.
        Index(
            "uq_alarms_open",
            "kind",
            "object",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index("ix_alarms_state_last_seen_at", "state", "last_seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The source, such as "health", and what it is about, such as "health:disk" or "stream:4".
    kind: Mapped[str] = mapped_column(index=True)
    object: Mapped[str] = mapped_column(index=True)
    severity: Mapped[Severity]
    state: Mapped[AlarmState] = mapped_column(default=AlarmState.RAISED)
    message: Mapped[str]
    details: Mapped[dict[str, Any]]
    count: Mapped[int] = mapped_column(default=1)
    first_seen_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now, index=True)
    cleared_at: Mapped[datetime | None]
    shelved_until: Mapped[datetime | None]
    # Who changed the state last, and when; None where the source did.
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
    # What was found when somebody looked at the machine; "none" for a false alarm.
    confirmed_fault: Mapped[str | None]
