"""What pages and the API are told of variants and served models."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from diagnostics.deployment.variants import KINDS
from models import ModelVariant

TITLES = {kind.name: kind.title for kind in KINDS}


class NetworkChoice(TypedDict):
    experiment_id: int
    name: str


class VariantView(TypedDict):
    """``measured`` is as in :func:`services.deployment.building.build`; ``outdated`` when the
    experiment was trained again since.
    """

    id: int
    experiment_id: int
    owner_id: int
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


class VersionView(TypedDict):
    number: int
    variant_id: int
    experiment_id: int
    experiment: str
    kind: str
    title: str
    sha256: str
    created_at: datetime
    aliases: list[str]


class ServedModelView(TypedDict):
    name: str
    owner_id: int
    owner_name: str | None
    created_at: datetime
    versions: list[VersionView]
    aliases: dict[str, int]


class WindowVote(TypedDict):
    name: str
    probability: float


class ServedEstimate(TypedDict):
    """The mean over the windows of what a head says beside the class."""

    name: str
    unit: str
    value: float


class ServedAnswer(TypedDict):
    """``agreement`` is the share of the windows that name the same class as their vote.

    ``estimates`` is empty for a model without heads beside the class.
    """

    model: str
    version: int
    variant: str
    predicted: str
    classes: list[WindowVote]
    windows: int
    agreement: float
    calibrated: bool
    estimates: list[ServedEstimate]


class TriedView(TypedDict):
    """What was said of the beginning of a recording.

    ``side`` is where the experiment used the same samples; None if it never saw them.
    """

    answer: ServedAnswer
    recording_id: int
    recording: str
    seconds: float
    whole: bool
    side: str | None


class BatchView(TypedDict):
    """A model asked about a data set. ``status`` is that of its job until the rows are there;
    ``summary`` is as in :func:`diagnostics.deployment.recordings.summarise`.
    """

    id: int
    model: str
    version: int
    variant_id: int | None
    version_id: int
    version_number: int
    dataset_id: int
    dataset_name: str
    owner_id: int
    owner_name: str
    job_id: int | None
    status: str
    fraction: float
    error: str | None
    class_names: list[str]
    recordings: int
    summary: dict[str, Any] | None
    created_at: datetime
    completed_at: datetime | None


class BatchRowView(TypedDict):
    """``side`` is where the experiment of the model used the same samples, if it did;
    ``shares`` are the probabilities in the order of the batch's classes.
    """

    recording_id: int
    recording: str
    label: str | None
    side: str | None
    predicted: str | None
    probability: float | None
    shares: list[float] | None
    windows: int
    agreement: float | None
    estimates: list[ServedEstimate]
    error: str | None


def variant_view(row: ModelVariant, checkpoint_hash: str | None) -> VariantView:
    return {
        "id": row.id,
        "experiment_id": row.experiment_id,
        "owner_id": row.owner_id,
        "kind": row.kind,
        "title": title_of(row.kind, row.amount),
        "amount": row.amount,
        "sha256": row.sha256,
        "size_bytes": row.size_bytes,
        "manifest": dict(row.manifest),
        "agreement": dict(row.agreement),
        "measured": dict(row.measured),
        "created_at": row.created_at,
        "outdated": row.checkpoint_hash != checkpoint_hash,
    }


def title_of(kind: str, amount: float | None) -> str:
    """What people call a kind of variant.

    Examples
    --------
    >>> title_of("structured", 0.3)
    'Pruned, whole channels, 30 %'
    """
    share = "" if amount is None else f", {100 * amount:.0f} %"
    return f"{TITLES.get(kind, kind)}{share}"
