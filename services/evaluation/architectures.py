"""Accuracy against what a classifier costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.evaluation.grouping import SEEN
from diagnostics.evaluation.pareto import pareto_front
from diagnostics.training.classifiers import classifier
from diagnostics.training.config import TrainingConfig
from models import Dataset, DatasetVersion, Experiment
from services.errors import Invalid, NotFound
from services.experiments.leaks import leak_notes
from services.experiments.sides import random_windows, recordings_on
from services.job_service import ACTIVE

MOST_COMPARED = 20
COSTS = ("parameter_count", "operations", "latency_ms")

CostOf = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
"""The newest measurement of the cost of a classifier, by what decides it."""


class ArchitectureRow(TypedDict):
    """``on_front``: by cost, whether no other one is as cheap and as good; None if unknown.

    It is unknown, too, where the tests differ. ``operations`` and ``latency_ms`` are of one
    window, the latter on one thread of ``machine``; None until they are measured.
    """

    experiment_id: int
    name: str
    classifier: str
    title: str
    dataset: str
    version: int
    parameter_count: int | None
    operations: int | None
    latency_ms: float | None
    machine: str | None
    measuring: bool
    accuracy: float
    low: float | None
    high: float | None
    balanced_accuracy: float
    recordings: int
    groups: int
    no_interval: str | None
    leak: str | None
    on_front: dict[str, bool | None]


class ArchitecturesView(TypedDict):
    """``same_test``: all were tested on the same recordings."""

    experiments: list[ArchitectureRow]
    same_test: bool
    notes: list[str]


def compared(session: Session, experiment_ids: Sequence[int], cost_of: CostOf) -> ArchitecturesView:
    """One row for each experiment, in the given order."""
    found = _tested_ones(session, experiment_ids)
    tables = [_row(*one, cost_of(question(one[0]))) for one in found]
    tests = {_tested(one[0]) for one in found}
    for cost in COSTS:
        _mark_front(tables if len(tests) == 1 else [], cost)
    return {
        "experiments": tables,
        "same_test": len(tests) == 1,
        "notes": _notes(tables, same_test=len(tests) == 1),
    }


def unmeasured(
    session: Session, experiment_ids: Sequence[int], cost_of: CostOf
) -> list[dict[str, Any]]:
    """What is to be measured, so that all costs are known; each question once."""
    asked = [question(one[0]) for one in _tested_ones(session, experiment_ids)]
    return [
        one
        for place, one in enumerate(asked)
        if one not in asked[:place] and not _cost(cost_of(one))
    ]


def _cost(measured: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return measured["cost"] if measured else None


def question(experiment: Experiment) -> dict[str, Any]:
    """What decides the cost of a window."""
    config = TrainingConfig.from_dict(experiment.config)
    return {
        "classifier": config.classifier,
        "parameters": config.parameters,
        "window": config.window,
        "channels": len(config.channels),
        "classes": len(experiment.class_names),
    }


def _tested_ones(
    session: Session, experiment_ids: Sequence[int]
) -> list[tuple[Experiment, DatasetVersion, Dataset]]:
    wanted = list(dict.fromkeys(int(number) for number in experiment_ids))
    if not 1 <= len(wanted) <= MOST_COMPARED:
        raise Invalid(f"Choose 1 to {MOST_COMPARED} experiments, got {len(wanted)}.")
    rows = session.execute(
        select(Experiment, DatasetVersion, Dataset)
        .join(DatasetVersion, DatasetVersion.id == Experiment.version_id)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(Experiment.id.in_(wanted))
    ).all()
    found = {row[0].id: (row[0], row[1], row[2]) for row in rows}
    for number in wanted:
        if number not in found:
            raise NotFound(f"There is no experiment {number}.")
        if found[number][0].summary is None:
            raise Invalid(f"“{found[number][0].name}” has no test result yet.")
    return [found[number] for number in wanted]


def _row(
    experiment: Experiment,
    version: DatasetVersion,
    dataset: Dataset,
    measured: Mapping[str, Any] | None,
) -> ArchitectureRow:
    cost = _cost(measured)
    latency = cost["latency"] if cost else {"median_ms": None, "machine": None}
    summary: dict[str, Any] = experiment.summary or {}
    accuracy = summary["recordings"]["accuracy"]
    return {
        "experiment_id": experiment.id,
        "name": experiment.name,
        "classifier": experiment.classifier,
        "title": classifier(experiment.classifier).title,
        "dataset": dataset.name,
        "version": version.number,
        "parameter_count": experiment.parameter_count,
        "operations": cost["operations"] if cost else None,
        "latency_ms": latency["median_ms"],
        "machine": latency["machine"],
        "measuring": measured is not None and measured["status"] in ACTIVE,
        "accuracy": accuracy["value"],
        "low": accuracy["low"],
        "high": accuracy["high"],
        "balanced_accuracy": summary["recordings"]["balanced_accuracy"]["value"],
        "recordings": summary["n"]["recordings"],
        "groups": summary["n"]["groups"],
        "no_interval": summary["no_interval"],
        "leak": experiment.leak,
        "on_front": dict.fromkeys(COSTS),
    }


def _tested(experiment: Experiment) -> tuple[Any, ...]:
    """The recordings of the test part; a recording in another data set counts as another.

    Windows that were drawn at random are another test for each draw.
    """
    tested = frozenset(recordings_on(experiment.split, "test"))
    drawn, config = random_windows(experiment.split), experiment.config
    cut = None if drawn is None else (config["window"], config["hop"])
    return experiment.version_id, tested, drawn, cut


def _mark_front(rows: list[ArchitectureRow], cost: str) -> None:
    plain: list[dict[str, Any]] = [{**row} for row in rows if {**row}[cost] is not None]
    costs = np.array([row[cost] for row in plain], dtype=np.float64)
    scores = np.array([row["accuracy"] for row in plain], dtype=np.float64)
    front = pareto_front(costs, scores)
    marks = {row["experiment_id"]: bool(on) for row, on in zip(plain, front, strict=True)}
    for row in rows:
        row["on_front"][cost] = marks.get(row["experiment_id"])


def _notes(rows: Sequence[ArchitectureRow], *, same_test: bool) -> list[str]:
    notes = []
    if not same_test:
        notes.append(
            "These experiments were not tested on the same recordings, so their accuracies cannot "
            "be set against each other."
        )
    notes += leak_notes((row["name"], row["leak"]) for row in rows)
    uncounted = [row["name"] for row in rows if row["parameter_count"] is None]
    if uncounted:
        named = ", ".join(f"“{name}”" for name in uncounted)
        notes.append(f"Without a number of parameters, and so only in the table: {named}.")
    machines = sorted({row["machine"] for row in rows if row["machine"] is not None})
    if machines:
        notes.append(
            "Operations and latency are those of one window, the latter on one thread of "
            f"{' or '.join(machines)}. Classifiers on features were timed after learning from "
            "noise: a forest that learned from recordings may be larger or smaller."
        )
    if len(machines) > 1:
        notes.append("Latencies of different processors cannot be set against each other.")
    few = [row for row in rows if row["low"] is None and row["no_interval"] != SEEN]
    without = [row["name"] for row in few]
    if without:
        named = ", ".join(f"“{name}”" for name in without)
        notes.append(
            f"Without an interval, since a class has fewer than five groups on the test side: "
            f"{named}."
        )
    return notes
