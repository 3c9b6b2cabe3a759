"""What heads for severity and speed come to, and what they cost or give the fault."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from benchmarks.generated_classes import EACH, HOP, WINDOW, Generated, generated
from benchmarks.measure import Benchmark, Figure, main
from benchmarks.tested import train_and_test
from diagnostics.evaluation.estimates import EstimateScore, HeadReport
from diagnostics.evaluation.report import EvaluationReport, evaluate_predictions
from diagnostics.training.config import Draw, GroupFractions, TrainingConfig
from diagnostics.training.heads import HEADS

SEEDS = (1, 2)
MACHINES, DURATION_S = 20, 2.0
EPOCHS = 25
SPLIT = GroupFractions(test=0.25, validation=0.0)


@dataclass(frozen=True)
class Tried:
    """One of the networks: how it is called here, and what it is."""

    title: str
    classifier: str
    parameters: dict[str, float]


TRIED = (
    Tried("cnn1d", "cnn1d", {}),
    Tried("multitask, fault only", "multitask", {"severity_weight": 0.0, "speed_weight": 0.0}),
    Tried("multitask", "multitask", {}),
)


def run() -> Benchmark:
    torch.set_num_threads(1)
    figures: list[Figure] = []
    for seed in SEEDS:
        data = generated(seed, MACHINES, DURATION_S)
        for tried in TRIED:
            figures += _figures(tried, seed, data)
    return Benchmark(
        name="multitask_heads",
        title="Severity and speed beside the class, on machines that were kept away",
        method=(
            f"{MACHINES} generated machines with {EACH} recordings of {DURATION_S:g} s at "
            "20 480 Hz for each of 11 classes of journal bearings, all severities (0 for healthy), "
            "speeds from 3240 to 3960 rpm, default noise. 15 machines to learn from, 5 for the "
            f"test, drawn by the seed. {EPOCHS} epochs and the last one is taken; in each, one "
            f"window of {WINDOW} samples from each recording; default parameters, one thread. "
            "A recording is judged by the mean of its windows. The multitask network is tried with "
            "its heads off, too: its pooling differs from that of cnn1d, and that alone changes "
            "the accuracy. Intervals: 95 %, bootstrap over machines, which are few. Generated data "
            "say nothing about real machines."
        ),
        figures=figures,
        command="python -m benchmarks.multitask_heads",
    )


def _figures(tried: Tried, seed: int, data: Generated) -> Iterator[Figure]:
    begin = time.perf_counter()
    report = _judged(tried, seed, data)
    seconds = time.perf_counter() - begin
    score = report.recordings.score("accuracy")
    note = _between(score.low, score.high, report.no_interval)
    yield Figure(
        f"{tried.title}: accuracy over recordings, seed {seed}",
        score.value,
        "",
        report.counts.recordings,
        note=f"{note}; {report.counts.groups} machines; {seconds:.0f} s",
    )
    for head in report.heads:
        tested = head.sides["test"]
        if tested is not None:
            yield from _errors(tried, seed, head, tested)


def _errors(tried: Tried, seed: int, head: HeadReport, score: EstimateScore) -> Iterator[Figure]:
    about = HEADS[head.name]
    named = f"{tried.title}: {about.title.lower()}"
    between = _between(score.mae_low, score.mae_high, score.no_interval)
    bias = f"bias {score.bias:+.3g}; {score.groups} machines"
    yield Figure(
        f"{named}, mean absolute error, seed {seed}",
        score.mae,
        about.unit,
        score.items,
        note=f"{between}; {bias}",
    )
    yield Figure(
        f"{named}, always the mean of the training part, seed {seed}",
        score.mean_error,
        about.unit,
        score.items,
    )


def _judged(tried: Tried, seed: int, data: Generated) -> EvaluationReport:
    config = TrainingConfig(
        replace(SPLIT, seed=seed),
        window=WINDOW,
        hop=HOP,
        classifier=tried.classifier,
        parameters=dict(tried.parameters),
        epochs=EPOCHS,
        batch_size=32,
        learning_rate=3e-3,
        patience=0,
        draw=Draw.ONE_EACH,
        seed=seed,
    )
    tested = train_and_test(data.candidates, data.read, config, data.config.sample_rate_hz)
    return evaluate_predictions(tested, seed)


def _between(low: float | None, high: float | None, reason: str | None) -> str:
    if low is None or high is None:
        return str(reason)
    return f"95 %: {low:.3g} to {high:.3g}"


if __name__ == "__main__":
    main(run)
