"""A message as Standard Webhooks has it, signed so that a receiver knows whom it is from.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, version 1.0.0
(payload, headers, the content that is signed, secrets of 24 to 64 bytes, several signatures while
a secret is replaced).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import datetime

from models.base import plain_json
from services.webhooks.messages import Message

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def body_of(message: Message) -> bytes:
    told = {
        "type": message.event_type,
        "timestamp": message.at.isoformat().replace("+00:00", "Z"),
        "data": plain_json(dict(message.data)),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(message_id: str, at: datetime, body: bytes, used: Sequence[str]) -> dict[str, str]:
    """The three headers; one signature for each of the secrets."""
    second = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": second,
        "webhook-signature": " ".join(_sign(one, f"{message_id}.{second}.", body) for one in used),
    }


def _sign(secret: str, before: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, before.encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
