"""Where a person wants events sent, what is on its way there, and what became of it.

A delivery is a row and no job: it may wait for a day, and whoever sends it takes a lease on it.
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Timestamps, now


class Provider(enum.StrEnum):
    SLACK = "slack"
    TEAMS = "teams"
    WEBHOOK = "webhook"


class DeliveryStatus(enum.StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Cause(enum.StrEnum):
    """Why something was sent."""

    SCHEDULE = "schedule"
    TEST = "test"


class Webhook(Timestamps, Base):
    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    provider: Mapped[Provider]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    # Who knows the address of a chat's webhook may write there: it is a secret.
    sealed_url: Mapped[str] = mapped_column(info={"sealed": True})
    # What may be shown of it, and whom the sender must not overrun.
    masked_url: Mapped[str]
    host: Mapped[str]
    # Names of event types.
    enabled_events: Mapped[list[Any]]
    settings: Mapped[dict[str, Any]]
    is_active: Mapped[bool] = mapped_column(default=True)
    # Why the sender switched it off; None when a person did.
    disabled_reason: Mapped[str | None]
    # Only Standard Webhooks are signed. The old secret signs too until its time is over.
    sealed_secret: Mapped[str | None] = mapped_column(info={"sealed": True})
    sealed_old_secret: Mapped[str | None] = mapped_column(info={"sealed": True})
    old_secret_until: Mapped[datetime | None]
    # The first failure after the last success.
    failing_since: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]


class WebhookDelivery(Base):
    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        # An event is sent to a webhook once, however often it is routed.
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_webhook_deliveries_status_next_attempt_at", "status", "next_attempt_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    # None: a test, or an event that has been cleaned away.
    event_id: Mapped[int | None] = mapped_column(
        ForeignKey("events.id", ondelete="SET NULL"), index=True
    )
    # The same at every attempt, so that a receiver can tell what it has seen.
    message_id: Mapped[str] = mapped_column(unique=True)
    event_type: Mapped[str]
    occurred_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    cause: Mapped[Cause] = mapped_column(default=Cause.SCHEDULE)
    status: Mapped[DeliveryStatus] = mapped_column(default=DeliveryStatus.WAITING)
    # Since it was queued, or replayed; all of them are in the log.
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    lease_holder: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    # Of the last attempt.
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]
    latency_ms: Mapped[float | None]
    answer_start: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    delivered_at: Mapped[datetime | None]


class WebhookAttempt(Base):
    """One request that was made, and what came back."""

    __tablename__ = "webhook_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    # What the receiver answered, or else why there is no answer.
    status: Mapped[int | None]
    error: Mapped[str | None]
    latency_ms: Mapped[float | None]
    answer_start: Mapped[str] = mapped_column(default="")
