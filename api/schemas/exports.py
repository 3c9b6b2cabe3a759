"""Exports of data sets as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.schemas.paging import LARGEST_NUMBER


class ExportIn(BaseModel):
    """``version`` is the newest when it is left out."""

    format: str = Field("hdf5", max_length=20)
    version: int | None = Field(None, ge=1, le=LARGEST_NUMBER)


class ExportOut(BaseModel):
    id: int
    dataset_id: int
    version: int
    format: str
    title: str
    file_name: str
    size: int
    owner_id: int
    owner_name: str
    created_at: datetime
    kept_until: datetime


class ExportList(BaseModel):
    items: list[ExportOut]
    total: int
