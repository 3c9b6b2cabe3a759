"""How a webhook fares."""

from __future__ import annotations

import statistics
from datetime import datetime
from typing import TypedDict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import DeliveryStatus, Webhook, WebhookAttempt, WebhookDelivery

# Of the last successful attempts.
MOST_LATENCIES = 1000


class WebhookStats(TypedDict):
    """``success_rate``: of the deliveries that have ended; None before there is one."""

    total: int
    delivered: int
    failed: int
    waiting: int
    success_rate: float | None
    attempts: int
    latency_ms_median: float | None
    latency_ms_p95: float | None
    last_success_at: datetime | None
    failing_since: datetime | None


def stats_of(session: Session, webhook: Webhook) -> WebhookStats:
    own = WebhookDelivery.webhook_id == webhook.id
    by_status = select(WebhookDelivery.status, func.count().label("made")).where(own)
    counted = {
        row.status: row.made for row in session.execute(by_status.group_by(WebhookDelivery.status))
    }
    attempts = (
        select(func.count(WebhookAttempt.id))
        .join(WebhookDelivery, WebhookDelivery.id == WebhookAttempt.delivery_id)
        .where(own)
    )
    delivered = counted.get(DeliveryStatus.DELIVERED, 0)
    failed = counted.get(DeliveryStatus.FAILED, 0)
    median, p95 = _latencies(session, webhook.id)
    return {
        "total": sum(counted.values()),
        "delivered": delivered,
        "failed": failed,
        "waiting": counted.get(DeliveryStatus.WAITING, 0),
        "success_rate": delivered / (delivered + failed) if delivered + failed else None,
        "attempts": session.scalar(attempts) or 0,
        "latency_ms_median": median,
        "latency_ms_p95": p95,
        "last_success_at": webhook.last_success_at,
        "failing_since": webhook.failing_since,
    }


def _latencies(session: Session, webhook_id: int) -> tuple[float | None, float | None]:
    """The median, and what 95 of 100 successful attempts stay within."""
    newest = (
        select(WebhookAttempt.latency_ms)
        .join(WebhookDelivery, WebhookDelivery.id == WebhookAttempt.delivery_id)
        .where(WebhookDelivery.webhook_id == webhook_id, WebhookAttempt.status.between(200, 299))
        .order_by(WebhookAttempt.id.desc())
        .limit(MOST_LATENCIES)
    )
    found = sorted(one for one in session.scalars(newest) if one is not None)
    if not found:
        return None, None
    return statistics.median(found), found[-(-95 * len(found) // 100) - 1]
