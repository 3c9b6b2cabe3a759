"""What a worker does to an experiment: read what is to be done, keep what came out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import platform, python_version
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from diagnostics.training.config import RandomWindows, TrainingConfig
from diagnostics.training.heads import SEVERITY, SPEED
from diagnostics.training.history import EpochRecord
from diagnostics.training.split import Candidate, Side, check_separate
from models import DatasetMember, Experiment, ExperimentEpoch, Recording
from services import actor, events
from services.errors import NotFound
from services.experiments.feature_sets import ColumnsSource, columns_of
from services.experiments.sides import quantity, random_windows, recordings_on
from services.experiments.turning import with_turning
from services.files.kept_files import hold
from services.runtime import artefacts, unit_of_work

FOLDER = "training"
CHECKPOINT = re.compile(r"experiment-(\d+)\.pt", re.ASCII)
LIBRARIES = ("torch", "scikit-learn", "numpy", "scipy", "skops")


@dataclass(frozen=True)
class Plan:
    """All that a training needs. ``paths`` are the files of the recordings by id.

    With ``windows``, every side has the same recordings, and windows are drawn.
    """

    config: TrainingConfig
    class_names: tuple[str, ...]
    sides: Mapping[Side, tuple[Candidate, ...]]
    sample_rate_hz: float
    paths: Mapping[int, Path]
    checkpoint: Path
    windows: RandomWindows | None = None
    # The table of the feature set; None where features or waveforms come from samples.
    columns: ColumnsSource | None = None


@dataclass(frozen=True)
class Outcome:
    """What a finished training leaves. ``model`` is a local file; the rest is kept as bytes."""

    model: Path
    predictions: bytes
    report: bytes
    summary: dict[str, Any]
    best_epoch: int | None
    parameter_count: int | None
    test_seconds: float
    # The most memory that the training took beside what the worker had.
    peak_bytes: int | None = None


class ExperimentRunService:
    """Read what is to be trained, keep what came out."""

    @staticmethod
    def plan(experiment_id: int) -> Plan:
        """What the experiment was asked to do.

        Raises
        ------
        NotFound
            If there is no such experiment, or a recording's file is missing.
        TrainingError
            If a group lies on two sides.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            experiment = session.get(Experiment, experiment_id)
            if experiment is None:
                raise NotFound(f"There is no experiment {experiment_id}.")
            actor.owner_or_admin(experiment.owner_id)
            config = TrainingConfig.from_dict(experiment.config)
            split, class_names = experiment.split, tuple(experiment.class_names)
            members = session.scalars(
                select(Recording)
                .join(DatasetMember, DatasetMember.recording_id == Recording.id)
                .where(DatasetMember.version_id == experiment.version_id)
                .order_by(Recording.id)
            )
            candidates = [
                (_candidate(recording, split), recording.artefact_key)
                for recording in members
                if str(recording.id) in split["sides"]
            ]
            known = with_turning(session, experiment_id, [one for one, _ in candidates])
            columns = columns_of(session, experiment_id)
        sides = _sides(known, split)
        return Plan(
            config,
            class_names,
            sides,
            float(split["sample_rate_hz"]),
            {c.recording_id: artefacts().local_path(key) for c, key in candidates},
            _checkpoint(experiment_id),
            random_windows(split),
            columns,
        )

    @staticmethod
    def local_classifier(experiment_id: int) -> Path:
        """The file of a trained classifier on this machine.

        Raises
        ------
        NotFound
            If there is no such experiment, it is not trained, or the file is missing.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            experiment = session.get(Experiment, experiment_id)
            if experiment is None or experiment.checkpoint_key is None:
                raise NotFound(f"There is no trained experiment {experiment_id}.")
            return artefacts().local_path(experiment.checkpoint_key)

    @staticmethod
    def find_summary(experiment_id: int) -> dict[str, Any] | None:
        """The test scores of a training that has ended; None while there are none.

        A worker that was lost after :meth:`save_outcome` leaves a job that begins again
        although all is done.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            experiment = session.get(Experiment, experiment_id)
            if experiment is None:
                raise NotFound(f"There is no experiment {experiment_id}.")
            return experiment.summary if experiment.checkpoint_key else None

    @staticmethod
    def save_epoch(experiment_id: int, record: EpochRecord) -> bool:
        """Keep an epoch; False when it was kept before, by an attempt that was interrupted."""
        actor.writer()
        with unit_of_work() as session:
            experiment = session.get(Experiment, experiment_id)
            if experiment is None:
                raise NotFound(f"There is no experiment {experiment_id}.")
            actor.owner_or_admin(experiment.owner_id)
            if session.get(ExperimentEpoch, (experiment_id, record.epoch)) is not None:
                return False
            session.add(
                ExperimentEpoch(
                    experiment_id=experiment_id,
                    epoch=record.epoch,
                    train_loss=record.train_loss,
                    train_accuracy=record.train_accuracy,
                    validation_loss=record.validation_loss,
                    validation_accuracy=record.validation_accuracy,
                    learning_rate=record.learning_rate,
                    windows_per_s=record.windows_per_s,
                    seconds=record.seconds,
                    head_errors=record.head_errors or None,
                )
            )
            return True

    @staticmethod
    def tell_plateau(experiment_id: int, sentence: str) -> None:
        """Tell the owner that a training gets nowhere; it goes on."""
        actor.writer()
        with unit_of_work() as session:
            experiment = session.get(Experiment, experiment_id)
            if experiment is None:
                raise NotFound(f"There is no experiment {experiment_id}.")
            actor.owner_or_admin(experiment.owner_id)
            events.record(
                session, "experiment.plateau", f"experiment:{experiment_id}", sentence=sentence
            )

    @staticmethod
    def save_outcome(experiment_id: int, outcome: Outcome) -> None:
        """Keep the trained classifier, its test predictions and their evaluation."""
        actor.writer()
        _put(outcome)  # slow where the store is far away, and nobody shall wait for that
        trained = select(func.sum(ExperimentEpoch.seconds)).where(
            ExperimentEpoch.experiment_id == experiment_id
        )
        with unit_of_work() as session:
            experiment = session.get(Experiment, experiment_id)
            if experiment is None:
                raise NotFound(f"There is no experiment {experiment_id}.")
            actor.owner_or_admin(experiment.owner_id)
            hold(session)
            model_key, experiment.predictions_key, experiment.report_key = _put(outcome)
            experiment.checkpoint_key = model_key
            experiment.checkpoint_hash = Path(model_key).stem
            experiment.summary = outcome.summary
            experiment.best_epoch = outcome.best_epoch
            experiment.parameter_count = outcome.parameter_count
            experiment.wall_time_s = (session.scalar(trained) or 0.0) + outcome.test_seconds
            experiment.peak_bytes = outcome.peak_bytes
            experiment.environment = environment()
            events.record(session, "experiment.finished", f"experiment:{experiment_id}")
        # The checkpoint stays for a while, so that the training can go on: see housekeeping.

    @staticmethod
    def save_test(experiment_id: int, outcome: Outcome) -> None:
        """Keep the test of a classifier that was trained, and kept, before."""
        actor.writer()
        predictions = artefacts().put("predictions", ".npz", outcome.predictions)
        report = artefacts().put("reports", ".json", outcome.report)
        with unit_of_work() as session:
            experiment = session.get(Experiment, experiment_id)
            if experiment is None:
                raise NotFound(f"There is no experiment {experiment_id}.")
            actor.owner_or_admin(experiment.owner_id)
            hold(session, predictions, report)
            experiment.predictions_key, experiment.report_key = predictions, report
            experiment.summary = outcome.summary


def _sides(
    candidates: list[Candidate], split: Mapping[str, Any]
) -> dict[Side, tuple[Candidate, ...]]:
    """The recordings of each side; all of them on each where windows are drawn at random."""
    drawn = random_windows(split)
    on = {side: set(recordings_on(split, side.value)) for side in Side}
    sides = {
        side: tuple(one for one in candidates if one.recording_id in on[side]) for side in Side
    }
    if drawn is None:
        check_separate(sides)
    return sides


def _put(outcome: Outcome) -> tuple[str, str, str]:
    """Keep the files, those that are not kept already; the keys of model, predictions, report."""
    return (
        artefacts().put_file("models", outcome.model.suffix, outcome.model),
        artefacts().put("predictions", ".npz", outcome.predictions),
        artefacts().put("reports", ".json", outcome.report),
    )


def checkpoints() -> list[tuple[int | None, Path]]:
    """Files of trainings that have not ended, with their experiment where it is known.

    A worker that was lost while it wrote one leaves a piece under another name.
    """
    found = sorted(_folder().iterdir())
    return [(_experiment_of(path), path) for path in found]


def state_of_ended(experiment_id: int) -> Path | None:
    """The state in which a training ended, as long as it is kept."""
    path = _checkpoint(experiment_id)
    return path if path.exists() else None


def environment() -> dict[str, str]:
    """Versions of what a classifier is made with."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {"python": python_version(), **libraries, "system": platform()}


def _checkpoint(experiment_id: int) -> Path:
    return _folder() / f"experiment-{experiment_id}.pt"


def _experiment_of(path: Path) -> int | None:
    found = CHECKPOINT.fullmatch(path.name)
    return int(found[1]) if found else None


def _folder() -> Path:
    folder = Path(current_app.config["DATA_FOLDER"]) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _candidate(recording: Recording, split: Mapping[str, Any]) -> Candidate:
    key = str(recording.id)
    return Candidate(
        recording.id,
        recording.name,
        split["targets"][key],
        split["groups"][key],
        recording.sample_count,
        recording.sample_rate_hz,
        content_hash=recording.content_hash,
        severity=quantity(split, SEVERITY.name, recording.id),
        speed_rpm=quantity(split, SPEED.name, recording.id),
    )
