"""Tags as JSON."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TagIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    color: str | None = Field(None, pattern=r"^#[0-9a-fA-F]{6}$")


class TagOut(BaseModel):
    """``usage_count`` is how many experiments have it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    slug: str
    color: str
    usage_count: int


class TagList(BaseModel):
    items: list[TagOut]
    total: int
