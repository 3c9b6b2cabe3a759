"""Saved searches as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class SavedSearchIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    query: str = Field(max_length=2000)
    is_pinned: bool = False


class SavedSearchOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    query: str
    is_pinned: bool
    usage_count: int
    last_used_at: datetime | None


class SavedSearchList(BaseModel):
    items: list[SavedSearchOut]
    total: int
