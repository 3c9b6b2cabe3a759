"""Batches as pages and API see them: all follows from what became of their sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, cast

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from models import Detection, DetectionBatch, DetectionBatchItem, Job
from services.anomalies.views import (
    CANCELLED,
    ENDED,
    FAILED,
    PENDING,
    RUNNING,
    SUCCESS,
    begun_at,
    state_of,
)

COMPLETED, PARTIAL = "completed", "partial"


class ItemView(TypedDict):
    source_id: str
    source_name: str
    detection_id: str | None
    status: str
    anomaly_count: int | None
    anomaly_rate: float | None
    total_rows: int | None
    error_message: str | None


# What became of an item, and when it began and ended.
_Found = tuple[ItemView, tuple[datetime | None, datetime | None]]


class BatchView(TypedDict):
    id: str
    name: str
    algorithm: str
    config: dict[str, Any]
    sample_size: int | None
    status: str
    total_sources: int
    completed_sources: int
    failed_sources: int
    progress_percent: float
    current_source_id: str | None
    total_anomalies: int
    total_rows_analyzed: int
    average_anomaly_rate: float | None
    results: list[ItemView]
    duration_ms: float | None
    error_message: str | None
    owner_id: int
    owner_name: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


def item_rows() -> Select[DetectionBatchItem, Detection, Job]:
    """Items of batches with their detections and jobs, which may be None, in their order."""
    return (
        select(DetectionBatchItem, Detection, Job)
        .outerjoin(Detection, Detection.id == DetectionBatchItem.detection_id)
        .outerjoin(Job, Job.id == Detection.job_id)
        .order_by(DetectionBatchItem.position)
    )


def item_view(
    row: Row[DetectionBatchItem, Detection, Job],
) -> _Found:
    """What became of one of :func:`item_rows`."""
    item, detection, job = cast("tuple[DetectionBatchItem, Detection | None, Job | None]", row)
    view: ItemView = {
        "source_id": item.source_id,
        "source_name": item.source_name,
        "detection_id": item.detection_id,
        "status": FAILED,
        "anomaly_count": None,
        "anomaly_rate": None,
        "total_rows": None,
        "error_message": None,
    }
    if item.outcome is not None or detection is None:
        return {**view, **(item.outcome or {})}, (None, None)  # type: ignore[typeddict-item]
    view["status"], view["error_message"] = state_of(detection.completed_at is not None, job)
    view["anomaly_count"], view["total_rows"] = detection.anomaly_count, detection.total_rows
    if detection.total_rows and detection.anomaly_count is not None:
        view["anomaly_rate"] = detection.anomaly_count / detection.total_rows
    started = begun_at(detection, job)
    return view, (started, detection.completed_at or (job.finished_at if job else None))


def status_of(statuses: Sequence[str]) -> str:
    """What a batch is called by what became of its sources.

    Examples
    --------
    >>> status_of(["success", "error"]), status_of(["pending", "pending"])
    ('partial', 'pending')
    >>> status_of(["success", "running"]), status_of(["success", "cancelled"])
    ('running', 'cancelled')
    """
    kinds = set(statuses)
    if kinds == {PENDING}:
        return PENDING
    if kinds & {PENDING, RUNNING}:
        return RUNNING
    if CANCELLED in kinds:
        return CANCELLED
    if kinds == {SUCCESS}:
        return COMPLETED
    return FAILED if kinds == {FAILED} else PARTIAL


def batch_views(session: Session, batches: Sequence[tuple[DetectionBatch, str]]) -> list[BatchView]:
    """Batches with the names of their owners; their items are read in one statement."""
    found: dict[str, list[_Found]] = {batch.id: [] for batch, _ in batches}
    wanted = item_rows().where(DetectionBatchItem.batch_id.in_(found))
    for row in session.execute(wanted):
        found[row[0].batch_id].append(item_view(row))
    return [_view(batch, owner_name, found[batch.id]) for batch, owner_name in batches]


def _view(batch: DetectionBatch, owner_name: str, found: Sequence[_Found]) -> BatchView:
    items = [view for view, _ in found]
    running = [(begun, view) for view, (begun, _) in found if view["status"] == RUNNING and begun]
    newest = max(running, key=lambda one: one[0], default=None)
    view = {
        "id": batch.id,
        "name": batch.name,
        "algorithm": batch.algorithm,
        "config": batch.config,
        "sample_size": batch.sample_size,
        **_sums(items),
        "current_source_id": newest[1]["source_id"] if newest else None,
        "results": items,
        "owner_id": batch.owner_id,
        "owner_name": owner_name,
        "created_at": batch.created_at,
        **_times(batch, [times for _, times in found], status_of([one["status"] for one in items])),
    }
    return cast("BatchView", view)


def _sums(items: Sequence[ItemView]) -> dict[str, Any]:
    statuses = [view["status"] for view in items]
    rates = [view["anomaly_rate"] for view in items if view["anomaly_rate"] is not None]
    failed = statuses.count(FAILED)
    return {
        "status": status_of(statuses),
        "total_sources": len(items),
        "completed_sources": statuses.count(SUCCESS),
        "failed_sources": failed,
        "progress_percent": 100.0 * sum(one in ENDED for one in statuses) / len(items),
        "total_anomalies": sum(view["anomaly_count"] or 0 for view in items),
        "total_rows_analyzed": sum(view["total_rows"] or 0 for view in items),
        "average_anomaly_rate": sum(rates) / len(rates) if rates else None,
        "error_message": f"{failed} of {len(items)} sources failed." if failed else None,
    }


def _times(
    batch: DetectionBatch,
    times: Sequence[tuple[datetime | None, datetime | None]],
    status: str,
) -> dict[str, Any]:
    begun = min((one for one, _ in times if one is not None), default=None)
    over = None
    if status not in (PENDING, RUNNING):
        over = max((one for _, one in times if one is not None), default=batch.created_at)
    return {
        "started_at": begun,
        "completed_at": over,
        "duration_ms": 1e3 * (over - begun).total_seconds() if over and begun else None,
    }
