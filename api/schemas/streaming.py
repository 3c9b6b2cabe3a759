"""Streams as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel

from api.schemas.anomalies import AnomalyPaging
from models import Severity, StreamStatus
from services.streaming.blocks import KEPT_POINTS
from services.streaming.points import LONGEST_NAME, MOST_COLUMNS, MOST_POINTS


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StreamQuery(AnomalyPaging):
    """``status`` leaves only sessions in that state."""

    status: StreamStatus | None = None


class PointsQuery(_Given):
    limit: int = Field(100, ge=1, le=KEPT_POINTS)


class StreamIn(_Given):
    """``columns`` null: all in which the first point has a number."""

    source_id: str | None = Field(None, max_length=64)
    algorithm: str = Field("zscore_rolling", max_length=100)
    window_size: int = Field(100, ge=10, le=10_000, strict=True)
    threshold: float = Field(3.0, ge=1, le=10, strict=True)
    columns: list[str] | None = Field(None, min_length=1, max_length=MOST_COLUMNS)
    config: dict[str, Any] = Field(default_factory=dict)
    name: str = Field("", max_length=200)


class StreamPointIn(_Given):
    """A null counts as missing; a point needs at least one number."""

    data: dict[str, float | None] = Field(
        min_length=1, max_length=MOST_COLUMNS, json_schema_extra={"x-longest-name": LONGEST_NAME}
    )
    timestamp: AwareDatetime | None = None


class StreamBatchIn(_Given):
    data_points: list[StreamPointIn] = Field(min_length=1, max_length=MOST_POINTS)


class ColumnStatisticsOut(BaseModel):
    count: int
    mean: float | None
    std: float | None
    min: float | None
    max: float | None
    anomaly_count: int
    anomaly_rate: float


class StreamOut(BaseModel):
    id: str
    name: str
    source_id: str | None
    algorithm: str
    window_size: int
    threshold: float
    columns: list[str] | None
    status: StreamStatus
    error_message: str | None
    config: dict[str, Any]
    statistics: dict[str, ColumnStatisticsOut]
    total_points: int
    total_alerts: int
    created_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None


class StreamList(BaseModel):
    data: list[StreamOut]
    total: int
    offset: int
    limit: int


class StreamAlertOut(BaseModel):
    id: str
    session_id: str
    timestamp: datetime
    data_point: dict[str, float | None]
    anomaly_score: float
    is_anomaly: bool
    algorithm: str
    details: dict[str, Any]
    severity: Severity
    acknowledged_at: datetime | None
    acknowledged_by: int | None


class MaybeStreamAlert(RootModel[StreamAlertOut | None]):
    """The alert of the point, or null."""


class StreamAlerts(RootModel[list[StreamAlertOut]]):
    """The alerts of a batch, in the order of its points."""


class StreamAlertList(BaseModel):
    data: list[StreamAlertOut]
    total: int
    offset: int
    limit: int


class StreamAcceptedOut(BaseModel):
    """The points are on the disk, and not judged yet; ``first`` is the number of the first."""

    accepted: int
    first: int


class StreamStatusOut(BaseModel):
    session_id: str
    status: StreamStatus
    total_points: int
    total_alerts: int
    buffer_utilization: float
    statistics: dict[str, ColumnStatisticsOut]
    recent_alerts: list[StreamAlertOut]


class JudgedPointOut(BaseModel):
    sequence: int
    timestamp: datetime
    data: dict[str, float | None]
    anomaly_score: float
    is_anomaly: bool


class StreamDataOut(BaseModel):
    session_id: str
    data_points: list[JudgedPointOut]
    total: int


class StreamParameterOut(BaseModel):
    name: str
    label: str
    type: Literal["integer", "float"]
    default: int | float
    min_value: float | None
    max_value: float | None
    options: list[str] | None
    description: str


class StreamAlgorithmOut(BaseModel):
    name: str
    display_name: str
    description: str
    category: str
    parameters: list[StreamParameterOut]
    pros: list[str]
    cons: list[str]
    best_for: str
    requires_scaling: bool


class StreamAlgorithmList(BaseModel):
    algorithms: list[StreamAlgorithmOut]
    total: int
