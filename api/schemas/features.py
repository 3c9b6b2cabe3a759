"""Feature sets as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.paging import LARGEST_NUMBER, Paging


class FeatureSetPaging(Paging):
    dataset_id: int | None = Field(None, ge=1, le=LARGEST_NUMBER)


class ExtractionConfigIn(BaseModel):
    """``window`` in samples, ``overlap`` as a part of it; ``group_by`` is the bearing, else the
    machine, else the recording when it is empty."""

    model_config = ConfigDict(extra="forbid")

    channel: int = Field(0, ge=0, le=10_000)
    window: int = Field(4096, ge=256, le=1 << 22)
    overlap: float = Field(0.0, ge=0, le=0.95)
    group_by: str = Field("", max_length=120)
    band_hz: tuple[float, float] | None = None


class FeatureSetIn(BaseModel):
    """``version`` is the newest when it is left out; domains are time, frequency, envelope,
    wavelet, bispectrum and order, or “all” for those that need no speed."""

    model_config = ConfigDict(extra="forbid")

    dataset_id: int = Field(ge=1, le=LARGEST_NUMBER)
    version: int | None = Field(None, ge=1, le=LARGEST_NUMBER)
    name: str = Field(min_length=1, max_length=120)
    domains: list[str] = Field(["all"], min_length=1, max_length=10)
    config: ExtractionConfigIn = Field(
        default_factory=lambda: ExtractionConfigIn.model_validate({})
    )


class FeatureSetBriefOut(BaseModel):
    id: int
    name: str
    number: int
    dataset_id: int
    dataset_name: str
    dataset_version: int
    domains: list[str]
    feature_count: int
    row_count: int
    parent_id: int | None
    owner_id: int
    owner_name: str
    created_at: datetime


class FeatureOut(BaseModel):
    name: str
    title: str
    domain: str
    unit: str
    about: str
    meaning: str
    pitfall: str


class FeatureSetOut(FeatureSetBriefOut):
    features: list[FeatureOut]
    config: dict[str, Any]
    channels: list[str]
    summary: dict[str, Any]
    content_hash: str
    job_id: int | None


class FeatureSetList(BaseModel):
    items: list[FeatureSetBriefOut]
    total: int


class RowsQuery(Paging):
    """``sort`` is a feature, or recording_id, label, group or start_s."""

    sort: str = Field("", max_length=120)
    descending: bool = False
    label: str | None = Field(None, max_length=200)


class RowOut(BaseModel):
    row: int
    recording_id: int
    recording: str
    label: str
    group: str
    start_s: float | None
    stop_s: float | None
    values: list[float | None]


class RowList(BaseModel):
    rows: list[RowOut]
    total: int


class DownloadQuery(BaseModel):
    format: Literal["hdf5", "parquet", "csv"] = "hdf5"


class AnalysisIn(BaseModel):
    """A selection takes ``num_features`` and ``threshold``."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=40)
    method: str = Field(max_length=40)
    num_features: int = Field(15, ge=1, le=1000)
    threshold: float = Field(0.01, ge=0)


class AnalysisQuery(BaseModel):
    method: str | None = Field(None, max_length=40)


class AnalysisOut(BaseModel):
    id: int
    feature_set_id: int
    kind: str
    method: str
    parameters: dict[str, Any]
    owner_name: str
    created_at: datetime
    result: dict[str, Any]
