"""Keys by which programs use the API on behalf of their owners, and what they sent twice."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class KeyEnvironment(enum.StrEnum):
    """A test key only reads, whatever its scopes are."""

    LIVE = "live"
    TEST = "test"


class APIKey(Base):
    """``prefix`` is the beginning of the key, to find the row by; of the key itself there is only
    a hash. A row is never deleted: what the key did is still told by it."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str]
    environment: Mapped[KeyEnvironment]
    prefix: Mapped[str] = mapped_column(unique=True)
    key_hash: Mapped[str]
    scopes: Mapped[list[Any]]
    # Requests in an hour.
    rate_limit: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    # The key that took this one's place; this one expires after an overlap.
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))


class KeptAnswer(Base):
    """What a POST with an ``Idempotency-Key`` was answered; ``status`` is None while it runs.

    ``sender`` is the API key or the person that sent it: ``key:3``, ``user:1``.
    """

    __tablename__ = "kept_answers"
    __table_args__ = (UniqueConstraint("sender", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sender: Mapped[str]
    key: Mapped[str]
    # Of the method, the address and the body.
    fingerprint: Mapped[str]
    begun_at: Mapped[datetime] = mapped_column(default=now, index=True)
    status: Mapped[int | None]
    content_type: Mapped[str | None]
    location: Mapped[str | None]
    # It may hold a new key or secret.
    body: Mapped[str | None] = mapped_column(info={"sealed": True})
