"""Explanations as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.paging import LARGEST_NUMBER
from api.schemas.predictions import AskedQuery

_METHOD = Field("gradcam", min_length=1, max_length=40)
_CLASS = Field(None, min_length=1, max_length=200)
_NUMBERS = Field(min_length=1, max_length=200)
_WINDOW = Field(None, ge=0, le=LARGEST_NUMBER)


class ExplainIn(AskedQuery):
    """``parameters`` are those of the method; what is not named is as the method does by default.

    Without ``target_class`` the class is explained that the classifier names.
    ``baseline`` is zeros, mean, training, healthy or own (with ``baseline_recording_id``);
    ``steps``, ``num_samples`` and ``num_segments`` are whole numbers; ``domain`` is time or
    frequency.
    """

    model_config = ConfigDict(extra="forbid")

    target_class: str | None = _CLASS
    method: str = _METHOD
    parameters: dict[str, str | int] = Field(default_factory=dict, max_length=10)


class ExplainManyIn(BaseModel):
    """Several recordings by several methods in one job; fields as for one recording.

    Each method takes those of the ``parameters`` that it has.
    """

    model_config = ConfigDict(extra="forbid")

    experiment_id: int = Field(ge=1, le=LARGEST_NUMBER)
    recording_ids: list[Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]] = _NUMBERS
    methods: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(
        ["gradcam"], min_length=1, max_length=10
    )
    target_class: str | None = _CLASS
    parameters: dict[str, str | int] = Field(default_factory=dict, max_length=10)


class OverviewQuery(BaseModel):
    """``recording_ids`` with commas between them; without ``target_class`` each recording's
    explanation is that for the class that the classifier names."""

    experiment_id: int = Field(ge=1, le=LARGEST_NUMBER)
    recording_ids: str = Field(pattern=r"^\d{1,9}(,\d{1,9}){0,199}$")
    method: str = _METHOD
    target_class: str | None = _CLASS


class ExplanationQuery(AskedQuery):
    """Without ``window`` the one with the strongest attribution is given in detail.

    The newest explanation by the method for the present weights, whatever its parameters;
    without ``target_class`` for the class that the classifier names.
    """

    target_class: str | None = _CLASS
    window: int | None = _WINDOW
    method: str = _METHOD


class FeatureSharesQuery(AskedQuery):
    target_class: str | None = _CLASS
    method: str = Field("tree_shap", min_length=1, max_length=40)


class ExplainedMethodsQuery(AskedQuery):
    """``methods`` with commas between them; the window is the one that begins nearest."""

    target_class: str | None = _CLASS
    methods: str = Field(min_length=1, max_length=200)
    start_s: float = Field(0.0, ge=0)


class ExplanationEstimateQuery(AskedQuery):
    """Numbers as parameters of the method; what is not named is as the method does by default."""

    method: str = _METHOD
    steps: int | None = None
    num_samples: int | None = None
    num_segments: int | None = None


class ExplanationListQuery(BaseModel):
    experiment_id: int = Field(ge=1, le=LARGEST_NUMBER)
    limit: int = Field(10, ge=1, le=200)


class ExplanationWindowQuery(BaseModel):
    """Without ``window`` the one with the strongest attribution."""

    window: int | None = _WINDOW


class ExplanationState(BaseModel):
    """``job_id`` is null when the explanation is there already."""

    job_id: int | None
    is_ready: bool


class OverviewRowOut(BaseModel):
    """``share``, ``chance_95`` and ``random_weights`` are of the rhythm at the class's fault
    frequency, 0 to 1; null where it cannot be told."""

    recording_id: int
    recording: str
    side: str
    true_class: str
    target_class: str
    explanation_id: int
    probability: float | None
    answer: str
    share: float | None
    chance_95: float | None
    random_weights: float | None
    strongest: str
    card: dict[str, float | None]


class OverviewOut(BaseModel):
    """``missing`` are recordings that were not explained so yet."""

    method: str
    title: str
    rows: list[OverviewRowOut]
    missing: list[int]
    told: str


class PictureOut(BaseModel):
    """A waveform, and the attribution of each stretch between two edges; null is a gap."""

    times_s: list[float]
    samples: list[float]
    edges_s: list[float]
    attribution: list[float | None]


class ExplanationOut(BaseModel):
    """``top`` is the greatest attribution of the recording: one scale for all its windows."""

    explanation_id: int
    method: str
    target_class: str
    true_class: str
    side: str | None
    recording: str
    class_names: list[str]
    channel_position: int
    unit: str
    probabilities: list[float]
    of_target: list[float]
    starts_s: list[float]
    window_s: float
    available: int
    chosen: int
    top: float
    layer: str
    created_at: datetime
    whole: PictureOut
    close: PictureOut


class SpectrumOut(BaseModel):
    """``is_exact``: from the gradient; else relevance was spread by energy."""

    frequencies_hz: list[float]
    relevance: list[float]
    is_exact: bool


class SegmentOut(BaseModel):
    start_s: float
    stop_s: float
    share: float


class BandOut(BaseModel):
    low_hz: float
    high_hz: float
    share: float


class KindOut(BaseModel):
    """Shares of the rhythm of relevance at one defect frequency, 0 to 1."""

    kind: str
    line: str
    frequency_hz: float
    share: float
    chance: float
    chance_95: float
    random_weights: float
    signal: float
    stands_out: bool


class DomainOut(BaseModel):
    """``answer`` is yes, no or unknown."""

    answer: str
    sentence: str
    kind: str | None
    kinds: list[KindOut]
    bands: list[BandOut]


class WhatIfOut(BaseModel):
    """``probability`` is null where the network cannot notice such a change."""

    change: str
    probability: float | None


class ShortcutOut(BaseModel):
    rows: list[WhatIfOut]
    warnings: list[str]


class ExplainedMethodOut(BaseModel):
    explanation_id: int
    method: str
    title: str
    parameters: dict[str, Any]
    close: PictureOut
    top: float
    in_window: bool
    spectrum: SpectrumOut | None
    segments: list[SegmentOut]
    card: dict[str, float | None]
    curves: dict[str, list[float]]
    domain: DomainOut
    shortcuts: ShortcutOut | None
    seconds: float | None
    created_at: datetime


class ExplainedMethodsOut(BaseModel):
    """``agreement`` is a rank correlation between each two; null without common windows."""

    methods: list[ExplainedMethodOut]
    agreement: list[list[float | None]]


class FeatureShareOut(BaseModel):
    feature: str
    mean: float
    size: float


class FeatureSharesOut(BaseModel):
    """``rows`` add up to what is explained less ``expected``, on average over windows."""

    explanation_id: int
    method: str
    target_class: str
    true_class: str
    recording: str
    rows: list[FeatureShareOut]
    expected: float
    probability: float
    unit: str
    completeness: float
    explained: int
    available: int
    created_at: datetime


class ExplanationEstimateOut(BaseModel):
    """``seconds`` and ``bytes`` are null where nothing like it was measured."""

    windows: int
    passes: int
    seconds: float | None
    bytes: int | None
    basis: str


class ExplanationRow(BaseModel):
    id: int
    experiment_id: int
    signal_id: int
    method: str
    target_class: str
    parameters: dict[str, Any]
    summary: dict[str, Any]
    created_at: datetime


class ExplanationRows(BaseModel):
    explanations: list[ExplanationRow]


class ExplanationFacts(ExplanationRow):
    """``curves``, ``domain``, ``spectrum`` and ``starts_s`` only of networks."""

    recording: str
    true_class: str
    curves: dict[str, list[float]] | None = None
    domain: DomainOut | None = None
    spectrum: SpectrumOut | None = None
    starts_s: list[float] | None = None


class ExplanationStatisticsOut(BaseModel):
    total: int
    by_method: dict[str, int]
    bytes: int
    oldest: datetime | None
    newest: datetime | None
