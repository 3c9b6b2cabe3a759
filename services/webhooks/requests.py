"""The request that carries a delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from models import Provider, Webhook, WebhookDelivery
from models.base import now
from services.sealing import unseal
from services.webhooks import slack, standard, teams
from services.webhooks.messages import Message, message_of

BODIES: dict[Provider, Callable[[Message], bytes]] = {
    Provider.SLACK: slack.body_of,
    Provider.TEAMS: teams.body_of,
    Provider.WEBHOOK: standard.body_of,
}


@dataclass(frozen=True)
class Prepared:
    """Whole, so that nothing of the database is needed while it is under way."""

    url: str
    body: bytes
    headers: dict[str, str]


def prepared(webhook: Webhook, delivery: WebhookDelivery) -> Prepared:
    """The request at this moment: its time and signatures are of now.

    Raises
    ------
    Unavailable
        If the address or the secret was sealed with a key that is missing.
    """
    body = BODIES[webhook.provider](message_of(webhook, delivery))
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Rotorscope"}
    if webhook.provider is Provider.WEBHOOK:
        headers |= standard.headers_of(delivery.message_id, now(), body, _secrets(webhook))
    return Prepared(unseal(webhook.sealed_url), body, headers)


def _secrets(webhook: Webhook) -> list[str]:
    """The secret, and the one before it until its time is over."""
    sealed = [webhook.sealed_secret]
    until = webhook.old_secret_until
    if until is not None and until > now():
        sealed.append(webhook.sealed_old_secret)
    return [unseal(one) for one in sealed if one]
