"""Webhooks and deliveries as plain values. Addresses and secrets are not among them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from models import Cause, DeliveryStatus, Provider, Webhook, WebhookAttempt, WebhookDelivery
from models.base import now


class WebhookView(TypedDict):
    id: int
    provider_type: Provider
    name: str
    description: str
    # Scheme and host; the rest is a secret.
    url: str
    enabled_events: list[str]
    settings: dict[str, Any]
    is_active: bool
    # Why it was switched off, when no person did it.
    disabled_reason: str | None
    failing_since: datetime | None
    last_success_at: datetime | None
    is_signed: bool
    # Until then the secret before signs too.
    old_secret_until: datetime | None
    created_at: datetime
    updated_at: datetime


class MadeWebhook(WebhookView):
    """``secret`` is shown this once; only Standard Webhooks have one."""

    secret: str | None


class DeliveryView(TypedDict):
    id: int
    webhook_id: int
    message_id: str
    event_type: str
    cause: Cause
    status: DeliveryStatus
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    latency_ms: float | None
    answer_start: str
    created_at: datetime
    delivered_at: datetime | None


class AttemptView(TypedDict):
    at: datetime
    status: int | None
    error: str | None
    latency_ms: float | None
    answer_start: str


class TestResult(TypedDict):
    success: bool
    status: int | None
    error: str | None
    latency_ms: float | None
    answer_start: str
    message_id: str


def webhook_view(webhook: Webhook) -> WebhookView:
    until = webhook.old_secret_until
    return {
        "id": webhook.id,
        "provider_type": webhook.provider,
        "name": webhook.name,
        "description": webhook.description,
        "url": webhook.masked_url,
        "enabled_events": list(webhook.enabled_events),
        "settings": dict(webhook.settings),
        "is_active": webhook.is_active,
        "disabled_reason": webhook.disabled_reason,
        "failing_since": webhook.failing_since,
        "last_success_at": webhook.last_success_at,
        "is_signed": webhook.sealed_secret is not None,
        "old_secret_until": until if until is not None and until > now() else None,
        "created_at": webhook.created_at,
        "updated_at": webhook.updated_at,
    }


def made_view(webhook: Webhook, secret: str | None) -> MadeWebhook:
    return {**webhook_view(webhook), "secret": secret}


def delivery_view(delivery: WebhookDelivery) -> DeliveryView:
    return {
        "id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "message_id": delivery.message_id,
        "event_type": delivery.event_type,
        "cause": delivery.cause,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "next_attempt_at": delivery.next_attempt_at,
        "last_status": delivery.last_status,
        "last_error": delivery.last_error,
        "latency_ms": delivery.latency_ms,
        "answer_start": delivery.answer_start,
        "created_at": delivery.created_at,
        "delivered_at": delivery.delivered_at,
    }


def attempt_view(attempt: WebhookAttempt) -> AttemptView:
    return {
        "at": attempt.at,
        "status": attempt.status,
        "error": attempt.error,
        "latency_ms": attempt.latency_ms,
        "answer_start": attempt.answer_start,
    }
