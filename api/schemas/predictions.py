"""Predictions as JSON."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.paging import LARGEST_NUMBER
from models import JobStatus


class AskedQuery(BaseModel):
    experiment_id: int = Field(ge=1, le=LARGEST_NUMBER)
    recording_id: int = Field(ge=1, le=LARGEST_NUMBER)


class AskIn(AskedQuery):
    model_config = ConfigDict(extra="forbid")


class ClassifierQuery(BaseModel):
    limit: int = Field(100, ge=1, le=200)


class ClassifierOut(BaseModel):
    experiment_id: int
    name: str
    classifier: str
    class_names: list[str]


class ClassifierList(BaseModel):
    items: list[ClassifierOut]


class ClassShareOut(BaseModel):
    name: str
    probability: float


class MemberAnswerOut(BaseModel):
    experiment_id: int
    name: str
    predicted: str
    probability: float
    windows: int


class PredictionOut(BaseModel):
    """``classes`` is empty until the job is done; ``side`` says what the recording was used for
    in the training: a prediction for one of “train” says little."""

    job_id: int
    status: JobStatus
    fraction: float
    error: str | None
    predicted: str | None
    classes: list[ClassShareOut]
    windows: int
    agreement: float | None
    members: list[MemberAnswerOut]
    side: str | None
