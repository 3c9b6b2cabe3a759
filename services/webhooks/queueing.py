"""From an event to the webhooks of a person: deliveries, queued in the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import DeliveryStatus, User, Webhook, WebhookDelivery
from models.base import now

# A receiver that has been away for days must not fill the database.
MOST_WAITING = 10_000


class Queued(TypedDict):
    webhook_id: int
    name: str
    # ``queued``, or ``skipped`` for a reason.
    status: str
    reason: str


def queue_deliveries(
    session: Session,
    *,
    user_id: int,
    event_id: int,
    event_type: str,
    data: dict[str, Any],
    at: datetime,
) -> list[Queued]:
    """One delivery for each webhook of the person that wants this type of event.

    ``data`` has ``title``, ``text``, ``level`` and ``link`` for people, ``details`` for programs.
    An event that was queued before is not queued again.
    """
    own = select(Webhook).where(Webhook.owner_id == user_id).order_by(Webhook.id)
    webhooks = session.scalars(own).all()
    is_disabled = session.get_one(User, user_id).disabled_at is not None
    seen = select(WebhookDelivery.webhook_id).where(WebhookDelivery.event_id == event_id)
    before = set(session.scalars(seen)) if webhooks else set()
    waiting = _waiting(session, [webhook.id for webhook in webhooks])
    told: list[Queued] = []
    for webhook in webhooks:
        reason = _reason_to_skip(webhook, event_type, waiting.get(webhook.id, 0))
        reason = "Its owner is disabled." if is_disabled else reason
        if not reason and webhook.id not in before:
            session.add(
                WebhookDelivery(
                    webhook_id=webhook.id,
                    event_id=event_id,
                    message_id=new_message_id(),
                    event_type=event_type,
                    occurred_at=at,
                    data=data,
                    next_attempt_at=now(),
                )
            )
        status = "skipped" if reason else "queued"
        told.append(
            {"webhook_id": webhook.id, "name": webhook.name, "status": status, "reason": reason}
        )
    session.flush()
    return told


def new_message_id() -> str:
    """An id that no other message has; Standard Webhooks asks for no more."""
    return f"msg_{secrets.token_hex(12)}"


def _reason_to_skip(webhook: Webhook, event_type: str, waiting: int) -> str:
    if event_type not in webhook.enabled_events:
        return "It does not want this event."
    if not webhook.is_active:
        return "It is switched off."
    if waiting >= MOST_WAITING:
        return f"{waiting} deliveries wait for it already."
    return ""


def _waiting(session: Session, webhook_ids: Sequence[int]) -> dict[int, int]:
    if not webhook_ids:
        return {}
    counted = (
        select(WebhookDelivery.webhook_id, func.count().label("waiting"))
        .where(
            WebhookDelivery.webhook_id.in_(webhook_ids),
            WebhookDelivery.status == DeliveryStatus.WAITING,
        )
        .group_by(WebhookDelivery.webhook_id)
    )
    return {one.webhook_id: one.waiting for one in session.execute(counted)}
