"""Sources as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.paging import LARGEST_NUMBER

Kind = Literal["table", "feature_set", "dataset", "recording", "database_view"]


class SourcePaging(BaseModel):
    model_config = ConfigDict(extra="forbid")

    offset: int = Field(0, ge=0, le=LARGEST_NUMBER)
    limit: int = Field(50, ge=1, le=100)


class SourceQuery(SourcePaging):
    text: str = Field("", max_length=255)


class SourceIn(BaseModel):
    """``config`` as the type of the source says, see GET /sources/types. ``time_column`` is found
    by looking without one; empty says that there is none."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    config: dict[str, Any]
    name: str = Field("", max_length=255)
    description: str = Field("", max_length=2000)
    missing_codes: list[str] = Field([], max_length=20)
    time_column: str | None = Field(None, max_length=200)


class SourceChangeIn(BaseModel):
    """What is left out stays. ``upload_id`` is a newer file of a table; ``read_again`` takes the
    rows of anything else as they are now."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=255)
    description: str = Field("", max_length=2000)
    missing_codes: list[str] = Field([], max_length=20)
    time_column: str | None = Field(None, max_length=200)
    upload_id: str = Field("", max_length=100)
    read_again: bool = False


class ColumnOut(BaseModel):
    name: str
    type: Literal["integer", "number", "boolean", "time", "text"]
    unit: str
    role: Literal["feature", "key", "time", "label"]
    empty: bool


class SourceBriefOut(BaseModel):
    id: str
    name: str
    description: str
    kind: Kind
    status: Literal["pending", "ready", "error"]
    error_message: str | None
    version: int | None
    row_count: int | None
    column_count: int | None
    owner_id: int
    owner_name: str
    job_id: int | None
    created_at: datetime
    updated_at: datetime


class SourceOut(SourceBriefOut):
    config: dict[str, Any]
    missing_codes: list[str]
    time_column: str | None
    content_hash: str | None
    columns: list[ColumnOut]
    notes: list[str]


class SourceList(BaseModel):
    data: list[SourceBriefOut]
    total: int
    offset: int
    limit: int


class SourceVersionOut(BaseModel):
    number: int
    content_hash: str
    row_count: int
    column_count: int
    missing_codes: list[str]
    time_column: str | None
    created_at: datetime


class SourceVersionList(BaseModel):
    versions: list[SourceVersionOut]
    total: int


class SuspectOut(BaseModel):
    value: float
    columns: list[str]


class ProfileOut(BaseModel):
    """``columns`` with missing, distinct, min, max, mean, std and quantiles (5, 25, 50, 75, 95 %)
    of numbers, or the most frequent values; ``rows`` are the first ones; ``suspects`` are numbers
    that may stand for a missing value."""

    version: int
    row_count: int
    columns: list[dict[str, Any]]
    rows: list[list[Any]]
    suspects: list[SuspectOut]


class SourceTestOut(BaseModel):
    ok: bool
    message: str
    row_count: int | None
    column_count: int | None


class FieldOut(BaseModel):
    name: str
    type: str
    required: bool
    description: str


class SourceTypeOut(BaseModel):
    name: Kind
    display_name: str
    description: str
    fields: list[FieldOut]


class SourceTypeList(BaseModel):
    types: list[SourceTypeOut]
    total: int


class DatabaseTableOut(BaseModel):
    """``schema_name`` is empty where the database has no schemas."""

    schema_name: str
    name: str
    is_view: bool


class DatabaseList(BaseModel):
    databases: list[str]
    total: int


class DatabaseTableList(BaseModel):
    tables: list[DatabaseTableOut]
    total: int
