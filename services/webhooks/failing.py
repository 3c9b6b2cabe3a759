"""What becomes of a webhook whose receiver does not take what it is sent."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from models import DeliveryStatus, Webhook, WebhookDelivery
from models.base import now
from services import events
from services.webhooks.schedule import FAILING_AT_MOST

SWITCHED_OFF = "Given up, because the webhook was switched off."


def note_failure(session: Session, webhook: Webhook) -> None:
    """Remember since when it fails; after a long time, switch it off."""
    if webhook.failing_since is None:
        webhook.failing_since = now()
    elif now() - webhook.failing_since > FAILING_AT_MOST:
        days = FAILING_AT_MOST.days
        switch_off(session, webhook, f"Nothing has arrived there for {days} days.")


def switch_off(session: Session, webhook: Webhook, reason: str) -> None:
    """Switch a webhook off on the sender's account, and tell its owner."""
    if not webhook.is_active:
        return
    webhook.is_active, webhook.disabled_reason = False, reason
    give_up_waiting(session, webhook.id)
    events.record(session, "webhook.disabled", f"webhook:{webhook.id}", reason=reason)


def give_up_waiting(session: Session, webhook_id: int) -> None:
    """End what waits for a webhook; each can be replayed. Leases stay: what is under way ends."""
    session.flush()
    session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.webhook_id == webhook_id,
            WebhookDelivery.status == DeliveryStatus.WAITING,
        )
        .values(
            status=DeliveryStatus.FAILED,
            next_attempt_at=None,
            last_error=SWITCHED_OFF,
        )
        .execution_options(synchronize_session="fetch")
    )
