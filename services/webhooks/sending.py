"""Take what is due, send it outside of any transaction, and write down what came of it.

Who takes a delivery has a lease on it. When that process dies, another takes it after the lease:
so each arrives at least once, and a second arrival has the same id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from models import DeliveryStatus, User, Webhook, WebhookAttempt, WebhookDelivery
from models.base import now
from services import actor
from services.errors import ServiceError
from services.outgoing.posting import TIMEOUT_S, Outcome, post
from services.runtime import unit_of_work
from services.webhooks.failing import note_failure, switch_off
from services.webhooks.requests import Prepared, prepared
from services.webhooks.schedule import delay_s

# Longer than a request can take, and the writing down.
LEASE = timedelta(seconds=TIMEOUT_S + 5)
# Requests to one host at a time: a slow one holds up no other.
AT_ONCE_PER_HOST = 2
GONE, TOO_MANY = 410, 429

Post = Callable[..., Outcome]


@dataclass(frozen=True)
class Claimed:
    id: int
    host: str


def claim_due(holder: str, room: int, busy: Mapping[str, int]) -> list[Claimed]:
    """Lease at most ``room`` of what is due, hosts taking turns; ``busy``: what is under way."""
    actor.worker()
    if room <= 0:
        return []
    with unit_of_work(writing=False) as session:
        candidates = session.execute(_due()).all()
    chosen: list[Claimed] = []
    counted = Counter(busy)
    for candidate in candidates:
        if len(chosen) < room and counted[candidate.host] < AT_ONCE_PER_HOST:
            counted[candidate.host] += 1
            chosen.append(Claimed(candidate.id, candidate.host))
    if not chosen:
        return []
    with unit_of_work() as session:
        free = (
            select(WebhookDelivery.id)
            .where(WebhookDelivery.id.in_([one.id for one in chosen]), *_is_due())
            .with_for_update(skip_locked=True)
        )
        taken = (
            update(WebhookDelivery)
            .where(WebhookDelivery.id.in_(free))
            .values(lease_holder=holder, leased_until=now() + LEASE)
            .returning(WebhookDelivery.id)
            .execution_options(synchronize_session=False)
        )
        ids = set(session.scalars(taken))
    return [one for one in chosen if one.id in ids]


def send_claimed(
    delivery_id: int, holder: str, *, go_on: bool = False, send: Post = post
) -> int | None:
    """One attempt at a delivery that ``holder`` has leased.

    With ``go_on`` the next one to the same host is leased in the same transaction, and returned.
    """
    actor.worker()
    with unit_of_work(writing=False) as session:
        delivery = session.get(WebhookDelivery, delivery_id)
        if delivery is None or delivery.lease_holder != holder:
            return None  # taken away meanwhile, by a person or after a long stop of this process
        webhook = session.get_one(Webhook, delivery.webhook_id)
        host, request = webhook.host, _prepared_or_error(webhook, delivery)
    if isinstance(request, Prepared):
        outcome = send(request.url, request.body, request.headers)
    else:
        outcome = Outcome(None, request, 0.0, "", None)
    with unit_of_work() as session:
        _settle(session, delivery_id, holder, outcome)
        return _claim_next(session, holder, host) if go_on else None


def _claim_next(session: Session, holder: str, host: str) -> int | None:
    session.flush()
    first = (
        _sendable(select(WebhookDelivery.id))
        .where(Webhook.host == host)
        .order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=WebhookDelivery)
    )
    taken = (
        update(WebhookDelivery)
        .where(WebhookDelivery.id == first.scalar_subquery())
        .values(lease_holder=holder, leased_until=now() + LEASE)
        .returning(WebhookDelivery.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(taken)


def write_attempt(session: Session, delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Put an attempt into the log, and its end beside the delivery."""
    delivery.last_status, delivery.last_error = outcome.status, outcome.error
    delivery.latency_ms, delivery.answer_start = outcome.latency_ms, outcome.answer_start
    session.add(
        WebhookAttempt(
            delivery_id=delivery.id,
            status=outcome.status,
            error=outcome.error,
            latency_ms=outcome.latency_ms,
            answer_start=outcome.answer_start,
        )
    )


def _due() -> Select[int, str]:
    """What is due, the first of each host before the second of any."""
    place = func.row_number().over(
        partition_by=Webhook.host,
        order_by=(WebhookDelivery.next_attempt_at, WebhookDelivery.id),
    )
    ranked = _sendable(
        select(
            WebhookDelivery.id,
            Webhook.host,
            WebhookDelivery.next_attempt_at,
            place.label("place"),
        )
    ).subquery()
    return (
        select(ranked.c.id, ranked.c.host)
        .where(ranked.c.place <= AT_ONCE_PER_HOST)
        .order_by(ranked.c.place, ranked.c.next_attempt_at)
    )


def _sendable(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Only what is due, of webhooks that are on and of people who may be here."""
    return (
        statement.join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .join(User, User.id == Webhook.owner_id)
        .where(*_is_due(), Webhook.is_active, User.disabled_at.is_(None))
    )


def _is_due() -> Sequence[ColumnElement[bool]]:
    moment = now()
    return (
        WebhookDelivery.status == DeliveryStatus.WAITING,
        WebhookDelivery.next_attempt_at <= moment,
        or_(WebhookDelivery.leased_until.is_(None), WebhookDelivery.leased_until <= moment),
    )


def _prepared_or_error(webhook: Webhook, delivery: WebhookDelivery) -> Prepared | str:
    try:
        return prepared(webhook, delivery)
    except ServiceError as error:
        return error.message


def _settle(session: Session, delivery_id: int, holder: str, outcome: Outcome) -> None:
    mine = (WebhookDelivery.id == delivery_id, WebhookDelivery.lease_holder == holder)
    # The webhook is locked first, as whoever switches it off does: nobody waits in a circle.
    number = session.scalar(select(WebhookDelivery.webhook_id).where(*mine))
    webhook = session.get(Webhook, number, with_for_update=True) if number is not None else None
    delivery = session.scalars(select(WebhookDelivery).where(*mine).with_for_update()).one_or_none()
    if webhook is None or delivery is None:
        return
    delivery.lease_holder = delivery.leased_until = None
    write_attempt(session, delivery, outcome)
    delivery.attempts += 1
    if outcome.is_success:
        delivery.status, delivery.delivered_at = DeliveryStatus.DELIVERED, now()
        delivery.next_attempt_at = None
        webhook.failing_since, webhook.last_success_at = None, now()
        return
    if delivery.status is not DeliveryStatus.WAITING:
        return  # given up while it was under way, when the webhook was switched off
    _plan_again(session, delivery, outcome)
    if outcome.status == GONE:
        switch_off(session, webhook, "The receiver says that it is gone for good (410).")
    else:
        note_failure(session, webhook)


def _plan_again(session: Session, delivery: WebhookDelivery, outcome: Outcome) -> None:
    wait_s = delay_s(delivery.message_id, delivery.attempts, outcome.retry_after_s)
    if wait_s is None:
        delivery.status, delivery.next_attempt_at = DeliveryStatus.FAILED, None
        return
    delivery.next_attempt_at = now() + timedelta(seconds=wait_s)
    if outcome.retry_after_s and outcome.status == TOO_MANY:
        # It has too much to do: what waits beside this one waits as long.
        session.execute(
            update(WebhookDelivery)
            .where(
                WebhookDelivery.webhook_id == delivery.webhook_id,
                WebhookDelivery.status == DeliveryStatus.WAITING,
                WebhookDelivery.next_attempt_at < delivery.next_attempt_at,
            )
            .values(next_attempt_at=delivery.next_attempt_at)
            .execution_options(synchronize_session=False)
        )
