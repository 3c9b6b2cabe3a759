"""What watching, checkpointing and normalising cost: our engine against a bare PyTorch loop.

Both train the same network from the same first weights on the same windows in the same
order, with the same optimiser, schedule, clipping, class weights and validation. The bare
loop finds its windows normalised in memory, reports nothing and keeps nothing.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.measure import Benchmark, Figure, at_most, main, median
from diagnostics.networks.network import build_network
from diagnostics.progress import Progress
from diagnostics.training.batches import balanced_weights
from diagnostics.training.config import GroupFractions, TrainingConfig
from diagnostics.training.engine import train_network
from diagnostics.training.normalisation import fit_normaliser
from diagnostics.training.split import Candidate
from diagnostics.training.windows import WindowSet, windows_of

# The same loop is up to 5 % quicker or slower from process to process, most likely by where its
# tensors lie in memory: the median is of rounds in several.
PROCESSES, ROUNDS = 5, 7
EPOCHS = 6
CLASSES = ("low", "high")
WINDOW = 2048
TRAINING_WINDOWS, VALIDATION_WINDOWS = 1024, 256
LIMIT_PERCENT = 5.0
CONFIG = TrainingConfig(
    GroupFractions(), window=WINDOW, hop=WINDOW, epochs=EPOCHS, patience=EPOCHS, seed=1
)
Seconds = dict[str, float]


def run() -> Benchmark:
    context = multiprocessing.get_context("spawn")
    rounds: list[Seconds] = []
    each: list[float] = []
    for _ in range(PROCESSES):
        with context.Pool(1) as pool:
            found = pool.apply(_rounds)
        rounds += found
        each.append(median([_overhead(one) for one in found]))
    ours, bare = (median([one[name] for one in rounds]) for name in ("ours", "bare"))
    seen = TRAINING_WINDOWS * EPOCHS
    count = len(rounds)
    return Benchmark(
        name="training_overhead",
        title="Training: our engine against a bare PyTorch loop",
        method=(
            f"cnn1d with default parameters, {TRAINING_WINDOWS} training and"
            f" {VALIDATION_WINDOWS} validation windows of {WINDOW} samples, {EPOCHS} epochs,"
            " batch 64, one thread, seed 1. Processor time of both loops in turn,"
            f" {ROUNDS} times in each of {PROCESSES} processes; both end with"
            " the same losses (checked). Ours reads the windows, normalises, reports every"
            " batch and writes a checkpoint every epoch."
        ),
        figures=[
            at_most(
                "Overhead (median)",
                median([_overhead(one) for one in rounds]),
                LIMIT_PERCENT,
                "%",
                n=count,
            ),
            Figure("Overhead, process with the least (median)", min(each), "%", ROUNDS),
            Figure("Overhead, process with the most (median)", max(each), "%", ROUNDS),
            Figure("Our engine", seen / ours, "windows/s", count),
            Figure("Bare loop", seen / bare, "windows/s", count),
        ],
        command="python -m benchmarks.training_overhead",
    )


def _rounds() -> list[Seconds]:
    """Processor time of both; side by side, so that what else the machine does meets both."""
    training, validation = _windows(0, TRAINING_WINDOWS), _windows(1, VALIDATION_WINDOWS)
    found = []
    for turn in range(ROUNDS + 1):
        seconds: Seconds = {}
        losses: dict[str, list[float]] = {}
        for name in ("ours", "bare") if turn % 2 else ("bare", "ours"):
            work = _ours if name == "ours" else _bare
            begin = time.process_time()
            losses[name] = work(training, validation)
            seconds[name] = time.process_time() - begin
        np.testing.assert_allclose(losses["ours"], losses["bare"], rtol=1e-4)
        found.append(seconds)
    return found[1:]  # the first round warms up


def _overhead(seconds: Seconds) -> float:
    return (seconds["ours"] / seconds["bare"] - 1) * 100


def _ours(training: WindowSet, validation: WindowSet) -> list[float]:
    reports: list[Progress] = []
    with tempfile.TemporaryDirectory() as folder:
        trained = train_network(
            CONFIG,
            CLASSES,
            training,
            validation,
            checkpoint=Path(folder) / "checkpoint.pt",
            report=reports.append,
        )
    return [record.train_loss for record in trained.history]


def _bare(training: WindowSet, validation: WindowSet) -> list[float]:
    torch.set_num_threads(1)
    torch.manual_seed(CONFIG.seed)
    x, y, x_seen, y_seen = _tensors(training, validation)
    network = build_network(CONFIG.card, CONFIG.parameters, 1, len(CLASSES), CONFIG.seed)
    criterion = nn.CrossEntropyLoss(weight=balanced_weights(training.targets, len(CLASSES)))
    optimiser = torch.optim.AdamW(
        network.parameters(), CONFIG.learning_rate, weight_decay=CONFIG.weight_decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)
    losses = []
    for epoch in range(EPOCHS):
        network.train()
        total = 0.0
        order = torch.from_numpy(np.random.default_rng([CONFIG.seed, epoch]).permutation(len(x)))
        for chosen in torch.split(order, CONFIG.batch_size):
            optimiser.zero_grad(set_to_none=True)
            loss = criterion(network(x[chosen]), y[chosen])
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), CONFIG.gradient_clip)
            optimiser.step()
            total += loss.item() * len(chosen)
        network.eval()
        with torch.inference_mode():
            for first in range(0, len(x_seen), 256):
                seen = slice(first, first + 256)
                criterion(network(x_seen[seen]), y_seen[seen]).item()
        schedule.step()
        losses.append(total / len(x))
    return losses


_kept: dict[int, tuple[torch.Tensor, ...]] = {}


def _tensors(training: WindowSet, validation: WindowSet) -> tuple[torch.Tensor, ...]:
    """The normalised windows; made once, before the clock of the counted rounds."""
    if id(training) not in _kept:
        normaliser = fit_normaliser(CONFIG.normalisation, training)
        x, x_seen = (
            torch.from_numpy(normaliser.apply(part.read_all())) for part in (training, validation)
        )
        y, y_seen = (torch.from_numpy(part.targets) for part in (training, validation))
        _kept[id(training)] = (x, y, x_seen, y_seen)
    return _kept[id(training)]


def _windows(seed: int, count: int) -> WindowSet:
    """Windows of noise, half of them with a tone."""
    rng = np.random.default_rng(seed)
    samples = {n: rng.normal(size=count // 2 * WINDOW).astype(np.float32) for n in range(2)}
    samples[1] += np.sin(np.arange(samples[1].size) / 7).astype(np.float32)
    members = [Candidate(n, CLASSES[n], CLASSES[n], "g", s.size, 1e4) for n, s in samples.items()]
    return windows_of(
        members,
        CLASSES,
        lambda recording, _channel, start, stop: samples[recording][start:stop],
        channels=(0,),
        window=WINDOW,
        hop=WINDOW,
        sample_rate_hz=1e4,
    )


if __name__ == "__main__":
    main(run)
