"""Every network of the registry, as it comes, trained to its last epoch on real recordings."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import torch
from scipy.stats import binomtest

from benchmarks.cwru_protocols import LOAD, RATE_HZ, SEED, WINDOW, Recordings
from benchmarks.measure import Benchmark, Figure, main, need_real_data
from benchmarks.tested import train_and_test
from diagnostics.networks.registry import NETWORKS
from diagnostics.training.card import Card
from diagnostics.training.config import Draw, HeldOutGroups, TrainingConfig

EPOCHS = 40
TEST_LOAD = "3"


def run() -> Benchmark:
    need_real_data()
    torch.set_num_threads(1)
    recordings = Recordings()
    return Benchmark(
        name="networks_on_cwru",
        title="Every network on real recordings",
        method=(
            "The default parameters of each network, three kinds of damage of CWRU (drive end, "
            f"12 kHz, 5 s), loads 0 to 2 hp to learn from, load {TEST_LOAD} hp kept away: the same "
            f"bearings, so this is no new diagnosis. Windows of {WINDOW} samples, {EPOCHS} epochs "
            "with one random window of each recording, the last one is taken; nothing tuned. "
            f"Seed {SEED}, one thread. Intervals: Wilson, 95 %, as if recordings were independent."
        ),
        figures=[figure for card in NETWORKS for figure in _trained(card, recordings)],
        command="python -m benchmarks.networks_on_cwru",
    )


def _trained(card: Card, recordings: Recordings) -> Iterator[Figure]:
    config = TrainingConfig(
        HeldOutGroups(test=(TEST_LOAD,)),
        classifier=card.name,
        group_by=LOAD,
        window=WINDOW,
        hop=WINDOW,
        epochs=EPOCHS,
        batch_size=16,
        draw=Draw.ONE_EACH,
        patience=0,
        seed=SEED,
    )
    begin = time.perf_counter()
    vote = train_and_test(recordings.candidates(LOAD), recordings.read, config, RATE_HZ).vote()
    seconds = time.perf_counter() - begin
    right = vote.probabilities.argmax(axis=1) == vote.targets
    interval = binomtest(int(right.sum()), right.size).proportion_ci(method="wilson")
    note = f"95 %: {interval.low:.2f} to {interval.high:.2f}; {seconds:.0f} s"
    sys.stderr.write(f"{card.name}: {right.mean():.3f} {note}\n")
    yield Figure(f"{card.title}: recordings", float(right.mean()), "", right.size, note=note)


if __name__ == "__main__":
    main(run)
