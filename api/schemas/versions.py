"""Versions, what differs between them, and statistics, as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.datasets import RecordingId, VersionOut, VersionQuery
from api.schemas.paging import Paging
from services.datasets.diff import ChangeKind


class VersionList(BaseModel):
    items: list[VersionOut]
    total: int


class TransitionOut(BaseModel):
    kind: ChangeKind
    before: str | None
    after: str | None
    count: int


class DiffOut(BaseModel):
    """``steps`` are the versions after the older one up to the newer."""

    older: VersionOut
    newer: VersionOut
    added: int
    removed: int
    relabelled: int
    transitions: list[TransitionOut]
    steps: list[VersionOut]


class ChangePaging(Paging):
    kind: ChangeKind = ChangeKind.RELABELLED


class ChangeOut(BaseModel):
    recording_id: int
    name: str
    kind: ChangeKind
    before: str | None
    after: str | None


class ChangeList(BaseModel):
    items: list[ChangeOut]
    total: int


class SelectionIn(BaseModel):
    """Recordings by ``recording_ids``, or all that match the filter when ``matching`` is true.

    ``based_on`` is the newest version that was looked at: when there is a newer one, nothing
    changes and the answer is 409.
    """

    model_config = ConfigDict(extra="forbid")

    recording_ids: list[RecordingId] = []
    matching: bool = False
    search: str = ""
    label: str | None = None
    only_warned: bool = False
    where: list[str] = []
    reason: str = ""
    based_on: int | None = None


class RelabelSelectedIn(SelectionIn):
    """``new_label`` null takes the label away. With ``preview`` nothing is changed."""

    new_label: str | None


class RelabelPreviewOut(BaseModel):
    version: int
    selected: int
    changed: int
    unchanged: int
    before: dict[str, int]
    after: str | None


class RestoreIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = ""
    based_on: int | None = None


class CrossingQuery(VersionQuery):
    rows: str = "label"
    columns: str = "load"


class CrossingOut(BaseModel):
    rows: str
    columns: str
    row_values: list[str]
    column_values: list[str]
    counts: list[list[int]]


class WarningOut(BaseModel):
    code: str
    count: int
    messages: dict[str, int]


class WarningList(BaseModel):
    items: list[WarningOut]


class PreviewQuery(VersionQuery):
    num_samples: int = Field(3, ge=1, le=10)


class WaveformPreviewOut(BaseModel):
    recording_id: int
    name: str
    load: str | None
    speed_rpm: float | None
    channel: str
    unit: str
    sample_rate_hz: float
    duration_s: float
    times_s: list[float]
    minimum: list[float]
    maximum: list[float]


class ClassPreviewOut(BaseModel):
    label: str | None
    count: int
    recordings: list[WaveformPreviewOut]


class DatasetPreviewOut(BaseModel):
    dataset_id: int
    version: int | None
    num_signals: int
    classes: list[ClassPreviewOut]
    more_classes: int


class PercentilesOut(BaseModel):
    """5th, 50th and 95th percentile over recordings."""

    low: float
    median: float
    high: float


class ChannelStatisticsOut(BaseModel):
    label: str | None
    channel: str
    unit: str
    recordings: int
    duration_s: float
    minimum: float
    maximum: float
    spreads: dict[str, PercentilesOut]


class WaveformStatisticsOut(BaseModel):
    rows: list[ChannelStatisticsOut]
    unmeasured: int


class ExperimentUseOut(BaseModel):
    id: int
    name: str
    version: int
    owner_name: str
    created_at: datetime
    archived: bool


class ExperimentUseList(BaseModel):
    items: list[ExperimentUseOut]
    total: int
