"""Exported models as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.paging import LARGEST_NUMBER


class VariantIn(BaseModel):
    """``amount`` is the share that is pruned, ``epochs`` how long the rest learns on after it;
    other kinds take neither.
    """

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=40)
    amount: float | None = Field(None, gt=0, lt=1)
    epochs: int = Field(0, ge=0, le=100)


class VariantOut(BaseModel):
    """``measured`` has size, numbers, sparsity, timings in ms, and ``judged``: accuracy over
    recordings beside full precision with its 95 % interval.
    """

    id: int
    experiment_id: int
    kind: str
    title: str
    amount: float | None
    sha256: str
    size_bytes: int
    manifest: dict[str, Any]
    agreement: dict[str, Any]
    measured: dict[str, Any]
    created_at: datetime
    outdated: bool


class VariantList(BaseModel):
    """``recommended`` is a variant that is faster on this machine and not worse, or null."""

    items: list[VariantOut]
    recommended: int | None


class PublishIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    variant_id: int = Field(ge=1, le=LARGEST_NUMBER)


class AliasIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, le=LARGEST_NUMBER)


class ServedVersionOut(BaseModel):
    number: int
    variant_id: int
    experiment_id: int
    experiment: str
    kind: str
    title: str
    sha256: str
    created_at: datetime
    aliases: list[str]


class ServedModelOut(BaseModel):
    name: str
    owner_name: str | None
    created_at: datetime
    versions: list[ServedVersionOut]
    aliases: dict[str, int]


class ServedModelList(BaseModel):
    items: list[ServedModelOut]


class ServedQuery(BaseModel):
    """``version`` is a number or an alias. Rate and unit are looked at when they are given."""

    version: str = Field("production", max_length=40)
    sample_rate_hz: float | None = Field(None, gt=0)
    unit: str | None = Field(None, max_length=40)
    channels: int = Field(1, ge=1, le=64)


class BundleQuery(BaseModel):
    version: str = Field("production", max_length=40)


class SamplesIn(BaseModel):
    """``samples``: numbers of one channel, or a list for each channel."""

    model_config = ConfigDict(extra="forbid")

    samples: list[float] | list[list[float]]
    sample_rate_hz: float | None = Field(None, gt=0)
    unit: str | None = Field(None, max_length=40)


class ServedShareOut(BaseModel):
    name: str
    probability: float


class ServedEstimateOut(BaseModel):
    """What a head says beside the class, such as the speed; the mean over the windows."""

    name: str
    unit: str
    value: float


class ServedAnswerOut(BaseModel):
    """``estimates`` is empty for a model that says nothing beside the class."""

    model: str
    version: int
    variant: str
    predicted: str
    classes: list[ServedShareOut]
    windows: int
    agreement: float
    calibrated: bool
    estimates: list[ServedEstimateOut]
