"""Data sets and recordings as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.paging import LARGEST_NUMBER, Paging
from models import Origin

RecordingId = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]


class DatasetIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    description: str = ""


class DatasetChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    description: str | None = None


class DatasetPaging(Paging):
    """``search`` looks at names, descriptions and owners."""

    search: str = ""
    archived: bool = False
    sort: str = "name"
    descending: bool = False


class DatasetOut(BaseModel):
    """``duration_s`` is the length of all recordings of the newest version together."""

    id: int
    name: str
    description: str
    origin: Origin
    owner_id: int
    owner_name: str
    created_at: datetime
    archived_at: datetime | None
    version_id: int | None
    version: int | None
    changed_at: datetime
    recording_count: int
    class_count: int
    duration_s: float
    warning_count: int


class VersionOut(BaseModel):
    """The counts of changes are against the version before."""

    id: int
    number: int
    reason: str
    content_hash: str
    recording_count: int
    added_count: int
    removed_count: int
    relabelled_count: int
    created_by: str
    created_at: datetime


class DatasetDetailsOut(DatasetOut):
    """``provenance`` says how a generated data set was made."""

    versions: list[VersionOut]
    provenance: dict[str, Any] | None
    experiment_count: int


class DatasetList(BaseModel):
    items: list[DatasetOut]
    total: int


class StatisticsOut(BaseModel):
    num_signals: int
    duration_s: float
    classes: dict[str, int]
    unlabelled: int
    groups: dict[str, dict[str, int]]
    sample_rates_hz: list[float]
    units: list[str]
    channel_counts: dict[str, int]
    warnings: dict[str, int]
    warning_messages: dict[str, int]
    origins: dict[str, int]
    left_out: list[str]


class VersionQuery(BaseModel):
    """Without ``version`` the newest."""

    version: int | None = Field(None, ge=1, le=LARGEST_NUMBER)


class RecordingQuery(VersionQuery):
    """``where`` may be given more than once, each ``column:kind`` or ``column:kind:value``, as
    in ``bearing:equals:6205``, ``speed_rpm:between:1700:1800`` or ``attribute.size_mil:most:14``.
    """

    search: str = ""
    label: str | None = None
    only_warned: bool = False
    where: list[str] = []


class RecordingPaging(Paging, RecordingQuery):
    sort: str = "name"
    descending: bool = False


class ChannelOut(BaseModel):
    name: str
    unit: str


class RecordingOut(BaseModel):
    id: int
    dataset_id: int
    name: str
    label: str | None
    origin: Origin
    machine: str | None
    bearing: str | None
    load: str | None
    speed_rpm: float | None
    speed_source: str
    sample_rate_hz: float
    sample_count: int
    duration_s: float
    channels: list[ChannelOut]
    attributes: dict[str, Any]
    warnings: list[dict[str, Any]]
    source_file: str
    importer: str
    content_hash: str
    created_at: datetime


class RecordingList(BaseModel):
    items: list[RecordingOut]
    total: int


class RelabelIn(BaseModel):
    """New labels by the id of the recording; null takes the label away."""

    model_config = ConfigDict(extra="forbid")

    labels: dict[RecordingId, str | None]
    reason: str = ""
    based_on: int | None = None


class RemoveIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    recording_ids: list[RecordingId]
    reason: str = ""
    based_on: int | None = None


class VersionMade(BaseModel):
    version: int


class ChosenIn(BaseModel):
    """Complete uploads, and files of a folder of the server: ``names`` are relative to it,
    sub-folders end with ``/``. ``profile`` is a built-in or a saved one."""

    model_config = ConfigDict(extra="forbid")

    upload_ids: list[str] = []
    folder: str = ""
    names: list[str] = []
    profile: str = ""

    @model_validator(mode="after")
    def _is_something(self) -> ChosenIn:
        if not self.upload_ids and not (self.folder and self.names):
            raise ValueError("Name at least one upload, or a folder with names in it.")
        return self


class ImportIn(ChosenIn):
    """``shared`` fills in what files do not say, ``own`` holds what counts anyway, by the key
    that a preview gives a file; for an upload that is its id.

    Both know ``sample_rate_hz``, ``unit``, ``label``, ``speed_rpm``, ``load``, ``bearing``,
    ``machine``, ``pattern``, ``pattern_on`` and ``channels``. ``skip_elsewhere`` leaves out
    recordings that another data set has.
    """

    shared: dict[str, Any] = {}
    own: dict[str, dict[str, Any]] = {}
    skip_elsewhere: bool = False


class PreviewIn(ChosenIn):
    """What to look into."""
