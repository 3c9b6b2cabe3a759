"""Searches over networks as the API takes and shows them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.campaigns import CampaignOut
from api.schemas.paging import LARGEST_NUMBER


class ArchitectureSearchIn(BaseModel):
    """A search over networks. Without ``search_space_config`` the default one is used.

    ``config`` is of all trials; ``pruner`` ends poor trials early.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    dataset_id: int = Field(ge=1, le=LARGEST_NUMBER)
    version: int | None = Field(None, ge=1, le=LARGEST_NUMBER)
    search_space_config: dict[str, Any] | None = None
    search_algorithm: str = "random"
    num_trials: int = 20
    max_epochs_per_trial: int = 10
    config: dict[str, Any] | None = None
    metric: str = "val_accuracy"
    direction: str = "maximize"
    pruner: str | None = None
    seed: int = 0
    parallel: int = 1
    hours: float | None = None
    patience: int | None = None
    also: list[str] = Field(default_factory=list, max_length=1)


class ArchitectureOut(BaseModel):
    """A network that was tried, with what was measured of it."""

    trial_id: int
    trial: int
    architecture: dict[str, Any]
    text: str
    hash: str
    value: float | None
    metric: str
    measured: dict[str, Any] | None
    experiment_ids: list[int]


class ArchitectureSearchOut(CampaignOut):
    best_architecture: ArchitectureOut | None


class ArchitectureSpaceOut(BaseModel):
    search_space_config: dict[str, Any]


class ArchitectureSampleIn(BaseModel):
    """Without a ``seed`` another network each time."""

    model_config = ConfigDict(extra="forbid")

    search_space_config: dict[str, Any] = Field(default_factory=dict)
    seed: int | None = Field(None, ge=0, le=LARGEST_NUMBER)


class ArchitectureSampleOut(BaseModel):
    architecture: dict[str, Any]
    hash: str


class ArchitectureHashIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    architecture: dict[str, Any] | str


class ArchitectureHashOut(BaseModel):
    """SHA-256, equal for all writings of the same network."""

    hash: str


class ArchitectureRetrainIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    epochs: int = 50


class ArchitectureRetrainOut(BaseModel):
    experiment_id: int


class ArchitectureExportQuery(BaseModel):
    format: Literal["pytorch", "json"] = "pytorch"
