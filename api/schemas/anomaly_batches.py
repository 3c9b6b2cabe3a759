"""Batches and comparisons of detections as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, RootModel

from api.schemas.anomalies import (
    AnomalyPaging,
    ColumnName,
    Config,
    FitOnIn,
    Forbidding,
    MetricsOut,
    Status,
)
from api.schemas.paging import LARGEST_NUMBER

SourceId = Annotated[str, Field(min_length=1, max_length=26)]
Name = Annotated[str, Field(max_length=60)]


class DetectionBatchIn(Forbidding):
    """So many flagged rows as ``alarm_from`` raise the alarm of a source, and fewer clear it."""

    source_ids: list[SourceId] = Field(min_length=1, max_length=1000)
    name: str = Field("", max_length=255)
    algorithm: str = Field("isolation_forest", max_length=60)
    config: Config = {}
    sample_size: int | None = Field(None, ge=100, le=LARGEST_NUMBER)
    alarm_from: int | None = Field(None, ge=1, le=LARGEST_NUMBER)


class DetectionBatchItemOut(BaseModel):
    source_id: str
    source_name: str
    detection_id: str | None
    status: Status
    anomaly_count: int | None
    anomaly_rate: float | None
    total_rows: int | None
    error_message: str | None


class DetectionBatchItems(RootModel[list[DetectionBatchItemOut]]):
    """A bare array."""


class DetectionBatchOut(BaseModel):
    id: str
    name: str
    algorithm: str
    config: dict[str, Any]
    sample_size: int | None
    status: Literal["pending", "running", "completed", "partial", "error", "cancelled"]
    total_sources: int
    completed_sources: int
    failed_sources: int
    progress_percent: float
    current_source_id: str | None
    total_anomalies: int
    total_rows_analyzed: int
    average_anomaly_rate: float | None
    results: list[DetectionBatchItemOut]
    duration_ms: float | None
    error_message: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class AnomalyBatchList(BaseModel):
    data: list[DetectionBatchOut]
    total: int
    offset: int
    limit: int


class CompareQuery(Forbidding):
    """``wait``: so many seconds at most until the answer, if it takes that long."""

    source_id: SourceId
    wait: float = Field(30, ge=0, le=60)


class CompareListQuery(AnomalyPaging):
    """Without ``source_id`` those of all sources."""

    source_id: SourceId | None = None


class CompareIn(Forbidding):
    """``config`` has parameters by algorithm; all learn from ``fit_on``, if it is given."""

    algorithms: list[Name] = Field(min_length=2, max_length=12)
    columns: list[ColumnName] | None = Field(None, min_length=1, max_length=1000)
    config: dict[Name, Config] = Field({}, max_length=12)
    sample_size: int | None = Field(None, ge=100, le=LARGEST_NUMBER)
    fit_on: FitOnIn | None = None


class AlgorithmResultOut(BaseModel):
    """``anomaly_indices`` are the first 10 000 rows; the records name all."""

    algorithm: str
    display_name: str
    status: Status
    anomaly_count: int | None
    anomaly_rate: float | None
    duration_ms: float | None
    error_message: str | None
    anomaly_indices: list[int]


class AgreementOut(BaseModel):
    """``agreement_matrix``: rows that both algorithms flag."""

    total_algorithms: int
    total_unique_anomalies: int
    all_agree_count: int
    majority_agree_count: int
    some_agree_count: int
    one_only_count: int
    agreement_matrix: dict[str, dict[str, int]]
    jaccard_matrix: dict[str, dict[str, float]]
    rank_correlation_matrix: dict[str, dict[str, float | None]]


class RecordOut(BaseModel):
    """``confidence_score`` is the share of the algorithms that flag the row."""

    row_index: int
    detected_by: list[str]
    detection_count: int
    agreement_level: Literal["all", "majority", "some", "one"]
    confidence_score: float
    mean_score: float
    column_values: dict[str, Any]


class LabelCurveOut(BaseModel):
    """``x`` and ``y``: false and true positive rate, or recall and precision."""

    x: list[float]
    y: list[float]


class LabelCurvesOut(BaseModel):
    """Over the labelled rows, at most 200 points each; null where only one kind has labels."""

    anomalies: int
    ordinary: int
    roc: LabelCurveOut | None
    precision_recall: LabelCurveOut | None


class AnomalyComparisonOut(BaseModel):
    """``label_metrics`` and ``label_curves`` by algorithm, where rows had labels when it ran.

    Lists leave the curves out.
    """

    id: str
    source_id: str
    source_name: str
    status: Status
    algorithms: list[str]
    config: dict[str, dict[str, Any]]
    sample_size: int | None
    fit_on: dict[str, Any] | None
    total_rows: int | None
    columns_analyzed: list[str]
    total_duration_ms: float | None
    error_message: str | None
    algorithm_results: list[AlgorithmResultOut]
    agreement_summary: AgreementOut
    agreement_records: list[RecordOut]
    label_metrics: dict[str, MetricsOut] | None
    label_curves: dict[str, LabelCurvesOut] | None
    job_id: int | None
    created_at: datetime
    completed_at: datetime | None


class AnomalyComparisonList(BaseModel):
    data: list[AnomalyComparisonOut]
    total: int
    offset: int
    limit: int


class RecordsQuery(AnomalyPaging):
    """CSV holds all rows; ``format`` asks for it where ``Accept`` cannot, as in a link."""

    format: Literal["json", "csv"] | None = None


class RecordList(BaseModel):
    data: list[RecordOut]
    total: int
    offset: int
    limit: int
