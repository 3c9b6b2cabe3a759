"""How well networks tell the eleven generated classes apart, on machines they have not seen.

Two networks, three seeds each. A seed draws the machines, the first weights and the order of
windows; what a network has learned is judged once, on machines of the test part.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import torch

from benchmarks.measure import Benchmark, Figure, main
from benchmarks.tested import train_and_test
from diagnostics.evaluation.report import EvaluationReport, evaluate_predictions
from diagnostics.signals.signal import Samples
from diagnostics.synthesis.config import SynthesisConfig, usual_config
from diagnostics.synthesis.faults import Kind
from diagnostics.synthesis.recordings import generate, plan
from diagnostics.training.config import Draw, GroupFractions, TrainingConfig
from diagnostics.training.heads import severity_of
from diagnostics.training.split import Candidate

SEEDS = (1, 2, 3)
MACHINES, EACH = 25, 3
WINDOW, HOP = 8192, 8192
EPOCHS = 40
NETWORKS: dict[str, dict[str, int]] = {"cnn1d": {"width": 32}, "resnet18": {"width": 16}}
SPLIT = GroupFractions(test=0.2, validation=0.0)


@dataclass(frozen=True)
class Generated:
    """A data set in memory: what is known of each recording, and its samples."""

    config: SynthesisConfig
    candidates: list[Candidate]
    samples: list[Samples]

    def read(self, number: int, _channel: int, start: int, stop: int) -> Samples:
        return self.samples[number][start:stop]


def run() -> Benchmark:
    torch.set_num_threads(1)
    figures: list[Figure] = []
    for name, parameters in NETWORKS.items():
        for seed in SEEDS:
            begin = time.perf_counter()
            report = judge(generated(seed), configured(name, parameters, seed))
            figures += _figures(name, seed, report, time.perf_counter() - begin)
        figures.append(_over_seeds(name, figures))
    return Benchmark(
        name="generated_classes",
        title="Eleven generated classes on machines that were kept away",
        method=(
            f"{MACHINES} generated machines with {EACH} recordings of 5 s at 20 480 Hz for each of "
            "11 classes of journal bearings, all severities, default noise. 20 machines to learn "
            f"from, 5 for the test, drawn by the seed. {EPOCHS} epochs and the last one is "
            f"taken; in each, one window of {WINDOW} samples from each recording; one thread. "
            "A recording is judged by the mean of its windows. Intervals: 95 %, "
            "bootstrap over machines. Generated data say nothing about real machines."
        ),
        figures=figures,
        command="python -m benchmarks.generated_classes",
    )


def configured(name: str, parameters: dict[str, int], seed: int) -> TrainingConfig:
    return TrainingConfig(
        replace(SPLIT, seed=seed),
        window=WINDOW,
        hop=HOP,
        classifier=name,
        parameters=dict(parameters),
        epochs=EPOCHS,
        batch_size=32,
        learning_rate=3e-3,
        patience=0,
        draw=Draw.ONE_EACH,
        seed=seed,
    )


def judge(data: Generated, config: TrainingConfig) -> EvaluationReport:
    """Train on some machines and judge on others."""
    tested = train_and_test(data.candidates, data.read, config, data.config.sample_rate_hz)
    return evaluate_predictions(tested, config.seed)


def generated(seed: int, machines: int = MACHINES, duration_s: float = 5.0) -> Generated:
    """Journal bearings of the eleven classes, with what their recordings say of themselves."""
    usual = usual_config(Kind.JOURNAL, bearings=machines, seed=seed)
    classes = dict.fromkeys(usual.classes, EACH)
    config = replace(usual, classes=classes, duration_s=duration_s)
    candidates, samples = [], []
    for number, planned in enumerate(plan(config)):
        made = generate(config, planned)
        channel = made.signal.samples[0].astype(np.float32)
        samples.append(channel)
        candidates.append(
            Candidate(
                number,
                planned.name,
                planned.fault.value,
                planned.bearing_name,
                channel.size,
                config.sample_rate_hz,
                bearing=planned.bearing_name,
                severity=severity_of(made.facts["severity"]),
                speed_rpm=made.speed_rpm,
            )
        )
    return Generated(config, candidates, samples)


def _figures(name: str, seed: int, report: EvaluationReport, seconds: float) -> list[Figure]:
    score = report.recordings.score("accuracy")
    known = score.low is not None and score.high is not None
    between = f"95 %: {score.low:.3f} to {score.high:.3f}" if known else report.no_interval
    note = f"{between}; {report.counts.groups} machines; {seconds:.0f} s"
    return [Figure(_label(name, seed), score.value, "", report.counts.recordings, note=note)]


def _over_seeds(name: str, figures: list[Figure]) -> Figure:
    values = [one.value for one in figures if one.name in {_label(name, s) for s in SEEDS}]
    note = f"from {min(values):.3f} to {max(values):.3f}"
    return Figure(f"{name}: mean over seeds", float(np.mean(values)), "", len(values), note=note)


def _label(name: str, seed: int) -> str:
    return f"{name}: accuracy over recordings, seed {seed}"


if __name__ == "__main__":
    main(run)
