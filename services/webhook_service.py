"""A person's webhooks: where events are sent, and what became of those that were."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from models import DeliveryStatus, Provider, Webhook, WebhookAttempt, WebhookDelivery
from models.base import now
from services import actor, events
from services.errors import Invalid, NotFound, RateLimited
from services.notifications.event_types import EventType
from services.paging import paged
from services.runtime import unit_of_work
from services.sealing import seal
from services.webhooks import choices
from services.webhooks.failing import give_up_waiting
from services.webhooks.owned import own, own_or_fail
from services.webhooks.standard import new_secret
from services.webhooks.statistics import WebhookStats, stats_of
from services.webhooks.testing import send_test
from services.webhooks.views import (
    AttemptView,
    DeliveryView,
    MadeWebhook,
    TestResult,
    WebhookView,
    attempt_view,
    delivery_view,
    made_view,
    webhook_view,
)

MOST_WEBHOOKS = 20
# Both secrets sign for so long after a new one was made.
OVERLAP = timedelta(hours=24)
# Somebody waits for each test, and a thread of the web process with them.
_tests_at_once = threading.BoundedSemaphore(4)

_SETTERS: dict[str, Callable[[Webhook, Any], None]] = {
    "name": lambda webhook, given: setattr(webhook, "name", choices.name_of(given)),
    "description": lambda webhook, given: setattr(
        webhook, "description", choices.description_of(given)
    ),
    "webhook_url": choices.set_url,
    "enabled_events": lambda webhook, given: setattr(
        webhook, "enabled_events", choices.events_of(given)
    ),
    "settings": lambda webhook, given: setattr(webhook, "settings", choices.settings_of(given)),
}


class WebhookService:
    """Only the owner sees a webhook; to others, admins too, it does not exist."""

    @staticmethod
    def list_user_webhooks(user_id: int, include_inactive: bool = True) -> list[WebhookView]:
        """One's own webhooks, oldest first."""
        _must_be(user_id)
        own = select(Webhook).where(Webhook.owner_id == user_id).order_by(Webhook.id)
        if not include_inactive:
            own = own.where(Webhook.is_active)
        with unit_of_work(writing=False) as session:
            return [webhook_view(webhook) for webhook in session.scalars(own)]

    @staticmethod
    def get_webhook(webhook_id: int, user_id: int) -> WebhookView | None:
        _must_be(user_id)
        with unit_of_work(writing=False) as session:
            webhook = own(session, webhook_id, user_id)
            return None if webhook is None else webhook_view(webhook)

    @staticmethod
    def list_event_types() -> list[EventType]:
        """The events that one may choose."""
        return choices.offered_types()

    @staticmethod
    def create_webhook(
        user_id: int,
        provider_type: str,
        webhook_url: str,
        name: str,
        enabled_events: list[str],
        description: str = "",
        is_active: bool = True,
        settings: dict[str, Any] | None = None,
    ) -> MadeWebhook | None:
        """A webhook; the secret that signs what is sent is told here and never again.

        Raises
        ------
        Invalid
            If something is not as it has to be, or there are too many.
        """
        _must_be(user_id)
        provider = choices.provider_of(provider_type)
        secret = new_secret() if provider is Provider.WEBHOOK else None
        webhook = Webhook(
            owner_id=user_id,
            provider=provider,
            name=choices.name_of(name),
            description=choices.description_of(description),
            enabled_events=choices.events_of(enabled_events),
            settings=choices.settings_of(settings),
            is_active=bool(is_active),
            sealed_secret=None if secret is None else seal(secret),
        )
        choices.set_url(webhook, webhook_url)
        with unit_of_work() as session:
            count = select(func.count(Webhook.id)).where(Webhook.owner_id == user_id)
            if (session.scalar(count) or 0) >= MOST_WEBHOOKS:
                raise Invalid(f"There can be {MOST_WEBHOOKS} webhooks. Delete one first.")
            session.add(webhook)
            session.flush()
            _record(session, "created", webhook, url=webhook.masked_url)
            return made_view(webhook, secret)

    @staticmethod
    def update_webhook(webhook_id: int, user_id: int, **updates: Any) -> WebhookView | None:
        """Change name, description, webhook_url, enabled_events, settings or is_active.

        Raises
        ------
        Invalid
            If something else is given, or a value is not as it has to be.
        """
        _must_be(user_id)
        unknown = sorted(set(updates) - set(_SETTERS) - {"is_active"})
        if unknown:
            raise Invalid(f"“{unknown[0]}” of a webhook cannot be changed.")
        with unit_of_work() as session:
            webhook = own(session, webhook_id, user_id)
            if webhook is None:
                return None
            for name, value in updates.items():
                if name in _SETTERS:
                    _SETTERS[name](webhook, value)
            if "is_active" in updates:
                _switch(session, webhook, is_active=bool(updates["is_active"]))
            _record(session, "changed", webhook, fields=sorted(updates))
            session.flush()
            return webhook_view(webhook)

    @staticmethod
    def delete_webhook(webhook_id: int, user_id: int) -> bool:
        """Remove a webhook with its log; what waits is not sent."""
        _must_be(user_id)
        with unit_of_work() as session:
            webhook = own(session, webhook_id, user_id)
            if webhook is None:
                return False
            _record(session, "deleted", webhook)
            session.delete(webhook)
            return True

    @staticmethod
    def toggle_webhook(webhook_id: int, user_id: int, is_active: bool) -> bool:
        """Switch a webhook on or off; what waits for one that goes off is given up."""
        return WebhookService.update_webhook(webhook_id, user_id, is_active=is_active) is not None

    @staticmethod
    def rotate_secret(webhook_id: int, user_id: int) -> MadeWebhook | None:
        """A new secret, told once; for 24 hours the one before signs beside it.

        Raises
        ------
        Invalid
            If this kind of webhook is not signed.
        """
        _must_be(user_id)
        secret = new_secret()
        with unit_of_work() as session:
            webhook = own(session, webhook_id, user_id)
            if webhook is None:
                return None
            if webhook.sealed_secret is None:
                raise Invalid("What is sent to a chat is not signed; its URL is the secret.")
            webhook.sealed_old_secret = webhook.sealed_secret
            webhook.old_secret_until = now() + OVERLAP
            webhook.sealed_secret = seal(secret)
            _record(session, "secret_rotated", webhook)
            session.flush()
            return made_view(webhook, secret)

    @staticmethod
    def test_webhook(webhook_id: int, user_id: int) -> TestResult:
        """Really send a message, now, and tell what came back. It is in the log, too.

        Raises
        ------
        NotFound
            If there is no such webhook.
        RateLimited
            If several are being tested.
        """
        _must_be(user_id)
        if not _tests_at_once.acquire(blocking=False):
            raise RateLimited("Several webhooks are being tested. Try again in a moment.")
        try:
            return send_test(webhook_id, user_id)
        finally:
            _tests_at_once.release()

    @staticmethod
    def get_webhook_logs(
        webhook_id: int, user_id: int, limit: int = 50, offset: int = 0
    ) -> list[DeliveryView]:
        """What was sent or waits, newest first."""
        _must_be(user_id)
        of = (
            select(WebhookDelivery)
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .where(Webhook.id == webhook_id, Webhook.owner_id == user_id)
            .order_by(WebhookDelivery.id.desc())
        )
        with unit_of_work(writing=False) as session:
            return [delivery_view(one) for one in session.scalars(paged(of, limit, offset))]

    @staticmethod
    def count_deliveries(webhook_id: int, user_id: int) -> int:
        """How many the whole log has."""
        _must_be(user_id)
        counted = (
            select(func.count(WebhookDelivery.id))
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .where(Webhook.id == webhook_id, Webhook.owner_id == user_id)
        )
        with unit_of_work(writing=False) as session:
            return session.scalar(counted) or 0

    @staticmethod
    def list_attempts(delivery_id: int, user_id: int) -> list[AttemptView]:
        """Each request that was made for a delivery, oldest first.

        Raises
        ------
        NotFound
            If there is no such delivery of a webhook of one's own.
        """
        _must_be(user_id)
        mine = (
            select(WebhookDelivery.id)
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .where(WebhookDelivery.id == delivery_id, Webhook.owner_id == user_id)
        )
        of = (
            select(WebhookAttempt)
            .where(WebhookAttempt.delivery_id == delivery_id)
            .order_by(WebhookAttempt.id)
        )
        with unit_of_work(writing=False) as session:
            if session.scalar(mine) is None:
                raise NotFound("There is no such delivery.")
            return [attempt_view(one) for one in session.scalars(of)]

    @staticmethod
    def get_webhook_stats(webhook_id: int, user_id: int) -> WebhookStats:
        """How a webhook fares.

        Raises
        ------
        NotFound
            If there is no such webhook.
        """
        _must_be(user_id)
        with unit_of_work(writing=False) as session:
            return stats_of(session, own_or_fail(session, webhook_id, user_id))

    @staticmethod
    def replay_delivery(delivery_id: int, user_id: int) -> bool:
        """Send a delivery again from the beginning of the schedule, with the same id; False where
        there is none, it is under way, or its webhook is off."""
        _must_be(user_id)
        moment = now()
        mine = select(Webhook.id).where(Webhook.owner_id == user_id, Webhook.is_active)
        again = (
            update(WebhookDelivery)
            .where(
                WebhookDelivery.id == delivery_id,
                WebhookDelivery.webhook_id.in_(mine),
                or_(
                    WebhookDelivery.leased_until.is_(None),
                    WebhookDelivery.leased_until <= moment,
                ),
            )
            .values(status=DeliveryStatus.WAITING, attempts=0, next_attempt_at=moment)
            .returning(WebhookDelivery.id)
        )
        with unit_of_work() as session:
            return session.scalar(again) is not None


def _must_be(user_id: int) -> None:
    """Webhooks are a person's own: another one's do not exist."""
    if actor.myself() != user_id:
        raise NotFound("There is no such webhook.")


def _switch(session: Session, webhook: Webhook, *, is_active: bool) -> None:
    webhook.is_active = is_active
    if is_active:
        webhook.disabled_reason = webhook.failing_since = None
    else:
        give_up_waiting(session, webhook.id)


def _record(session: Session, verb: str, webhook: Webhook, **more: Any) -> None:
    about = {"name": webhook.name, "provider": webhook.provider.value}
    events.record(session, f"webhook.{verb}", f"webhook:{webhook.id}", **about, **more)
