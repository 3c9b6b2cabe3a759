"""Evaluations of an experiment over HTTP."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.evaluation_service import NOISE_LEVELS


class PartQuery(BaseModel):
    """Which part of the evaluation, counted by recordings or windows."""

    model_config = ConfigDict(extra="forbid")

    part: Literal["curves", "calibration", "risk", "errors", "robustness", "estimates"]
    level: Literal["recordings", "windows"] = "recordings"


class EvaluationIn(BaseModel):
    """What a worker is to compute."""

    model_config = ConfigDict(extra="forbid")

    evaluation_type: Literal["robustness", "temperature"]
    noise_levels: list[float] = Field(
        default=NOISE_LEVELS,
        min_length=1,
        max_length=20,
        description="Standard deviations of the noise as fractions of the signal's.",
    )


class ScoreOut(BaseModel):
    """``low`` and ``high`` end the 95 % interval over groups; null where there is none."""

    value: float
    low: float | None
    high: float | None


class ConditionOut(BaseModel):
    """Scores by name under one level; ``kind`` is null for the data as they are."""

    kind: str | None
    level: float | None
    snr_db: float | None
    recordings: dict[str, ScoreOut]
    windows: dict[str, ScoreOut]
    counts: dict[str, int]


class RobustnessOut(BaseModel):
    """``available`` windows the test side has."""

    noise_levels: list[float]
    clean: ConditionOut
    conditions: list[ConditionOut]
    available: int
    no_interval: str | None
    notes: list[str]
