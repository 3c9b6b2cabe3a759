"""Webhooks as the API shows them. Addresses and secrets are taken and never given back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from models import Cause, DeliveryStatus, Provider


class WebhookIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    provider_type: Provider
    webhook_url: str = Field(max_length=2000)
    name: str = Field(max_length=200)
    enabled_events: list[str] = Field(max_length=200)
    description: str = Field("", max_length=1000)
    is_active: bool = True
    settings: dict[str, str] = Field(default_factory=dict, max_length=20)


class WebhookChange(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    webhook_url: str | None = Field(None, max_length=2000)
    name: str | None = Field(None, max_length=200)
    enabled_events: list[str] | None = Field(None, max_length=200)
    description: str | None = Field(None, max_length=1000)
    is_active: bool | None = None
    settings: dict[str, str] | None = Field(None, max_length=20)


class WebhookOut(BaseModel):
    id: int
    provider_type: Provider
    name: str
    description: str
    url: str
    enabled_events: list[str]
    settings: dict[str, Any]
    is_active: bool
    disabled_reason: str | None
    failing_since: datetime | None
    last_success_at: datetime | None
    is_signed: bool
    old_secret_until: datetime | None
    created_at: datetime
    updated_at: datetime


class WebhookMade(WebhookOut):
    """With the secret, this once."""

    secret: str | None


class WebhookList(BaseModel):
    items: list[WebhookOut]
    total: int


class EventTypeOut(BaseModel):
    name: str
    title: str
    group: str


class EventTypeList(BaseModel):
    items: list[EventTypeOut]


class WebhookTested(BaseModel):
    success: bool
    status: int | None
    error: str | None
    latency_ms: float | None
    answer_start: str
    message_id: str


class WebhookStatsOut(BaseModel):
    total: int
    delivered: int
    failed: int
    waiting: int
    success_rate: float | None
    attempts: int
    latency_ms_median: float | None
    latency_ms_p95: float | None
    last_success_at: datetime | None
    failing_since: datetime | None


class DeliveryOut(BaseModel):
    id: int
    webhook_id: int
    message_id: str
    event_type: str
    cause: Cause
    status: DeliveryStatus
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    latency_ms: float | None
    answer_start: str
    created_at: datetime
    delivered_at: datetime | None


class DeliveryList(BaseModel):
    items: list[DeliveryOut]
    total: int


class AttemptOut(BaseModel):
    at: datetime
    status: int | None
    error: str | None
    latency_ms: float | None
    answer_start: str


class AttemptList(BaseModel):
    items: list[AttemptOut]


class Replayed(BaseModel):
    """Whether it is sent again: not while it is under way, and not while its webhook is off."""

    replayed: bool
