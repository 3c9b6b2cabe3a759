"""Three ways to split the same recordings, four models: what each of them seems to know.

Windows at random, one load kept away, one bearing kept away: the same 60 recordings of CWRU,
each tested once by a classifier that learned from the others. The first way leaks; it is here
to be seen beside the others.
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from scipy.stats import binomtest

from benchmarks.measure import DATA, Benchmark, Figure, main, need_real_data
from benchmarks.tested import train_and_test
from diagnostics.signals.signal import Samples
from diagnostics.training.config import (
    Draw,
    GroupFolds,
    Normalisation,
    RandomWindows,
    SplitChoice,
    TrainingConfig,
)
from diagnostics.training.split import Candidate

RATE_HZ = 12_000.0
WINDOW = 2048
SEED = 1
FAULTS = ("B", "IR", "OR")
NETWORK = {
    "epochs": 150,
    "draw": Draw.ONE_EACH,
    "batch_size": 16,
    "learning_rate": 2e-3,
    "normalisation": Normalisation.WINDOW,
}
MODELS: dict[str, dict[str, Any]] = {
    "random_forest": {"normalisation": Normalisation.TRAINING},
    "svm": {"normalisation": Normalisation.TRAINING},
    "cnn1d": NETWORK,
    "resnet18": {**NETWORK, "parameters": {"width": 16}},
}
LOAD, BEARING = "load", "bearing"


@dataclass(frozen=True)
class Protocol:
    """How the test is chosen; ``runs`` trainings test each recording once."""

    name: str
    group: str
    runs: int


PROTOCOLS = (
    Protocol("random windows (leaks)", BEARING, 1),
    Protocol("one load kept away", LOAD, 4),
    Protocol("one bearing kept away", BEARING, 0),
)


class Recordings:
    """The recordings with damage, in memory."""

    def __init__(self) -> None:
        with (DATA / "cwru" / "cwru_12k_DE_5s.csv").open() as file:
            self.rows = [row for row in csv.DictReader(file) if row["fault"] in FAULTS]
        with np.load(DATA / "cwru" / "cwru_12k_DE_5s.npz") as arrays:
            self.samples: list[Samples] = [arrays[row["record"]] for row in self.rows]

    def candidates(self, group: str) -> list[Candidate]:
        found = []
        for number, row in enumerate(self.rows):
            bearing = f"{row['fault']}{row['size_mil_in']}"
            name = bearing if group == BEARING else row["load_hp"]
            size = self.samples[number].size
            fault, rate = row["fault"], float(row["fs"])
            found.append(Candidate(number, row["record"], fault, name, size, rate, bearing=bearing))
        return found

    def read(self, number: int, _channel: int, start: int, stop: int) -> Samples:
        return self.samples[number][start:stop]


def run() -> Benchmark:
    need_real_data()
    torch.set_num_threads(1)
    recordings = Recordings()
    figures = [
        figure
        for model in MODELS
        for protocol in PROTOCOLS
        for figure in _judged(recordings, model, protocol)
    ]
    return Benchmark(
        name="cwru_protocols",
        title="The same recordings under three protocols",
        method=(
            f"{len(recordings.rows)} recordings of CWRU (drive end, 12 kHz, 5 s; ball, inner race, "
            f"outer race; loads 0 to 3 hp), windows of {WINDOW} samples. Random windows: a fifth "
            "of all windows is tested. One load kept away: four trainings. One bearing (fault and "
            "size) kept away: a training for each. No validation part, nothing tuned; networks: "
            f"{NETWORK['epochs']} epochs with one random window of each recording, the last one is "
            "taken. A recording is judged by the mean "
            f"of its windows. Seed {SEED}, one thread. The interval (Wilson, 95 %) counts "
            "recordings as if they were independent; those of one bearing are not, and a class "
            "has three or four bearings, too few for an interval over bearings."
        ),
        figures=figures,
        command="python -m benchmarks.cwru_protocols",
    )


def _judged(recordings: Recordings, model: str, protocol: Protocol) -> Iterator[Figure]:
    begin = time.perf_counter()
    candidates = recordings.candidates(protocol.group)
    tests = [
        train_and_test(candidates, recordings.read, configured(model, protocol, choice), RATE_HZ)
        for choice in _choices(protocol, candidates)
    ]
    seconds = time.perf_counter() - begin
    votes = [test.vote() for test in tests]
    right = np.concatenate([vote.probabilities.argmax(axis=1) == vote.targets for vote in votes])
    interval = binomtest(int(right.sum()), right.size).proportion_ci(method="wilson")
    shown = f"95 %: {interval.low:.3f} to {interval.high:.3f}, if recordings were independent"
    if protocol.runs == 1:
        shown = "no interval: every recording was learned from"
    name = f"{model}, {protocol.name}"
    yield Figure(f"{name}: recordings", float(right.mean()), "", right.size, note=shown)
    by_window = np.concatenate([test.predicted == test.targets for test in tests])
    note = f"{len(tests)} trainings, {seconds:.0f} s"
    yield Figure(f"{name}: windows", float(by_window.mean()), "", by_window.size, note=note)
    sys.stderr.write(f"{name}: {right.mean():.3f} {note}\n")


def configured(model: str, protocol: Protocol, choice: SplitChoice) -> TrainingConfig:
    return replace(
        TrainingConfig(choice, classifier=model, group_by=protocol.group, patience=0, seed=SEED),
        **MODELS[model],
    )


def _choices(protocol: Protocol, candidates: Sequence[Candidate]) -> list[SplitChoice]:
    if protocol.runs == 1:
        return [RandomWindows(test=0.2, validation=0.0, seed=SEED)]
    folds = protocol.runs or len({one.group for one in candidates})
    return [GroupFolds(folds, 0.0, SEED, fold) for fold in range(1, folds + 1)]


if __name__ == "__main__":
    main(run)
