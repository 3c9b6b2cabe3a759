"""What the result of an experiment shows beside its report: split, origin, other tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.training.card import Family
from diagnostics.training.classifiers import classifier
from models import (
    Bearing,
    Dataset,
    DatasetVersion,
    Experiment,
    Job,
    Recording,
    User,
)
from services.datasets.versions import chunks
from services.experiments.sides import random_windows, recordings_on

SIDES = ("train", "validation", "test")
MOST_OTHERS = 8


class SideView(TypedDict):
    """One side of the split. ``classes`` counts its recordings by class."""

    side: str
    groups: list[str]
    recordings: int
    classes: dict[str, int]


class SplitView(TypedDict):
    """``shared_bearings`` lie in training and test; None when no bearing is known.

    ``unknown_bearings`` and ``unknown_trained`` count the recordings of test and training
    whose bearing is not known. With ``random_windows`` every recording is on every side.
    """

    group_by: str
    sides: list[SideView]
    test_bearings: int | None
    shared_bearings: list[str] | None
    unknown_bearings: int
    unknown_trained: int
    random_windows: bool
    warnings: list[str]


class OtherTest(TypedDict):
    experiment_id: int
    name: str
    held_out: list[str]
    group_by: str
    balanced_accuracy: float
    low: float | None
    high: float | None
    recordings: int
    leak: str | None


class Provenance(TypedDict):
    dataset_id: int
    dataset: str
    version: int
    content_hash: str
    owner: str
    finished_at: datetime | None
    wall_time_s: float | None
    classifier: str
    parameter_count: int | None
    best_epoch: int | None
    checkpoint_hash: str | None
    config: dict[str, Any]
    environment: dict[str, Any]


class ResultView(TypedDict):
    experiment_id: int
    leakage: dict[str, Any] | None
    split: SplitView
    recording_names: dict[int, str]
    channel: int
    provenance: Provenance
    others: list[OtherTest]
    can_be_explained: bool
    has_checkpoint: bool


def is_explainable(experiment: Experiment) -> bool:
    """Whether there are weights of a network, whose gradients can be asked."""
    is_network = classifier(experiment.classifier).family is Family.NETWORK
    return is_network and experiment.checkpoint_key is not None


def result_view(
    session: Session, experiment: Experiment, named_recordings: Collection[int]
) -> ResultView:
    """Everything beside the report. ``named_recordings`` are those whose names are shown."""
    names = select(Recording.id, Recording.name).where(Recording.id.in_(named_recordings))
    return {
        "experiment_id": experiment.id,
        "leakage": experiment.leakage,
        "split": split_view(session, experiment),
        "recording_names": {row.id: row.name for row in session.execute(names)},
        "channel": int(experiment.config["channels"][0]),
        "provenance": _provenance(session, experiment),
        "others": _other_tests(session, experiment),
        "can_be_explained": is_explainable(experiment),
        "has_checkpoint": experiment.checkpoint_key is not None,
    }


def split_view(session: Session, experiment: Experiment) -> SplitView:
    """How the sides differ: groups, classes, and bearings that lie on both."""
    sides = {int(key): side for key, side in experiment.split["sides"].items()}
    groups = {int(key): group for key, group in experiment.split["groups"].items()}
    targets = {int(key): name for key, name in experiment.split["targets"].items()}
    bearings = _bearings(session, sides)
    on = {side: recordings_on(experiment.split, side) for side in SIDES}
    trained = {bearings[n] for n in on["train"] if n in bearings}
    tested = {bearings[n] for n in on["test"] if n in bearings}
    return {
        "group_by": experiment.split["group_by"],
        "sides": [_side(side, on[side], groups, targets) for side in SIDES if on[side]],
        "test_bearings": len(tested) or None,
        "shared_bearings": sorted(tested & trained) if tested else None,
        "unknown_bearings": sum(n not in bearings for n in on["test"]),
        "unknown_trained": sum(n not in bearings for n in on["train"]),
        "random_windows": random_windows(experiment.split) is not None,
        "warnings": list(experiment.split["warnings"]),
    }


def _side(
    side: str, numbers: list[int], groups: Mapping[int, str], targets: Mapping[int, str]
) -> SideView:
    classes = Counter(targets[number] for number in numbers)
    return {
        "side": side,
        "groups": sorted({groups[number] for number in numbers}, key=_in_order),
        "recordings": len(numbers),
        "classes": dict(sorted(classes.items())),
    }


def _bearings(session: Session, numbers: Collection[int]) -> dict[int, str]:
    known = select(Recording.id, Bearing.id, Bearing.name).join(
        Bearing, Bearing.id == Recording.bearing_id
    )
    return {
        row[0]: f"{row[2]} (bearing {row[1]})"
        for some in chunks(sorted(numbers))
        for row in session.execute(known.where(Recording.id.in_(some)))
    }


def _provenance(session: Session, experiment: Experiment) -> Provenance:
    origin = (
        select(Dataset, DatasetVersion)
        .join(DatasetVersion, DatasetVersion.dataset_id == Dataset.id)
        .where(DatasetVersion.id == experiment.version_id)
    )
    dataset, version = session.execute(origin).one()
    job = session.get(Job, experiment.job_id) if experiment.job_id else None
    owner = session.get(User, experiment.owner_id)
    return {
        "dataset_id": dataset.id,
        "dataset": dataset.name,
        "version": version.number,
        "content_hash": version.content_hash,
        "owner": owner.name if owner else "",
        "finished_at": job.finished_at if job else None,
        "wall_time_s": experiment.wall_time_s,
        "classifier": classifier(experiment.classifier).title,
        "parameter_count": experiment.parameter_count,
        "best_epoch": experiment.best_epoch,
        "checkpoint_hash": experiment.checkpoint_hash,
        "config": experiment.config,
        "environment": experiment.environment or {},
    }


def _other_tests(session: Session, experiment: Experiment) -> list[OtherTest]:
    newest = (
        select(Experiment)
        .where(
            Experiment.version_id == experiment.version_id,
            Experiment.id != experiment.id,
            Experiment.summary.is_not(None),
            Experiment.archived_at.is_(None),
        )
        .order_by(Experiment.id.desc())
        .limit(MOST_OTHERS)
    )
    return [_other(other, other.summary or {}) for other in session.scalars(newest)]


def _other(other: Experiment, summary: Mapping[str, Any]) -> OtherTest:
    score = summary["recordings"]["balanced_accuracy"]
    groups = other.split["groups"]
    held = [] if random_windows(other.split) else recordings_on(other.split, "test")
    return {
        "experiment_id": other.id,
        "name": other.name,
        "held_out": sorted({groups[str(number)] for number in held}, key=_in_order),
        "group_by": other.split["group_by"],
        "balanced_accuracy": score["value"],
        "low": score["low"],
        "high": score["high"],
        "recordings": summary["n"]["recordings"],
        "leak": other.leak,
    }


def _in_order(group: str) -> tuple[float, str]:
    """Numbers by size, then names."""
    try:
        return float(group), group
    except ValueError:
        return float("inf"), group
