"""API keys as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.api_key_service import LONGEST_LIFE_DAYS, LONGEST_OVERLAP_HOURS, RATE_LIMIT
from services.api_key_service import MOST_RATE_OF_ADMIN as MOST_RATE


class KeyIn(BaseModel):
    """Without ``scopes`` the key reads everything but keys, webhooks and the audit trail.

    A test key only ever reads.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    environment: Literal["live", "test"] = "live"
    rate_limit: int = Field(RATE_LIMIT, ge=1, le=MOST_RATE, description="Requests in an hour.")
    expires_in_days: int | None = Field(None, ge=1, le=LONGEST_LIFE_DAYS)
    scopes: list[str] | None = Field(None, max_length=100)


class RotationIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    overlap_hours: int = Field(
        24, ge=0, le=LONGEST_OVERLAP_HOURS, description="So long the old key stays good."
    )


class KeyQuery(BaseModel):
    include_inactive: bool = Field(False, description="Also those that have ended.")


class KeyUsageQuery(BaseModel):
    hours: int = Field(24, ge=1, le=8784)


class KeyOut(BaseModel):
    """The key itself is shown once, when it is made; this is how it begins."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    environment: Literal["live", "test"]
    prefix: str
    scopes: list[str]
    rate_limit: int
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    replaced_by_id: int | None


class KeyList(BaseModel):
    items: list[KeyOut]
    total: int


class NewKeyOut(BaseModel):
    """``key`` is shown once: keep it where no one else reads it."""

    key: str
    prefix: str
    api_key_id: int
    expires_at: datetime | None


class RotatedKeyOut(NewKeyOut):
    """``old_expires_at`` is until when the old key is good."""

    old_expires_at: datetime


class KeyUsageOut(BaseModel):
    """``error_rate`` is the share of answers from 400 on; the first hour counts as a whole."""

    total_requests: int
    error_rate: float
    avg_response_time_ms: float | None
