"""One network trained on real recordings, in all that it can become: the table of its variants."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import torch

from benchmarks.cwru_protocols import LOAD, RATE_HZ, SEED, WINDOW, Recordings
from benchmarks.measure import Benchmark, Figure, at_most, need_real_data
from benchmarks.tested import Learned, learn
from diagnostics.deployment.agreement import TOLERANCE, compare
from diagnostics.deployment.contents import contents_of
from diagnostics.deployment.export import OPSET, frozen_axes
from diagnostics.deployment.fine_tuning import FineTuning, fine_tune
from diagnostics.deployment.judging import GOOD, Verdict, judge
from diagnostics.deployment.latency import Timing, time_calls, time_model
from diagnostics.deployment.manifest import Manifest
from diagnostics.deployment.memory import peak_memory
from diagnostics.deployment.session import open_model
from diagnostics.deployment.variants import FP32, make_variant
from diagnostics.errors import DeploymentError
from diagnostics.evaluation.answers import predictions_of
from diagnostics.evaluation.predictions import Predictions
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.training.config import Draw, HeldOutGroups, TrainingConfig
from diagnostics.training.windows import WindowSet

EPOCHS, TEST_LOADS = 40, ("2", "3")
CALIBRATED_ON, PATIENCE_S = 64, 1.0
STRUCTURED = "structured"
VARIANTS = (FP32, "fp16", "int8_dynamic", "int8_static", STRUCTURED)
AMOUNT = 0.5
TUNING = FineTuning(epochs=6, learning_rate=3e-4, most_windows=256)
LONG = 20_480
LONG_RUNS, ROUNDS = 20, 5
METHOD = (
    "The default parameters of {title}, three kinds of damage of CWRU (drive end, 12 kHz, 5 s), "
    f"loads 0 and 1 hp to learn from, loads 2 and 3 hp to test: the same bearings, so this is no "
    f"new diagnosis. Windows of {WINDOW} samples, {EPOCHS} epochs with one random window of each "
    f"recording. Static INT8 is calibrated on {CALIBRATED_ON} training windows; structured takes "
    f"{AMOUNT:.0%} of the channels of each layer and learns on for {TUNING.epochs} "
    f"epochs of {TUNING.most_windows} windows. Accuracy is over recordings by the vote of their "
    "windows; the paired interval takes recordings as if they were independent. Not worse: its "
    "lower end is no more than 2 points below full precision. Latency after warm-up, normalisation "
    f"included; with {LONG} samples medians of {ROUNDS} rounds in which all take their turn; "
    "memory is what a process of its own takes beyond the runtime."
)


@dataclass(frozen=True)
class Measured:
    content: bytes
    verdict: Verdict
    timings: list[Timing]


def run_network(name: str, *, long: bool = False) -> Benchmark:
    """Train, turn, run and measure; ``long`` also holds windows of 20 480 samples to the limits."""
    need_real_data()
    torch.set_num_threads(1)
    recordings = Recordings()
    config = TrainingConfig(
        HeldOutGroups(test=TEST_LOADS),
        classifier=name,
        group_by=LOAD,
        window=WINDOW,
        hop=WINDOW,
        epochs=EPOCHS,
        batch_size=16,
        draw=Draw.ONE_EACH,
        patience=0,
        seed=SEED,
    )
    learned = learn(recordings.candidates(LOAD), recordings.read, config, RATE_HZ)
    fitted = learned.fitted
    assert isinstance(fitted, FittedNetwork)
    full = predictions_of(fitted, learned.test)
    # Each recording for itself: two loads are no groups to learn a spread from.
    full = replace(full, groups={int(one): str(one) for one in set(full.recording_ids)})
    found: dict[str, Measured] = {}
    figures: list[Figure] = []
    for kind in VARIANTS:
        try:
            found[kind] = _measured(fitted, learned, full, kind)
        except DeploymentError as error:
            figures.append(Figure(f"{kind}: made", 0, "", note=str(error)))
            continue
        figures += _rows(kind, found[kind], found[FP32], learned.test)
    return Benchmark(
        name=f"deployment_{name}",
        title=f"Variants of {config.card.title}",
        method=METHOD.format(title=config.card.title)
        + (f" Windows of {LONG} samples: one thread, batch 1, in turn." if long else ""),
        figures=[*_pending(found), *(_long(fitted, found) if long else ()), *figures],
        command=f"python -m benchmarks.deployment_{name}",
    )


def _measured(fitted: FittedNetwork, learned: Learned, full: Predictions, kind: str) -> Measured:
    sys.stderr.write(f"{kind}\n")
    some = _some(learned.training, CALIBRATED_ON)
    content = make_variant(
        fitted,
        kind,
        _manifest(fitted),
        AMOUNT if kind == STRUCTURED else None,
        some,
        tune=lambda one: fine_tune(one, learned.training, TUNING),
    )
    model = open_model(content)
    tested = _some(learned.test, 8)
    compare(fitted, model, tested, frozen_axes(content), TOLERANCE if kind == FP32 else None)
    said = [
        model.probabilities(learned.test.read(part))
        for part in np.array_split(np.arange(len(learned.test)), 16)
    ]
    verdict = judge(
        full, np.concatenate(said), {int(one): str(one) for one in set(full.recording_ids)}
    )
    return Measured(content, verdict, time_model(content, tested, patience_s=PATIENCE_S))


def _rows(kind: str, one: Measured, full: Measured, test: WindowSet) -> Iterator[Figure]:
    counted = contents_of(one.content)
    verdict = one.verdict
    ratio = len(one.content) / len(full.content)
    yield Figure(f"{kind}: file", len(one.content) / 1e6, "MB", note=f"{ratio:.2f} of fp32")
    yield Figure(f"{kind}: numbers", counted.numbers, "", note=f"{counted.sparsity:.1%} zeros")
    for timing in one.timings:
        threads = "1 thread" if timing.threads == 1 else f"{timing.threads} threads"
        yield Figure(
            f"{kind}: batch {timing.batch}, {threads}, p50",
            timing.p50_ms,
            "ms",
            timing.runs,
            note=f"p95 {timing.p95_ms:.3g}, p99 {timing.p99_ms:.3g} ms;"
            f" {timing.throughput:.0f} windows/s",
        )
    shape = (len(test.channels), test.window)
    for batch, size in peak_memory(one.content, shape).items():
        yield Figure(f"{kind}: peak memory, batch {batch}", size / 2**20, "MiB")
    yield Figure(f"{kind}: accuracy", verdict.accuracy, "", verdict.recordings)
    yield Figure(f"{kind}: macro F1", verdict.macro_f1, "", verdict.recordings)
    if kind != FP32:
        interval = (
            verdict.refused
            if verdict.low is None or verdict.high is None
            else f"95 %: {100 * verdict.low:+.1f} to {100 * verdict.high:+.1f}"
        )
        note = f"{interval}; {verdict.verdict}"
        yield Figure(
            f"{kind}: accuracy less that of fp32",
            100 * verdict.difference,
            "points",
            verdict.recordings,
            note=note,
        )


def _pending(found: dict[str, Measured]) -> Iterator[Figure]:
    """The three rows that the reference of the services leaves open."""
    full = found[FP32]
    timing = full.timings[0]
    yield Figure("inference time, one window, p50", timing.p50_ms, "ms", timing.runs)
    for title, kind in (("INT8", "int8_static"), ("FP16", "fp16")):
        if kind in found:
            saved = 1 - len(found[kind].content) / len(full.content)
            yield Figure(f"model size reduction ({title})", 100 * saved, "%")


def _long(fitted: FittedNetwork, found: dict[str, Measured]) -> Iterator[Figure]:
    window = np.random.default_rng(0).normal(size=(1, 1, LONG)).astype(np.float32)
    # The same normalisation outside of the graph as inside of it.
    long = FittedNetwork(fitted.network, replace(fitted.about, window=LONG))
    asked: dict[str, Callable[[], object]] = {"torch": lambda: long.probabilities(window)}
    for kind, one in found.items():
        asked[kind] = partial(open_model(one.content).scores, window)
    # In turn: a machine that is slower for a while is so for all of them.
    rounds = [
        {kind: time_calls(ask, 1, 1, LONG_RUNS).p50_ms for kind, ask in asked.items()}
        for _ in range(ROUNDS)
    ]
    runs = LONG_RUNS * ROUNDS
    times = {kind: median([one[kind] for one in rounds]) for kind in asked}
    for kind, ms in times.items():
        yield Figure(f"{LONG} samples, {kind}: p50", ms, "ms", runs)
    over = median([one[FP32] / one["torch"] for one in rounds])
    yield at_most(f"{LONG} samples, fp32 over torch", over, 1.0, "×", n=runs)
    yield from _best("smallest file that is not worse", found, 0.3, _sizes(found))
    fastest = {kind: times[kind] for kind in found}
    yield from _best("fastest that is not worse", found, 0.7, fastest)


def _sizes(found: dict[str, Measured]) -> dict[str, float]:
    return {kind: float(len(one.content)) for kind, one in found.items()}


def _best(
    title: str, found: dict[str, Measured], limit: float, values: dict[str, float]
) -> Iterator[Figure]:
    others = [kind for kind in values if kind != FP32 and found[kind].verdict.verdict == GOOD]
    if not others:
        told = "; ".join(
            f"{kind}: {value / values[FP32]:.2g} × fp32, {found[kind].verdict.verdict}"
            for kind, value in values.items()
            if kind != FP32
        )
        yield Figure(f"{title}: variants shown to be so", 0, "", len(values) - 1, note=told)
        return
    best = min(others, key=lambda kind: values[kind])
    yield at_most(f"{title}, over fp32", values[best] / values[FP32], limit, "×", note=best)


def _some(windows: WindowSet, count: int) -> Any:
    places = np.unique(np.linspace(0, len(windows) - 1, count).astype(np.int64))
    return windows.read(places)


def _manifest(fitted: FittedNetwork) -> Manifest:
    about = fitted.about
    return Manifest(
        variant=FP32,
        classifier=about.classifier,
        class_names=about.class_names,
        units=("g",),
        channels=len(about.channels),
        window=about.window,
        sample_rate_hz=about.sample_rate_hz,
        normalisation=about.normaliser.kind.value,
        temperature=1.0,
        experiment_id=1,
        checkpoint_hash="",
        data_hash="",
        opset=OPSET,
    )
