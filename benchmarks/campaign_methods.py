"""Hyperband against random search: how many epochs each takes to the same validation score.

Problem, budget and seeds were written down before the first run and stand below.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from optuna.storages import InMemoryStorage

from benchmarks.generated_classes import Generated, generated
from benchmarks.measure import Benchmark, Figure, main, median
from diagnostics.search.settings import apply_point
from diagnostics.search.space import Space
from diagnostics.search.study import Method, Pruner, Rules, SearchStudy
from diagnostics.training.config import Draw, GroupFractions, TrainingConfig
from diagnostics.training.fit import fit_classifier
from diagnostics.training.history import EpochRecord
from diagnostics.training.split import Side, split_recordings
from diagnostics.training.windows import WindowSet, windows_of

SEEDS = (1, 2, 3, 4, 5)
MACHINES, DURATION_S = 5, 0.5
WINDOW = 2048
MOST_EPOCHS = 27
BUDGET = 10 * MOST_EPOCHS  # epochs of each search: ten trials that nobody ends early
SPACE = Space.from_dict(
    {
        "learning_rate": {"type": "float", "low": 1e-5, "high": 1.0, "log": True},
        "weight_decay": {"type": "float", "low": 1e-5, "high": 1.0, "log": True},
        "label_smoothing": {"type": "float", "low": 0.0, "high": 0.5},
        "parameters.width": {"type": "int", "low": 4, "high": 16},
        "parameters.kernel": {"type": "int", "low": 16, "high": 128, "log": True},
    }
)
RULES = {"random": (Method.RANDOM, Pruner.NONE), "Hyperband": (Method.HYPERBAND, Pruner.HYPERBAND)}


@dataclass(frozen=True)
class Step:
    """A trial that came to its last epoch: epochs of the search by then, its validation score."""

    epochs: int
    accuracy: float


class _EndedEarly(Exception):
    pass


def run() -> Benchmark:
    torch.set_num_threads(1)
    figures: list[Figure] = []
    saved = []
    for seed in SEEDS:
        data = generated(seed, MACHINES, DURATION_S)
        begun = time.perf_counter()
        found = {name: _search(data, seed, *rules) for name, rules in RULES.items()}
        best = {name: max(step.accuracy for step in steps) for name, steps in found.items()}
        target = min(best.values())
        took = {name: _epochs_to(target, steps) for name, steps in found.items()}
        saved.append(took["Hyperband"] / took["random"])
        note = f"accuracy {target:.3f}; " + ", ".join(
            f"{name} came to {best[name]:.3f} with {len(steps)} whole trials"
            for name, steps in found.items()
        )
        for name in RULES:
            title = f"Seed {seed}: {name}, epochs to the score that both reach"
            figures.append(Figure(title, took[name], "epochs", note=note))
        sys.stderr.write(f"seed {seed}: {took} {note} {time.perf_counter() - begun:.0f} s\n")
    note = f"from {min(saved):.2f} to {max(saved):.2f} over the seeds"
    title = "Epochs of Hyperband for one of random search, to the same score (median)"
    figures.append(Figure(title, median(saved), "", len(saved), note=note))
    return Benchmark(
        name="campaign_methods",
        title="Hyperband against random search",
        method=(
            f"Eleven generated classes of journal bearings, {MACHINES} machines, recordings of"
            f" {DURATION_S} s; cnn1d with windows of {WINDOW} samples, one of each recording in"
            f" an epoch, judged by the accuracy over windows of machines that are left out, at"
            f" the epoch with the lowest loss. Five settings are searched. Each search has"
            f" {BUDGET} epochs, a trial has {MOST_EPOCHS} unless it ends early. The score to be"
            " reached is the lower of the two that the searches end with; only trials that came"
            " to their last epoch count. A seed draws machines, points and weights."
        ),
        figures=figures,
        command="python -m benchmarks.campaign_methods",
    )


def _search(data: Generated, seed: int, method: Method, pruner: Pruner) -> list[Step]:
    rules = Rules(SPACE, method, pruner, (True,), seed, MOST_EPOCHS)
    study = SearchStudy(InMemoryStorage(), method.value, rules)
    base = TrainingConfig(
        GroupFractions(test=0.2, validation=0.4, seed=seed),
        window=WINDOW,
        hop=WINDOW,
        classifier="cnn1d",
        parameters={"blocks": 2},
        epochs=MOST_EPOCHS,
        batch_size=16,
        patience=0,
        draw=Draw.ONE_EACH,
        seed=seed,
    )
    names, sets = _windows(data, base)
    spent, number, steps = 0, 0, []
    while spent < BUDGET:
        number += 1
        point = study.ask(number)
        records: list[EpochRecord] = []
        with tempfile.TemporaryDirectory() as folder:
            try:
                fit_classifier(
                    apply_point(base, point.params),
                    names,
                    sets[Side.TRAIN],
                    sets[Side.VALIDATION],
                    checkpoint=Path(folder) / "state.pt",
                    on_epoch=_watched(study, point.study_number, records),
                )
            except _EndedEarly:
                study.tell_pruned(point.study_number)
                spent += len(records)
                continue
        spent += len(records)
        best = min(records, key=lambda one: one.validation_loss or 0.0)
        study.tell(point.study_number, [best.validation_accuracy or 0.0])
        steps.append(Step(spent, best.validation_accuracy or 0.0))
    return steps


def _watched(
    study: SearchStudy, study_number: int, records: list[EpochRecord]
) -> Callable[[EpochRecord], None]:
    def keep(record: EpochRecord) -> None:
        records.append(record)
        if study.report(study_number, record.epoch, record.validation_accuracy or 0.0):
            raise _EndedEarly

    return keep


def _windows(
    data: Generated, config: TrainingConfig
) -> tuple[tuple[str, ...], dict[Side, WindowSet]]:
    split = split_recordings(data.candidates, config.split, config.group_by)
    sets = {
        side: windows_of(
            split.sides[side],
            split.class_names,
            data.read,
            channels=config.channels,
            window=config.window,
            hop=config.hop,
            sample_rate_hz=data.config.sample_rate_hz,
        )
        for side in (Side.TRAIN, Side.VALIDATION)
    }
    return split.class_names, sets


def _epochs_to(accuracy: float, steps: list[Step]) -> int:
    return next(step.epochs for step in steps if step.accuracy >= accuracy)


if __name__ == "__main__":
    main(run)
