"""Data sets that served models were asked about, as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.deployments import ServedEstimateOut
from api.schemas.paging import LARGEST_NUMBER, Paging


class ModelBatchIn(BaseModel):
    """``version_id`` is that of a data set, ``version`` a number or an alias of the model."""

    model_config = ConfigDict(extra="forbid")

    version_id: int = Field(ge=1, le=LARGEST_NUMBER)
    version: str = Field("production", max_length=40)


class ModelBatchQuery(Paging):
    model: str = Field("", max_length=60)


class ModelBatchRowQuery(Paging):
    """``predicted`` is a class, or “refused”."""

    predicted: str = Field("", max_length=200)


class ScoredOut(BaseModel):
    """Over recordings with a class of the model that nothing was learned from; ``low`` and
    ``high`` end the 95 % interval over groups, or ``no_interval`` says why there is none.
    """

    recordings: int
    right: int
    accuracy: float | None
    low: float | None
    high: float | None
    no_interval: str | None = None


class ModelBatchSummary(BaseModel):
    recordings: int
    refused: int
    predicted: dict[str, int]
    learned_from: int
    scored: ScoredOut


class ModelBatchOut(BaseModel):
    id: int
    model: str
    version: int
    variant_id: int | None
    version_id: int
    version_number: int
    dataset_id: int
    dataset_name: str
    owner_name: str
    job_id: int | None
    status: str
    fraction: float
    error: str | None
    class_names: list[str]
    recordings: int
    summary: ModelBatchSummary | None
    created_at: datetime
    completed_at: datetime | None


class ModelBatchList(BaseModel):
    items: list[ModelBatchOut]
    total: int


class ModelBatchRowOut(BaseModel):
    """``side`` is where the experiment used the same samples; ``shares`` are in the order of
    the batch's classes.
    """

    recording_id: int
    recording: str
    label: str | None
    side: str | None
    predicted: str | None
    probability: float | None
    shares: list[float] | None
    windows: int
    agreement: float | None
    estimates: list[ServedEstimateOut]
    error: str | None


class ModelBatchRowList(BaseModel):
    items: list[ModelBatchRowOut]
    total: int
