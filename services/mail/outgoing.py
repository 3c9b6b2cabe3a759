"""What this installation sends mail with: wiring that is done once when a process starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app

from services.mail.limiter import EmailRateLimiter
from services.mail.provider import EmailProvider


@dataclass
class Outgoing:
    """``provider_type`` is empty where there is no mail; the provider is made when it is needed."""

    provider_type: str
    config: dict[str, Any] = field(repr=False)
    limiter: EmailRateLimiter
    _made: EmailProvider | None = None

    @property
    def provider(self) -> EmailProvider | None:
        if self._made is None and self.provider_type:
            # Only who sends loads what it sends with.
            from services.email_provider import EmailProviderFactory

            self._made = EmailProviderFactory.create_provider(self.provider_type, self.config)
        return self._made

    @property
    def sender(self) -> str:
        return str(self.config.get("default_from_email", ""))


def install(server: Flask, wired: Outgoing) -> None:
    server.extensions["outgoing"] = wired


def outgoing() -> Outgoing:
    wired: Outgoing = current_app.extensions["outgoing"]
    return wired


def is_set_up() -> bool:
    """Whether this installation can send mail at all."""
    return bool(outgoing().provider_type)
