"""Detections as pages and API see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from models import Detection, Job, JobStatus, Source, User
from models.base import is_ulid
from services.errors import Conflict, NotFound

PENDING, RUNNING, SUCCESS, FAILED, CANCELLED = (
    *("pending", "running", "success"),
    *("error", "cancelled"),
)
ENDED = (SUCCESS, FAILED, CANCELLED)
OF_JOBS = {
    JobStatus.WAITING: PENDING,
    JobStatus.PAUSED: PENDING,
    JobStatus.RUNNING: RUNNING,
    JobStatus.FAILED: FAILED,
    JobStatus.CANCELLED: CANCELLED,
}
NO_JOB = "The work that was to find anomalies is gone. Detect again."
NOT_THERE = "There is no such detection."


class AnomalyView(TypedDict):
    row_index: int
    anomaly_score: float
    raw_score: float
    column_values: dict[str, Any]
    is_anomaly: bool


class ColumnSummary(TypedDict):
    column: str
    dtype: str
    anomaly_count: int
    anomaly_rate: float
    mean_anomaly_score: float
    min_value: float | None
    max_value: float | None
    top_anomaly_indices: list[int]


class DetectionBrief(TypedDict):
    id: str
    source_id: str
    source_name: str
    status: str
    algorithm: str
    config: dict[str, Any]
    total_rows: int | None
    anomaly_count: int | None
    anomaly_rate: float | None
    duration_ms: float | None
    error_message: str | None
    owner_id: int
    owner_name: str
    job_id: int | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class DetectionView(DetectionBrief):
    columns_analyzed: list[str]
    column_summaries: list[ColumnSummary]
    anomalies: list[AnomalyView]
    threshold: float | None
    calibrated_threshold: float | None
    threshold_policy: dict[str, Any] | None
    sample_size: int | None
    fit_on: dict[str, Any] | None
    columns_asked: list[str] | None
    alarm_from: int | None
    notes: list[str]


def chosen(*conditions: ColumnElement[bool]) -> Select[Detection, Job, str, str]:
    """Detections with their job and the names of source and owner, newest first."""
    return (
        select(Detection, Job, Source.name, User.name)
        .select_from(Detection)
        .outerjoin(Job, Job.id == Detection.job_id)
        .join(Source, Source.id == Detection.source_id)
        .join(User, User.id == Detection.owner_id)
        .where(*conditions)
        .order_by(Detection.created_at.desc(), Detection.id.desc())
    )


def find_row(session: Session, detection_id: str) -> Detection:
    """The row of a detection.

    Raises
    ------
    NotFound
        If there is no such detection.
    """
    found = session.get(Detection, detection_id) if is_ulid(detection_id) else None
    if found is None:
        raise NotFound(NOT_THERE)
    return found


def done_key(row: Detection) -> str:
    """The scores of a detection that has ended.

    Raises
    ------
    Conflict
        If it has none (yet).
    """
    if row.scores_key is None or row.completed_at is None:
        raise Conflict("The detection has no scores: it has not ended, or it failed.")
    return row.scores_key


def state_of(is_done: bool, job: Job | None) -> tuple[str, str | None]:
    """Status and error of work whose result is written with its end; else its job decides."""
    if is_done:
        return SUCCESS, None
    if job is None:
        return FAILED, NO_JOB
    if job.status is JobStatus.DONE:  # its result was taken away, or it ended without one
        return FAILED, NO_JOB
    status = OF_JOBS[job.status]
    return status, job.error if status == FAILED else None


def brief(row: Any) -> DetectionBrief:
    detection, job, source_name, owner_name = row
    status, error = state_of(detection.completed_at is not None, job)
    ended = detection.completed_at or (job.finished_at if job and status in ENDED else None)
    rate = None
    if detection.total_rows and detection.anomaly_count is not None:
        rate = detection.anomaly_count / detection.total_rows
    return {
        "id": detection.id,
        "source_id": detection.source_id,
        "source_name": source_name,
        "status": status,
        "algorithm": detection.algorithm,
        "config": detection.config,
        "total_rows": detection.total_rows,
        "anomaly_count": detection.anomaly_count,
        "anomaly_rate": rate,
        "duration_ms": detection.duration_ms,
        "error_message": error,
        "owner_id": detection.owner_id,
        "owner_name": owner_name,
        "job_id": detection.job_id,
        "created_at": detection.created_at,
        "started_at": begun_at(detection, job),
        "completed_at": ended,
    }


def begun_at(detection: Detection, job: Job | None) -> datetime | None:
    """When a worker took it: of the job, which says so first, and of the work itself."""
    known = (detection.started_at, job.started_at if job else None)
    return min((one for one in known if one is not None), default=None)


def whole(row: Any) -> DetectionView:
    detection = row[0]
    result, asked = detection.result or {}, detection.asked
    return {
        **brief(row),
        "columns_analyzed": result.get("columns_analyzed", []),
        "column_summaries": result.get("column_summaries", []),
        "anomalies": result.get("anomalies", []),
        "threshold": detection.threshold,
        "calibrated_threshold": result.get("calibrated_threshold"),
        "threshold_policy": result.get("threshold_policy") or asked.get("threshold_policy"),
        "sample_size": asked.get("sample_size"),
        "fit_on": asked.get("fit_on"),
        "columns_asked": asked.get("columns"),
        "alarm_from": asked.get("alarm_from"),
        "notes": [*result.get("notes", []), *_beyond(result)],
    }


def _beyond(result: dict[str, Any]) -> list[str]:
    """That columns were not looked at in all flagged rows, where the line is drawn very low."""
    number = result.get("rows_without_columns", 0)
    if not number:
        return []
    return [
        f"The table “Columns” leaves out the {number:,} flagged rows of the lowest scores; its"
        " shares are of all rows."
    ]
