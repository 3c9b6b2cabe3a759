"""Alarms as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.schemas.paging import Paging
from models import AlarmState, Severity


class AlarmQuery(Paging):
    """``state`` and ``severity`` may name several, with commas between them."""

    state: str = Field("", max_length=100)
    severity: str = Field("", max_length=100)
    kind: str = Field("", max_length=100)
    object: str = Field("", max_length=200)
    text: str = Field("", max_length=200)
    sort: str = Field("-last_seen_at", max_length=40)


class AlarmOut(BaseModel):
    id: int
    kind: str
    object: str
    severity: Severity
    state: AlarmState
    message: str
    details: dict[str, Any]
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    cleared_at: datetime | None
    shelved_until: datetime | None
    changed_by: int | None
    changed_by_name: str | None
    changed_at: datetime | None
    note: str
    confirmed_fault: str | None


class AlarmList(BaseModel):
    items: list[AlarmOut]
    total: int


class NoteIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: str = Field("", max_length=2_000)


class ShelfIn(NoteIn):
    until: AwareDatetime


class FaultIn(NoteIn):
    """``fault`` is what was found; ``none`` for a false alarm, empty to take it back."""

    fault: str = Field(max_length=200)
