"""A message that somebody waits for, to see whether it arrives."""

from __future__ import annotations

from models import Cause, DeliveryStatus, WebhookDelivery
from models.base import now
from services.outgoing.posting import post
from services.runtime import unit_of_work
from services.webhooks.messages import TEST
from services.webhooks.owned import own_or_fail
from services.webhooks.queueing import new_message_id
from services.webhooks.requests import prepared
from services.webhooks.sending import write_attempt
from services.webhooks.views import TestResult


def send_test(webhook_id: int, user_id: int) -> TestResult:
    """Send a message to a webhook of the person, now, and write down what came back."""
    with unit_of_work(writing=False) as session:
        webhook = own_or_fail(session, webhook_id, user_id)
        delivery = WebhookDelivery(
            webhook_id=webhook.id,
            message_id=new_message_id(),
            event_type=TEST,
            occurred_at=now(),
            data={
                "title": "Test of a webhook",
                "text": f"This is a test of the webhook “{webhook.name}”.",
                "level": "info",
            },
            cause=Cause.TEST,
            attempts=1,
        )
        request = prepared(webhook, delivery)
    outcome = post(request.url, request.body, request.headers)
    with unit_of_work() as session:
        webhook = own_or_fail(session, webhook_id, user_id)
        delivery.status = DeliveryStatus.DELIVERED if outcome.is_success else DeliveryStatus.FAILED
        if outcome.is_success:
            delivery.delivered_at = webhook.last_success_at = now()
            webhook.failing_since = None
        session.add(delivery)
        session.flush()
        write_attempt(session, delivery, outcome)
        return {
            "success": outcome.is_success,
            "status": outcome.status,
            "error": outcome.error,
            "latency_ms": outcome.latency_ms,
            "answer_start": outcome.answer_start,
            "message_id": delivery.message_id,
        }
