"""Mail by the HTTP API of SendGrid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from services.mail.provider import FROM_NAME, UNKNOWN, EmailProvider, SentMail, refused, taken

TIMEOUT_S = 15.0
BASE_URL = "https://api.sendgrid.com"
TOO_MANY = 429
# The key is wrong or may not send: that is not the fault of a mail.
NOT_ALLOWED = (401, 403)
NUMBER_HEADER = "X-Message-Id"


class SendGridProvider(EmailProvider):
    """``base_url`` is another one for accounts in the EU."""

    name = "sendgrid"

    def __init__(
        self,
        api_key: str,
        default_from_email: str,
        default_from_name: str = FROM_NAME,
        *,
        base_url: str = BASE_URL,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._from = (default_from_name, default_from_email)
        self._client = httpx.Client(
            base_url=base_url,
            timeout=timeout_s,
            headers={"Authorization": f"Bearer {api_key}"},
            follow_redirects=False,
        )

    def send(
        self,
        to_email: str,
        subject: str,
        html_body: str,
        text_body: str,
        from_email: str | None = None,
        from_name: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> SentMail:
        body: dict[str, Any] = {
            "personalizations": [{"to": [{"email": to_email}]}],
            "from": {"email": from_email or self._from[1], "name": from_name or self._from[0]},
            "subject": " ".join(subject.split()),
            # The plain text first: the API refuses another order.
            "content": [
                {"type": "text/plain", "value": text_body},
                {"type": "text/html", "value": html_body},
            ],
            "headers": dict(headers or {}),
            # Links are to stay what they are.
            "tracking_settings": {
                "click_tracking": {"enable": False},
                "open_tracking": {"enable": False},
            },
        }
        try:
            answer = self._client.post("/v3/mail/send", json=body)
        except httpx.HTTPError as error:
            return refused(f"SendGrid cannot be reached: {error}", is_away=True)
        if answer.is_success:
            return taken(answer.headers.get(NUMBER_HEADER, ""))
        away = answer.status_code == TOO_MANY or answer.is_server_error
        away = away or answer.status_code in NOT_ALLOWED
        return refused(_words(answer), is_final=not away, is_away=away)

    def get_message_status(self, message_id: str) -> str:
        """As SendGrid's activity feed says; ``unknown`` for accounts that have none."""
        try:
            answer = self._client.get(f"/v3/messages/{quote(message_id, safe='')}")
            status = answer.json().get("status") if answer.is_success else None
        except (httpx.HTTPError, ValueError, AttributeError):
            return UNKNOWN
        return status if isinstance(status, str) else UNKNOWN


def _words(answer: httpx.Response) -> str:
    """What the API complains of."""
    try:
        told = "; ".join(str(one["message"]) for one in answer.json()["errors"])
    except (ValueError, KeyError, TypeError):
        told = answer.reason_phrase
    return f"SendGrid answered {answer.status_code}: {told}"
