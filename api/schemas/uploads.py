"""Uploads as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class UploadIn(BaseModel):
    """``fingerprint`` is the SHA-256 of the first and the last 64 KiB of the file, one after the
    other (of a shorter one: of all of it, twice). With it, an upload that broke off goes on."""

    model_config = ConfigDict(extra="forbid")

    file_name: str
    size: int
    fingerprint: str = ""


class BatchIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    files: list[UploadIn] = Field(min_length=1, max_length=100)


class ChunkQuery(BaseModel):
    """Where the bytes belong. Their SHA-256 stands in the header ``X-Content-SHA256``."""

    offset: int = Field(ge=0)


class UploadOut(BaseModel):
    id: str
    file_name: str
    size: int
    received: int
    is_complete: bool
    created_at: datetime


class BegunOut(BaseModel):
    """An upload, or a sentence that says why there is none."""

    upload: UploadOut | None = None
    problem: str | None = None


class BatchOut(BaseModel):
    """In the order of the files that were announced."""

    items: list[BegunOut]


class UploadList(BaseModel):
    """``suffixes`` are the endings of the files that are read."""

    items: list[UploadOut]
    chunk_bytes: int
    suffixes: list[str]
