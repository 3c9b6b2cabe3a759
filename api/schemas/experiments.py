"""Experiments as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.jobs import JobBrief
from api.schemas.leakage import LeakageOut
from api.schemas.paging import LARGEST_NUMBER, Paging
from services.experiments.views import ExperimentState
from services.search.parsing import LONGEST


class TrainingIn(BaseModel):
    """What is to be trained, on which version of a data set.

    With ``"feature_set"`` in the config, its number or name, a classifier on features learns from
    a stored feature set of that version.
    """

    model_config = ConfigDict(extra="forbid")

    version_id: int = Field(ge=1, le=LARGEST_NUMBER)
    config: dict[str, Any]


class ExperimentIn(TrainingIn):
    name: str


class NameIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str


class ContinueIn(BaseModel):
    """Without ``learning_rate`` a tenth of what it was."""

    model_config = ConfigDict(extra="forbid")

    epochs: int = Field(ge=1, le=10_000)
    learning_rate: float | None = None


class ExperimentBrief(BaseModel):
    """``leak`` is the verdict on the split: none, suspected, known, or open until all is checked;
    null for an experiment that was never checked."""

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
    random_windows: bool
    summary: dict[str, Any] | None
    leak: str | None
    archived: bool
    created_at: datetime


class TagBrief(BaseModel):
    id: int
    name: str
    slug: str
    color: str


class ExperimentFound(ExperimentBrief):
    """``values`` has those metrics and settings that were asked for."""

    tags: list[TagBrief]
    values: dict[str, float | str | None]


class ExperimentTable(BaseModel):
    """``values`` names metrics and settings, parted by commas; ``sort`` a field."""

    query: str = ""
    sort: str | None = None
    values: str = ""

    @property
    def value_names(self) -> list[str]:
        return [name.strip() for name in self.values.split(",") if name.strip()]


class ExperimentSearch(ExperimentTable, Paging):
    pass


class CompletionQuery(BaseModel):
    query: str = Field("", max_length=LONGEST)
    position: int = Field(0, ge=0, le=LONGEST)


class OfferOut(BaseModel):
    """``text`` takes the place of the characters from ``start`` to ``end``."""

    label: str
    detail: str
    text: str
    start: int
    end: int


class OfferList(BaseModel):
    items: list[OfferOut]


class FeatureSetUsedOut(BaseModel):
    """What an experiment learned from; ``feature_set_id`` is null once the set is deleted."""

    feature_set_id: int | None
    name: str
    number: int
    features: list[str]
    config: dict[str, Any]
    content_hash: str


class ExperimentOut(ExperimentBrief):
    notes: str
    leakage: dict[str, Any] | None
    config: dict[str, Any]
    split: dict[str, Any]
    class_names: list[str]
    job: JobBrief
    best_epoch: int | None
    parameter_count: int | None
    wall_time_s: float | None
    estimate: dict[str, Any] | None
    peak_bytes: int | None
    environment: dict[str, str] | None
    feature_set: FeatureSetUsedOut | None


class ExperimentList(BaseModel):
    items: list[ExperimentFound]
    total: int
    suggestions: list[str]


class EpochOut(BaseModel):
    epoch: int
    train_loss: float
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    windows_per_s: float
    seconds: float
    head_errors: dict[str, dict[str, float]]


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
    work: dict[str, int]
    leakage: LeakageOut
