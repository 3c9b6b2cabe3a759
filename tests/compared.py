"""Experiments whose answers are as a test wants them, for what compares experiments."""

from __future__ import annotations

import json
from collections.abc import Collection

import numpy as np
from sqlalchemy import select

from diagnostics.evaluation.predictions import Predictions
from diagnostics.evaluation.report import evaluate_predictions
from models import Experiment, ExperimentEpoch, Recording
from services import runtime
from tests.trained import planned_experiment, tiny_version

TESTED = ("2", "3", "4", "5", "6", "7")
WINDOWS = 3


def wide_version() -> int:
    """Eight loads, each with a healthy and a worn recording."""
    return tiny_version(bearings=8)


def answered(
    version_id: int,
    name: str,
    wrong: Collection[str] = (),
    tested: tuple[str, ...] = TESTED,
    **changes: object,
) -> int:
    """The id of an experiment that was tested on these loads, and wrong about recordings of
    these names; it has two epochs."""
    split = {"by": "groups", "validation": ["1"], "test": list(tested)}
    made = planned_experiment(version_id, name, **{"split": split, **changes})
    store = runtime.artefacts()
    with runtime.unit_of_work() as session:
        row = session.get_one(Experiment, made)
        given = _predictions(session, row, wrong)
        report = evaluate_predictions(given, seed=0, resamples=50)
        row.predictions_key = store.put("predictions", ".npz", given.to_npz())
        row.report_key = store.put("reports", ".json", json.dumps(report.to_dict()).encode())
        row.summary = report.headline()
        session.add_all(_epoch(made, number) for number in (1, 2))
    return made


def _predictions(session, row: Experiment, wrong: Collection[str]) -> Predictions:
    test = [int(key) for key, side in row.split["sides"].items() if side == "test"]
    named = select(Recording.id, Recording.name).where(Recording.id.in_(test))
    names = {row.id: row.name for row in session.execute(named)}
    targets = np.array([row.class_names.index(row.split["targets"][str(n)]) for n in test])
    said = np.array([t ^ (names[n] in wrong) for n, t in zip(test, targets, strict=True)])
    sure = np.full((len(test), 2), 0.2)
    sure[np.arange(len(test)), said] = 0.8
    return Predictions(
        probabilities=np.repeat(sure, WINDOWS, axis=0),
        targets=np.repeat(targets, WINDOWS),
        recording_ids=np.repeat(test, WINDOWS),
        starts_s=np.tile(np.arange(WINDOWS) * 0.1, len(test)),
        window_s=0.1,
        groups={n: row.split["groups"][str(n)] for n in test},
        class_names=tuple(row.class_names),
    )


def _epoch(experiment_id: int, number: int) -> ExperimentEpoch:
    return ExperimentEpoch(
        experiment_id=experiment_id,
        epoch=number,
        train_loss=1 / number,
        train_accuracy=0.6,
        validation_loss=1.2 / number,
        validation_accuracy=0.5,
        learning_rate=1e-3,
        windows_per_s=100.0,
        seconds=1.0,
    )
