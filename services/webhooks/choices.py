"""What a person may choose for a webhook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models import Provider, Role, Webhook
from services import actor
from services.errors import Invalid
from services.notifications.event_types import EVENT_TYPES, EventType, offered
from services.outgoing.targets import target_of
from services.sealing import seal

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_LABEL = 100, 500, 40
SETTINGS = ("label",)


def provider_of(text: str) -> Provider:
    try:
        return Provider(text)
    except ValueError as error:
        raise Invalid(
            f"The provider must be one of {', '.join(Provider)}, but is “{text}”."
        ) from error


def name_of(text: Any) -> str:
    return _line(text, "name", 1, LONGEST_NAME)


def description_of(text: Any) -> str:
    return _line(text or "", "description", 0, LONGEST_DESCRIPTION)


def events_of(names: Any) -> list[str]:
    """The names of event types, in the order of the list, each once."""
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        raise Invalid("Choose at least one event.")
    known = {one.name for one in offered_types()}
    unknown = sorted({str(name) for name in names} - known)
    if unknown:
        raise Invalid(f"There is no event “{unknown[0]}” that you could be told of.")
    return [name for name in EVENT_TYPES if name in set(names)]


def offered_types() -> list[EventType]:
    """The events that the actor may choose."""
    return offered(to_admins=actor.reader().role is Role.ADMIN)


def settings_of(settings: Any) -> dict[str, Any]:
    """``label``: a word before the title in a chat that hears of several installations."""
    given = settings or {}
    if not isinstance(given, dict) or not set(given) <= set(SETTINGS):
        raise Invalid(f"The settings of a webhook are: {', '.join(SETTINGS)}.")
    label = _line(given.get("label") or "", "label", 0, LONGEST_LABEL)
    return {"label": label} if label else {}


def set_url(webhook: Webhook, url: Any) -> None:
    """Keep an address sealed, and of it what may be shown."""
    if not isinstance(url, str):
        raise Invalid("The URL must be a text.")
    target = target_of(url)
    webhook.sealed_url = seal(url.strip())
    webhook.masked_url, webhook.host = target.masked, target.host


def _line(text: Any, what: str, shortest: int, longest: int) -> str:
    line = " ".join(text.split()) if isinstance(text, str) else ""
    if not shortest <= len(line) <= longest or not line.isprintable():
        raise Invalid(f"The {what} must have {shortest} to {longest} letters.")
    return line
