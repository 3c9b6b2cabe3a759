"""Experiments as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.jobs import JobBrief
from api.schemas.paging import LARGEST_NUMBER
from services.experiments.views import ExperimentState


class TrainingIn(BaseModel):
    """What is to be trained, on which version of a data set."""

    model_config = ConfigDict(extra="forbid")

    version_id: int = Field(ge=1, le=LARGEST_NUMBER)
    config: dict[str, Any]


class ExperimentIn(TrainingIn):
    name: str


class NameIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str


class ExperimentBrief(BaseModel):
    id: int
    name: str
    owner_id: int
    owner_name: str
    state: ExperimentState
    fraction: float
    classifier: str
    dataset_id: int
    dataset_name: str
    generated: bool
    version_id: int
    version_number: int
    group_by: str
    summary: dict[str, Any] | None
    created_at: datetime


class ExperimentOut(ExperimentBrief):
    config: dict[str, Any]
    split: dict[str, Any]
    class_names: list[str]
    job: JobBrief
    best_epoch: int | None
    parameter_count: int | None
    wall_time_s: float | None
    environment: dict[str, str] | None


class ExperimentList(BaseModel):
    items: list[ExperimentBrief]
    total: int


class EpochOut(BaseModel):
    epoch: int
    train_loss: float
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    windows_per_s: float
    seconds: float


class EpochList(BaseModel):
    items: list[EpochOut]


class PreviewRowOut(BaseModel):
    target: str
    group: str
    side: str
    recordings: int
    windows: int


class PreviewOut(BaseModel):
    """What would be learned from and tested on. Read the warnings before you start."""

    rows: list[PreviewRowOut]
    class_names: list[str]
    warnings: list[str]
    sample_rate_hz: float
