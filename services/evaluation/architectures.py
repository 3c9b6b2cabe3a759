"""Accuracy against what a classifier costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.evaluation.grouping import SEEN
from diagnostics.evaluation.pareto import pareto_front
from diagnostics.training.classifiers import classifier
from models import Dataset, DatasetVersion, Experiment
from services.errors import Invalid, NotFound
from services.experiments.leaks import leak_notes
from services.experiments.sides import random_windows, recordings_on

MOST_COMPARED = 20
# What a classifier costs; those of the cards can be added here.
COSTS = ("parameter_count",)


class ArchitectureRow(TypedDict):
    """``on_front``: by cost, whether no other one is as cheap and as good; None if unknown.

    It is unknown, too, where the tests differ.
    """

    experiment_id: int
    name: str
    classifier: str
    title: str
    dataset: str
    version: int
    parameter_count: int | None
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


def compared(session: Session, experiment_ids: Sequence[int]) -> ArchitecturesView:
    """One row for each experiment, in the given order."""
    wanted = list(dict.fromkeys(int(number) for number in experiment_ids))
    if not 1 <= len(wanted) <= MOST_COMPARED:
        raise Invalid(f"Choose 1 to {MOST_COMPARED} experiments, got {len(wanted)}.")
    rows = session.execute(
        select(Experiment, DatasetVersion, Dataset)
        .join(DatasetVersion, DatasetVersion.id == Experiment.version_id)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(Experiment.id.in_(wanted))
    ).all()
    found = {row[0].id: row for row in rows}
    for number in wanted:
        if number not in found:
            raise NotFound(f"There is no experiment {number}.")
        if found[number][0].summary is None:
            raise Invalid(f"“{found[number][0].name}” has no test result yet.")
    tables = [_row(*found[number]) for number in wanted]
    tests = {_tested(found[number][0]) for number in wanted}
    for cost in COSTS:
        _mark_front(tables if len(tests) == 1 else [], cost)
    return {
        "experiments": tables,
        "same_test": len(tests) == 1,
        "notes": _notes(tables, same_test=len(tests) == 1),
    }


def _row(experiment: Experiment, version: DatasetVersion, dataset: Dataset) -> ArchitectureRow:
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
    few = [row for row in rows if row["low"] is None and row["no_interval"] != SEEN]
    without = [row["name"] for row in few]
    if without:
        named = ", ".join(f"“{name}”" for name in without)
        notes.append(
            f"Without an interval, since a class has fewer than five groups on the test side: "
            f"{named}."
        )
    return notes
