"""What the audit trail takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.schemas.paging import Paging
from services.audit_service import EventFilter

LONGEST = 200


class EventTable(BaseModel):
    """``type`` is a whole type, or what it begins with and a dot, such as ``security.``."""

    type: str = Field("", max_length=LONGEST)
    actor: str = Field("", max_length=LONGEST)
    object: str = Field("", max_length=LONGEST)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None

    @property
    def wanted(self) -> EventFilter:
        return EventFilter(self.type, self.actor, self.object, self.since, self.until)


class EventSearch(EventTable, Paging):
    """A part of it."""


class EventOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    type: str
    actor: str
    actor_name: str | None
    object: str
    object_name: str | None
    payload: dict[str, Any]
    created_at: datetime


class EventList(BaseModel):
    items: list[EventOut]
    total: int
