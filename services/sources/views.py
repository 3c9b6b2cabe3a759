"""Sources as pages, API and workers see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from models import Job, JobStatus, Source, SourceVersion, User
from models.base import is_ulid
from services.errors import Conflict, NotFound

PENDING, READY, FAILED = "pending", "ready", "error"
_NO_JOB = "The work that was to read it is gone. Import it again."


class ColumnView(TypedDict):
    """``role`` is feature, key, time or label; one that is ``empty`` has no value at all."""

    name: str
    type: str
    unit: str
    role: str
    empty: bool


class SourceBrief(TypedDict):
    id: str
    name: str
    description: str
    kind: str
    status: str
    error_message: str | None
    version: int | None
    row_count: int | None
    column_count: int | None
    owner_id: int
    owner_name: str
    job_id: int | None
    created_at: datetime
    updated_at: datetime


class SourceView(SourceBrief):
    config: dict[str, Any]
    missing_codes: list[str]
    time_column: str | None
    content_hash: str | None
    columns: list[ColumnView]
    notes: list[str]


class VersionView(TypedDict):
    number: int
    content_hash: str
    row_count: int
    column_count: int
    missing_codes: list[str]
    time_column: str | None
    created_at: datetime


_Newest = aliased(SourceVersion)


def chosen(*conditions: ColumnElement[bool]) -> Select[Source, SourceVersion, Job, str]:
    """Sources with their newest version, their job and the name of their owner."""
    newest = (
        select(func.max(SourceVersion.number))
        .where(SourceVersion.source_id == Source.id)
        .correlate(Source)
        .scalar_subquery()
    )
    return (
        select(Source, _Newest, Job, User.name)
        .select_from(Source)
        .outerjoin(_Newest, and_(_Newest.source_id == Source.id, _Newest.number == newest))
        .outerjoin(Job, Job.id == Source.job_id)
        .join(User, User.id == Source.owner_id)
        .where(*conditions)
    )


def find_row(session: Session, source_id: str) -> Source:
    """The row of a source.

    Raises
    ------
    NotFound
        If there is no such source.
    """
    found = session.get(Source, source_id) if is_ulid(source_id) else None
    if found is None:
        raise NotFound("There is no such source.")
    return found


def newest_version(session: Session, source_id: str) -> SourceVersion:
    """The version of a source that was read last.

    Raises
    ------
    NotFound
        If there is no such source.
    Conflict
        If it has not been read yet, or could not be.
    """
    source = find_row(session, source_id)
    wanted = (
        select(SourceVersion)
        .where(SourceVersion.source_id == source_id)
        .order_by(SourceVersion.number.desc())
        .limit(1)
    )
    version = session.scalar(wanted)
    if version is None:
        job = None if source.job_id is None else session.get(Job, source.job_id)
        status, told = state_of(has_version=False, job=job)
        if status == PENDING:
            raise Conflict(f"The source “{source.name}” has no rows yet. Wait until it is read.")
        raise Conflict(f"The source “{source.name}” could not be read: {told}")
    return version


def state_of(has_version: bool, job: Job | None) -> tuple[str, str | None]:
    """Status and error: of the newest reading, whatever older versions there are."""
    if job is not None and job.status in (JobStatus.WAITING, JobStatus.RUNNING, JobStatus.PAUSED):
        return PENDING, None
    if job is not None and job.status in (JobStatus.FAILED, JobStatus.CANCELLED):
        told = job.error or "It was cancelled before it was read."
        return (READY if has_version else FAILED), told
    return (READY, None) if has_version else (FAILED, _NO_JOB)


def brief(row: Any) -> SourceBrief:
    source, version, job, owner_name = row
    status, error = state_of(version is not None, job)
    return {
        "id": source.id,
        "name": source.name,
        "description": source.description,
        "kind": source.kind.value,
        "status": status,
        "error_message": error,
        "version": version.number if version else None,
        "row_count": version.row_count if version else None,
        "column_count": len(version.columns) if version else None,
        "owner_id": source.owner_id,
        "owner_name": owner_name,
        "job_id": source.job_id,
        "created_at": source.created_at,
        "updated_at": source.updated_at,
    }


def whole(row: Any) -> SourceView:
    source, version, _job, _name = row
    return {
        **brief(row),
        "config": {name: value for name, value in source.config.items() if name != "upload_id"},
        "missing_codes": list(source.missing_codes),
        "time_column": version.time_column if version else source.time_column,
        "content_hash": version.content_hash if version else None,
        "columns": [column_view(one) for one in (version.columns if version else [])],
        "notes": list(version.notes) if version else [],
    }


def column_view(one: Mapping[str, Any]) -> ColumnView:
    return {
        "name": one["name"],
        "type": one["type"],
        "unit": one["unit"],
        "role": one["role"],
        "empty": one["empty"],
    }


def version_view(row: SourceVersion) -> VersionView:
    return {
        "number": row.number,
        "content_hash": row.content_hash,
        "row_count": row.row_count,
        "column_count": len(row.columns),
        "missing_codes": list(row.missing_codes),
        "time_column": row.time_column,
        "created_at": row.created_at,
    }
