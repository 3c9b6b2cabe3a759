"""A tiny experiment that was really trained and tested, for tests that need one."""

from __future__ import annotations

import json

import numpy as np
from sqlalchemy import select

from diagnostics.evaluation.predictions import Predictions
from diagnostics.evaluation.report import evaluate_predictions
from diagnostics.progress import silent
from diagnostics.signals.signal import Unit, single_channel
from models import DatasetVersion, Experiment, Recording
from services import actor, runtime
from services.experiment_service import ExperimentService
from tests import factories

LABELS = ("healthy", "worn")
SAMPLES, RATE_HZ = 6_144, 12_000.0
NETWORK = {"classifier": "cnn1d", "parameters": {"width": 4, "blocks": 1, "kernel": 8}}
FOREST = {"classifier": "random_forest", "parameters": {"trees": 10}}


def tiny_version(bearings: int = 3) -> int:
    """A version with one recording for each class and bearing: faults tick, health does not."""
    owner = actor.user_id()
    rng = np.random.default_rng(5)
    with runtime.unit_of_work() as session:
        dataset = factories.dataset(session, owner_id=owner)
        members = {}
        for number in range(bearings):
            for label in LABELS:
                bearing = factories.bearing(session, name=f"{label} {number}")
                made = factories.recording(
                    session,
                    _signal(rng, ticking=label == "worn"),
                    dataset_id=dataset.id,
                    owner_id=owner,
                    name=f"{label} {number}",
                    bearing_id=bearing.id,
                    attributes={"load_hp": float(number)},
                )
                members[made.id] = label
        return factories.version(session, members, dataset.id, created_by=owner).id


def trained_experiment(
    version_id: int | None = None, *, name: str = "Tiny", epochs: int = 2, **changes: object
) -> int:
    """The id of an experiment with weights, predictions and report; load 2 hp is held out."""
    from tasks.training import train_experiment

    made = planned_experiment(version_id, name, epochs=epochs, **changes)
    train_experiment(silent, made)
    return made


def planned_experiment(
    version_id: int | None = None, name: str = "Tested", **changes: object
) -> int:
    """The id of an experiment that waits; load 2 hp is held out."""
    config = {
        "split": {"by": "groups", "validation": ["1"], "test": ["2"]},
        "group_by": "load_hp",
        "window": 1024,
        "hop": 1024,
        "batch_size": 8,
        **NETWORK,
        **changes,
    }
    return ExperimentService.create_experiment(name, version_id or tiny_version(), config)["id"]


def with_result(experiment_id: int) -> int:
    """Give an experiment predictions and report, as a training would."""
    store = runtime.artefacts()
    with runtime.unit_of_work() as session:
        row = session.get_one(Experiment, experiment_id)
        test = [int(key) for key, side in row.split["sides"].items() if side == "test"]
        targets = np.array([row.class_names.index(row.split["targets"][str(n)]) for n in test])
        scores = np.array([[0.8, 0.2], [0.4, 0.6], [0.3, 0.7], [0.7, 0.3]])
        given = Predictions(
            probabilities=scores,
            targets=np.repeat(targets, 2),
            recording_ids=np.repeat(test, 2),
            starts_s=np.array([0.0, 0.1, 0.0, 0.1]),
            window_s=0.1,
            groups={n: row.split["groups"][str(n)] for n in test},
            class_names=LABELS,
        )
        report = evaluate_predictions(given, seed=0)
        row.predictions_key = store.put("predictions", ".npz", given.to_npz())
        row.report_key = store.put("reports", ".json", json.dumps(report.to_dict()).encode())
        row.summary = report.headline()
    return experiment_id


def _signal(rng: np.random.Generator, *, ticking: bool):
    samples = rng.normal(scale=0.1, size=SAMPLES)
    if ticking:
        samples[::256] += 3.0
    return single_channel(samples.astype(np.float32), RATE_HZ, Unit.ACCELERATION_G)


MULTITASK = {
    "classifier": "multitask",
    "parameters": {"width": 4, "blocks": 2, "kernel": 16},
    "normalisation": "window",
}


def measured_version(bearings: int = 3, *, severity: bool = True, speed: bool = True) -> int:
    """A tiny version whose recordings say severity and speed; the first one says neither."""
    version_id = tiny_version(bearings)
    with runtime.unit_of_work() as session:
        own = session.get_one(DatasetVersion, version_id).dataset_id
        of = select(Recording).where(Recording.dataset_id == own).order_by(Recording.id)
        rows = session.scalars(of).all()
        for place, row in enumerate(rows[1:], start=1):
            if severity:
                share = 0.2 + 0.1 * place if row.name.startswith("worn") else 0.0
                row.attributes = {**row.attributes, "severity": share}
            if speed:
                row.speed_rpm = 1500.0 + 50 * place
    return version_id
