"""Campaigns as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.paging import LARGEST_NUMBER, Paging
from models import CampaignKind, TrialState
from services.campaigns.states import CampaignState


class CampaignIn(BaseModel):
    """A search over settings. Without ``search_space`` the default one of the classifier is used.

    ``config`` is of all trials, but for what is searched; ``pruner`` ends poor trials early.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    method: str
    base_model_type: str
    dataset_id: int = Field(ge=1, le=LARGEST_NUMBER)
    version: int | None = Field(None, ge=1, le=LARGEST_NUMBER)
    search_space: dict[str, Any] | None = None
    num_trials: int
    metric: str = "val_accuracy"
    direction: str = "maximize"
    config: dict[str, Any] | None = None
    pruner: str | None = None
    seed: int = 0
    parallel: int = 1
    hours: float | None = None
    patience: int | None = None
    also: list[str] = Field(default_factory=list, max_length=1)


class CampaignLimitsIn(BaseModel):
    """How far a campaign may go. ``patience``: trials without a better one."""

    model_config = ConfigDict(extra="forbid")

    budget: int
    parallel: int = 1
    hours: float | None = None
    patience: int | None = None


class CampaignStopIn(BaseModel):
    """``at_once`` cancels trials that train; otherwise they come to their end."""

    model_config = ConfigDict(extra="forbid")

    at_once: bool = False


class CampaignQuery(Paging):
    kind: CampaignKind | None = None


class CampaignTrialQuery(Paging):
    """Pages of trials. ``state`` leaves only those of one state."""

    state: TrialState | None = None
    sort: Literal["number", "value", "state", "epochs", "started_at"] = "number"
    descending: bool = False


class CampaignExportQuery(BaseModel):
    format: Literal["json", "yaml", "csv", "python", "zip"] = "json"


class CampaignSpaceQuery(BaseModel):
    classifier: str


class CampaignSpaceOut(BaseModel):
    search_space: dict[str, Any]


class TrialOut(BaseModel):
    """One trial. ``value`` is null as long as there is no score; a failed one never gets one."""

    id: int
    number: int
    state: TrialState
    params: dict[str, Any] | None
    value: float | None
    measured: dict[str, Any] | None
    epochs: int
    reason: str
    fingerprint: str | None
    same_as: int | None
    job_id: int | None
    experiment_ids: list[int]
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None


class CampaignBrief(BaseModel):
    id: int
    kind: CampaignKind
    name: str
    owner_id: int
    owner_name: str
    state: CampaignState
    method: str
    pruner: str
    classifier: str
    dataset_id: int
    dataset_name: str
    generated: bool
    version_id: int
    version_number: int
    metric: str
    direction: str
    budget: int
    trials: dict[str, int]
    best_value: float | None
    best_trial: int | None
    reason: str
    created_at: datetime
    ended_at: datetime | None


class CampaignOut(CampaignBrief):
    """``final`` is the one look at the test part; ``importance`` has its number of trials."""

    space: dict[str, Any]
    config: dict[str, Any]
    folds: list[list[str]]
    plan: dict[str, Any]
    metrics: list[str]
    directions: list[str]
    seed: int
    parallel: int
    hours: float | None
    patience: int | None
    worked_s: float
    expected_s: float | None
    best: TrialOut | None
    final: dict[str, Any] | None
    importance: dict[str, Any] | None


class ImportanceShare(BaseModel):
    """A share of the variance that a forest forecasts; what is missing to 1 is what settings do
    together only. ``low`` and ``high`` are from forest to forest."""

    name: str
    share: float
    low: float
    high: float


class ImportanceSurface(BaseModel):
    """Scores that a model expects over a grid: ``scores[row][column]`` at ``y_values`` and
    ``x_values``."""

    x: str
    y: str
    x_values: list[Any]
    y_values: list[Any]
    scores: list[list[float]]


class CampaignImportanceOut(BaseModel):
    """By ``n`` finished trials; ``note`` says why there is no share yet. ``r2`` says how well the
    model behind the surfaces forecasts trials that it has not seen."""

    n: int
    importances: list[ImportanceShare]
    note: str
    surfaces: list[ImportanceSurface] = Field(default_factory=list)
    r2: float | None = None
    at: datetime | None


class CampaignJobOut(BaseModel):
    """The job that was asked for."""

    job_id: int


class CampaignList(BaseModel):
    items: list[CampaignBrief]
    total: int


class TrialList(BaseModel):
    items: list[TrialOut]
    total: int
