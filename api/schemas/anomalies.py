"""Detections of anomalies as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.paging import LARGEST_NUMBER

Status = Literal["pending", "running", "success", "error", "cancelled"]
RowIndex = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
ColumnName = Annotated[str, Field(max_length=200)]
Config = Annotated[dict[str, Any], Field(max_length=50)]


class Forbidding(BaseModel):
    """Refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")


class WaitQuery(Forbidding):
    """``wait``: so many seconds at most until the answer, if it takes that long."""

    wait: float = Field(30, ge=0, le=60)


class AnomalyPaging(Forbidding):
    offset: int = Field(0, ge=0, le=LARGEST_NUMBER)
    limit: int = Field(50, ge=1, le=100)


class PolicyIn(Forbidding):
    """``auto``: a share of ordinary rows is flagged falsely; ``contamination``: a share of all
    rows; ``calibrated`` and ``threshold``: rows above a score."""

    kind: Literal["auto", "contamination", "calibrated", "threshold"] = "auto"
    value: float | None = None


class FitOnIn(Forbidding):
    """Rows to learn from: of another source, and a first row and the one behind the last."""

    source_id: str | None = Field(None, max_length=26)
    rows: tuple[RowIndex, RowIndex] | None = None


class DetectIn(Forbidding):
    """``contamination`` is short for the threshold policy of that kind; so many flagged rows as
    ``alarm_from`` raise the alarm of the source, and fewer clear it.
    """

    algorithm: str = Field("isolation_forest", max_length=60)
    columns: list[ColumnName] | None = Field(None, min_length=1, max_length=1000)
    config: Config = {}
    sample_size: int | None = Field(None, ge=100, le=LARGEST_NUMBER)
    contamination: float | None = Field(None, ge=0.0001, le=0.5)
    threshold_policy: PolicyIn | None = None
    fit_on: FitOnIn | None = None
    store_model: bool = True
    alarm_from: int | None = Field(None, ge=1, le=LARGEST_NUMBER)

    @model_validator(mode="after")
    def one_threshold(self) -> DetectIn:
        if self.contamination is not None and self.threshold_policy is not None:
            raise ValueError("Give contamination or threshold_policy, not both.")
        return self

    @property
    def policy(self) -> dict[str, Any] | None:
        if self.contamination is not None:
            return {"kind": "contamination", "value": self.contamination}
        return None if self.threshold_policy is None else self.threshold_policy.model_dump()


class AnomalyOut(BaseModel):
    """``anomaly_score`` is calibrated to 0–1, ``raw_score`` in the algorithm's own unit."""

    row_index: int
    anomaly_score: float
    raw_score: float
    column_values: dict[str, Any]
    is_anomaly: bool


class ColumnSummaryOut(BaseModel):
    column: str
    dtype: str
    anomaly_count: int
    anomaly_rate: float
    mean_anomaly_score: float
    min_value: float | None
    max_value: float | None
    top_anomaly_indices: list[int]


class DetectionOut(BaseModel):
    id: str
    source_id: str
    source_name: str
    status: Status
    algorithm: str
    config: dict[str, Any]
    total_rows: int | None
    anomaly_count: int | None
    anomaly_rate: float | None
    columns_analyzed: list[str]
    column_summaries: list[ColumnSummaryOut]
    anomalies: list[AnomalyOut]
    threshold: float | None
    calibrated_threshold: float | None
    threshold_policy: dict[str, Any] | None
    sample_size: int | None
    fit_on: dict[str, Any] | None
    alarm_from: int | None
    notes: list[str]
    duration_ms: float | None
    error_message: str | None
    job_id: int | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class DetectionList(BaseModel):
    data: list[DetectionOut]
    total: int
    offset: int
    limit: int


class ThresholdIn(Forbidding):
    """One of: a raw score, a calibrated score, or the share of rows that is flagged."""

    threshold: float | None = Field(None, allow_inf_nan=False, ge=-1e300, le=1e300)
    calibrated_threshold: float | None = Field(None, ge=0, le=1)
    contamination: float | None = Field(None, ge=0, le=0.5)

    @property
    def chosen(self) -> tuple[str, float]:
        given = {
            "threshold": self.threshold,
            "calibrated": self.calibrated_threshold,
            "contamination": self.contamination,
        }
        return next((name, value) for name, value in given.items() if value is not None)

    @model_validator(mode="after")
    def exactly_one(self) -> ThresholdIn:
        given = (self.threshold, self.calibrated_threshold, self.contamination)
        if sum(value is not None for value in given) != 1:
            raise ValueError("Give one of threshold, calibrated_threshold, contamination.")
        return self


class ParameterOut(BaseModel):
    name: str
    label: str
    type: Literal["integer", "float", "string", "select", "boolean"]
    default: int | float | str | bool
    min_value: float | None
    max_value: float | None
    options: list[str] | None
    description: str


class AlgorithmOut(BaseModel):
    name: str
    display_name: str
    description: str
    category: str
    parameters: list[ParameterOut]
    pros: list[str]
    cons: list[str]
    best_for: str
    requires_scaling: bool


class AlgorithmList(BaseModel):
    algorithms: list[AlgorithmOut]
    total: int


class AnomalyRowsQuery(AnomalyPaging):
    """``sort`` is row_index or anomaly_score. CSV and Parquet hold all rows; ``format`` says what
    is wanted where ``Accept`` cannot, as in a link."""

    sort: Literal["row_index", "anomaly_score"] = "row_index"
    descending: bool = False
    only_anomalies: bool = False
    format: Literal["json", "csv", "parquet"] | None = None


class AnomalyRowOut(BaseModel):
    """``column_values`` are kept of the rows with the highest scores, and null of the others."""

    row_index: int
    anomaly_score: float
    raw_score: float
    is_anomaly: bool
    column_values: dict[str, Any] | None


class AnomalyRowList(BaseModel):
    data: list[AnomalyRowOut]
    total: int
    offset: int
    limit: int


class LabelIn(Forbidding):
    """``is_anomaly`` null takes a label away."""

    row_index: RowIndex
    is_anomaly: bool | None
    note: str = Field("", max_length=500)


class LabelsIn(Forbidding):
    labels: list[LabelIn] = Field(min_length=1, max_length=1000)


class LabelsOut(BaseModel):
    """``labelled_rows`` of the version of the source, whichever detection showed them."""

    detection_id: str
    labelled_rows: int


class LabelOut(BaseModel):
    row_index: int
    is_anomaly: bool
    note: str
    owner_id: int
    created_at: datetime


class LabelList(BaseModel):
    data: list[LabelOut]
    total: int
    offset: int
    limit: int


class MetricsOut(BaseModel):
    labelled_rows: int
    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int
    precision: float | None
    recall: float | None
    f1: float | None
    roc_auc: float | None
    average_precision: float | None


class AnomalyExplainIn(Forbidding):
    row_indices: list[RowIndex] = Field(min_length=1, max_length=100)
    max_features: int = Field(10, ge=1, le=50)
    sample_background: int = Field(100, ge=10, le=500)
    method: Literal["shap", "lime"] = "shap"


class ContributionOut(BaseModel):
    """``contribution`` is the share of all absolute SHAP values; ``side`` says of the value itself
    whether it is high, low or ordinary."""

    feature: str
    value: Any
    shap_value: float
    contribution: float
    standard_error: float | None
    side: Literal["high", "low", "ordinary"]


class RowExplanationOut(BaseModel):
    """``base_value`` and all SHAP values add up to ``raw_score`` but for ``residual``."""

    row_index: int
    anomaly_score: float
    raw_score: float
    base_value: float
    feature_contributions: list[ContributionOut]
    total_shap: float
    residual: float
    method: str
    fidelity: float
    summary: str


class KeptExplanationOut(RowExplanationOut):
    id: str
    detection_id: str
    generated_at: datetime


class ExplanationsOut(BaseModel):
    detection_id: str
    algorithm: str
    row_indices: list[int]
    feature_names: list[str]
    explanations: list[RowExplanationOut]
    generated_at: datetime | None
    error: str | None
    status: Status
    job_id: int | None


class KeptExplanations(BaseModel):
    detection_id: str
    explanations: list[KeptExplanationOut]
    total: int


class ExplanationsQuery(Forbidding):
    """``row_indices``: numbers with commas between them; all that is kept without."""

    row_indices: str = Field("", max_length=2000, pattern=r"^(\d{1,10}(,\d{1,10})*)?$")

    @property
    def rows(self) -> list[int]:
        return [int(one) for one in self.row_indices.split(",") if one]
