"""Repeated experiments as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from api.schemas.experiments import FeatureSetUsedOut, TrainingIn
from services.experiments.views import ExperimentState
from services.jobs.priorities import Priority


class RepeatedPlanIn(TrainingIn):
    """``seeds`` are those of the trainings; without any, that of the config."""

    seeds: list[int] = Field(default_factory=list, max_length=100)


class RepeatedIn(RepeatedPlanIn):
    name: str


class FoldOut(BaseModel):
    """What the test of a fold holds; fold 0 where all runs have the same split."""

    fold: int
    groups: int
    recordings: int
    classes: dict[str, int]
    windows: dict[str, int]


class RepeatedPlanOut(BaseModel):
    """What would be trained. Read the warnings before you start."""

    runs: int
    folds: list[FoldOut]
    seeds: list[int]
    class_names: list[str]
    warnings: list[str]
    sample_rate_hz: float


class RepeatedBrief(BaseModel):
    """``pooled`` is the result over all recordings, once a seed has all of its folds; ``leak`` the
    worst verdict on its runs."""

    id: int
    name: str
    owner_id: int
    owner_name: str
    state: ExperimentState
    fraction: float
    runs: int
    finished: int
    folds: int
    seeds: list[int]
    classifier: str
    dataset_id: int
    dataset_name: str
    generated: bool
    version_id: int
    version_number: int
    group_by: str
    random_windows: bool
    leak: str | None
    pooled: dict[str, Any] | None
    created_at: datetime


class RunOut(BaseModel):
    experiment_id: int
    name: str
    fold: int
    seed: int
    state: ExperimentState
    fraction: float
    error: str | None
    priority: Priority
    scores: dict[str, float] | None
    recordings: int | None
    leak: str | None
    best_epoch: int | None
    wall_time_s: float | None


class SpreadOut(BaseModel):
    """``deviation`` is that of single runs. They are not independent, so it is no error of the
    mean; ``mean_low`` and ``mean_high`` are given where only seeds differ."""

    name: str
    runs: int
    mean: float
    deviation: float
    low: float
    high: float
    between_folds: float | None
    between_seeds: float | None
    mean_low: float | None
    mean_high: float | None


class RepeatedOut(RepeatedBrief):
    config: dict[str, Any]
    class_names: list[str]
    sample_rate_hz: float
    warnings: list[str]
    states: dict[str, int]
    members: list[RunOut]
    spreads: list[SpreadOut]
    feature_set: FeatureSetUsedOut | None


class RepeatedList(BaseModel):
    items: list[RepeatedBrief]
    total: int


class CurveEpoch(BaseModel):
    epoch: int
    train_loss: float
    validation_loss: float | None
    train_accuracy: float | None
    validation_accuracy: float | None


class CurveOut(BaseModel):
    experiment_id: int
    fold: int
    seed: int
    epochs: list[CurveEpoch]


class CurveList(BaseModel):
    items: list[CurveOut]


class BlockComparisonQuery(BaseModel):
    """``repeated`` names two to six repeated experiments by number: 3,5,8."""

    repeated: str = Field(pattern=r"^\d{1,9}(,\d{1,9})*$")
    score: str = "accuracy"

    @property
    def numbers(self) -> list[int]:
        return [int(part) for part in self.repeated.split(",")]


class MethodOut(BaseModel):
    repeated_id: int
    name: str
    classifier: str
    mean: float
    average_rank: float | None


class BlockOut(BaseModel):
    fold: int
    seed: int
    recordings: int
    scores: list[float]


class BlockPairOut(BaseModel):
    """First less second. Blocks are not independent: p-values may be too small."""

    first_id: int
    second_id: int
    difference: float
    low: float
    high: float
    wins: int
    losses: int
    p: float
    smallest_p: float
    holm_p: float
    nemenyi: float | None


class BlockComparisonOut(BaseModel):
    score: str
    methods: list[MethodOut]
    blocks: list[BlockOut]
    pairs: list[BlockPairOut]
    friedman: dict[str, Any] | None
    no_friedman: str | None
    notes: list[str]
