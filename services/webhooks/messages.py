"""What a delivery says, before it takes the form that its receiver reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app

from models import Webhook, WebhookDelivery
from services.notifications.event_types import EVENT_TYPES

TEST = "webhook.test"
MOST_FACTS = 10


@dataclass(frozen=True)
class Message:
    """``facts`` are what is known besides, as names and values; ``link`` leads to our pages."""

    id: str
    event_type: str
    at: datetime
    data: Mapping[str, Any]
    title: str
    text: str
    facts: tuple[tuple[str, str], ...]
    link: str


def message_of(webhook: Webhook, delivery: WebhookDelivery) -> Message:
    data = delivery.data
    title, text = _said(delivery.event_type, data)
    label = str(webhook.settings.get("label", ""))
    return Message(
        id=delivery.message_id,
        event_type=delivery.event_type,
        at=delivery.occurred_at,
        data=data,
        title=f"{label}: {title}" if label else title,
        text=text,
        facts=_facts(delivery.event_type, data),
        link=_link(data),
    )


def shortened(text: str, most: int) -> str:
    """The text, with an ellipsis where it is cut.

    Examples
    --------
    >>> shortened("bearing", 7), shortened("bearing", 5)
    ('bearing', 'bear…')
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def _said(event_type: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """Title and sentence, as notifications put them; a title of its name where there is none."""
    named = event_type.replace(".", " ").replace("_", " ").capitalize()
    return str(data.get("title") or named), str(data.get("text") or "")


def _facts(event_type: str, data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Plain values among the details that the sentence does not say already."""
    known = EVENT_TYPES.get(event_type)
    said = known.sentence if known is not None else ""
    details = data.get("details")
    found = [
        (name.replace("_", " "), str(value))
        for name, value in (details if isinstance(details, dict) else {}).items()
        if isinstance(value, str | int | float)
        and not isinstance(value, bool)
        and value != ""
        and f"{{{name}}}" not in said
    ]
    return tuple(found[:MOST_FACTS])


def _link(data: Mapping[str, Any]) -> str:
    """To a page of ours, and nothing that leads elsewhere."""
    link = data.get("link")
    ours = f"{current_app.config['PUBLIC_URL']}/"
    return link if isinstance(link, str) and link.startswith(ours) else ""
