"""What is told of sessions and alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from models import Severity, StreamAlert, StreamSession, StreamStatus


class SessionView(TypedDict):
    id: str
    name: str
    owner_id: int
    source_id: str | None
    algorithm: str
    window_size: int
    threshold: float
    columns: list[str] | None
    status: StreamStatus
    error_message: str | None
    config: dict[str, Any]
    statistics: dict[str, Any]
    total_points: int
    total_alerts: int
    created_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None


class AlertView(TypedDict):
    id: str
    session_id: str
    sequence: int
    timestamp: datetime
    data_point: dict[str, float | None]
    anomaly_score: float
    is_anomaly: bool
    algorithm: str
    details: dict[str, Any]
    severity: Severity
    acknowledged_at: datetime | None
    acknowledged_by: int | None


class StatusView(TypedDict):
    session_id: str
    status: StreamStatus
    total_points: int
    total_alerts: int
    buffer_utilization: float
    statistics: dict[str, Any]
    recent_alerts: list[AlertView]


class Lately(TypedDict):
    """What Valkey knows of a session beyond its checkpoint."""

    waiting: int
    points: int | None
    alerts: int | None
    statistics: dict[str, Any] | None


NOTHING_LATELY: Lately = {"waiting": 0, "points": None, "alerts": None, "statistics": None}


def session_view(row: StreamSession, lately: Lately = NOTHING_LATELY) -> SessionView:
    return {
        "id": row.id,
        "name": row.name,
        "owner_id": row.owner_id,
        "source_id": row.source_id,
        "algorithm": row.algorithm,
        "window_size": row.window_size,
        "threshold": row.threshold,
        "columns": row.columns,
        "status": row.status,
        "error_message": row.error_message,
        "config": row.config,
        "statistics": row.statistics if lately["statistics"] is None else lately["statistics"],
        # The checkpoint is later than what Valkey knows when Valkey was lost.
        "total_points": max(row.total_points, lately["points"] or 0),
        "total_alerts": max(row.total_alerts, lately["alerts"] or 0),
        "created_at": row.created_at,
        "started_at": row.started_at,
        "stopped_at": row.stopped_at,
    }


def alert_view(row: StreamAlert, algorithm: str) -> AlertView:
    return {
        "id": row.id,
        "session_id": row.session_id,
        "sequence": row.sequence,
        "timestamp": row.timestamp,
        "data_point": row.data_point,
        "anomaly_score": row.anomaly_score,
        "is_anomaly": True,
        "algorithm": algorithm,
        "details": row.details,
        "severity": row.severity,
        "acknowledged_at": row.acknowledged_at,
        "acknowledged_by": row.acknowledged_by,
    }
