"""Previews, server folders and saved profiles as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from api.schemas.paging import Paging


class WarningGroupOut(BaseModel):
    code: str
    message: str
    files: int
    recordings: int


class ImportPreviewOut(BaseModel):
    """Of ``file_count`` files some were looked into; ``left_out`` are of kinds not read."""

    job_id: int
    file_count: int
    looked_at: int
    left_out: int
    recordings: int
    unreadable: int
    warned: int
    warnings: list[WarningGroupOut]


class PreviewPaging(Paging):
    only: Literal["", "problems", "unreadable", "lacking", "warned"] = ""
    search: str = ""


class PreviewFileOut(BaseModel):
    """``key`` is what values typed for this file alone go by (``own`` of an import)."""

    key: str
    file_name: str
    error: str | None
    describes: str | None
    importer: str
    profile: str
    notes: list[str]
    variables: list[dict[str, Any]]
    recordings: list[dict[str, Any]]
    recording_count: int
    missing: list[str]


class PreviewFileList(BaseModel):
    items: list[PreviewFileOut]
    total: int


class ImportFolderList(BaseModel):
    items: list[str]


class BrowseQuery(Paging):
    """``path`` is relative to the folder."""

    path: str = ""
    search: str = ""


class FolderEntryOut(BaseModel):
    name: str
    is_folder: bool
    size: int
    changed_at: datetime
    is_read: bool


class ImportFolderOut(BaseModel):
    folder: str
    path: str
    entries: list[FolderEntryOut]
    total: int


class ImportProfileIn(BaseModel):
    """``choices`` are those of an import, with the built-in profile beneath as ``profile``."""

    model_config = ConfigDict(extra="forbid")

    name: str
    choices: dict[str, Any]
    description: str = ""


class ImportProfileChange(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    choices: dict[str, Any] | None = None
    description: str | None = None


class ImportProfileOut(BaseModel):
    id: int
    name: str
    description: str
    choices: dict[str, Any]
    owner_id: int
    owner_name: str
    created_at: datetime
    updated_at: datetime


class ImportProfileList(BaseModel):
    items: list[ImportProfileOut]
