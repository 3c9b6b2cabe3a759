"""How well networks tell the eleven generated classes apart, on machines they have not seen.

Two networks, three seeds each. A seed draws the machines, the first weights and the order of
windows; what a network has learned is judged once, on machines of the test part.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.measure import Benchmark, Figure, main
from diagnostics.evaluation.report import EvaluationReport, evaluate
from diagnostics.signals.signal import Samples
from diagnostics.synthesis.config import SynthesisConfig, usual_config
from diagnostics.synthesis.faults import Kind
from diagnostics.synthesis.recordings import generate, plan
from diagnostics.training.config import Draw, GroupFractions, TrainingConfig
from diagnostics.training.fit import fit_classifier
from diagnostics.training.fitted import predict
from diagnostics.training.split import Candidate, Side, split_recordings
from diagnostics.training.windows import Reader, WindowSet, windows_of

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
            report = judge(_generated(seed), configured(name, parameters, seed))
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
    split = split_recordings(data.candidates, config.split, "bearing")

    def windows(side: Side) -> WindowSet:
        reader: Reader = data.read
        return windows_of(
            split.sides[side],
            split.class_names,
            reader,
            channels=config.channels,
            window=config.window,
            hop=config.hop,
            sample_rate_hz=data.config.sample_rate_hz,
        )

    with tempfile.TemporaryDirectory() as folder:
        trained = fit_classifier(
            config,
            split.class_names,
            windows(Side.TRAIN),
            None,
            checkpoint=Path(folder) / "state.pt",
        )
    test = windows(Side.TEST)
    ids = np.array([one.recording_id for one in test.recordings])
    return evaluate(
        predict(trained.fitted, test),
        test.targets,
        ids[test.owner],
        {one.recording_id: one.group for one in test.recordings},
        split.class_names,
        config.seed,
        starts_s=test.start / test.sample_rate_hz,
        window_s=test.window / test.sample_rate_hz,
    )


def _generated(seed: int) -> Generated:
    usual = usual_config(Kind.JOURNAL, bearings=MACHINES, seed=seed)
    config = replace(usual, classes=dict.fromkeys(usual.classes, EACH))
    candidates, samples = [], []
    for number, planned in enumerate(plan(config)):
        channel = generate(config, planned).signal.samples[0].astype(np.float32)
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
