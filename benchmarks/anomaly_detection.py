"""How long a detection takes beside the bare library, fit and scores of all rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import psutil
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

from benchmarks.measure import Benchmark, Figure, at_most, main, median, seconds_of
from benchmarks.planted import planted
from diagnostics.detectors.detector import contributing, detect
from diagnostics.detectors.registry import ALGORITHMS
from diagnostics.detectors.table import ArrayTable, Block, Column, Rows
from diagnostics.progress import Progress

ROWS, COLUMNS = 10_000, 10
TIMES, MORE_S = 1.3, 0.1
REPEAT = 5
LARGE = (1_000_000, 20)
MOST_MIB = 512
Values = NDArray[np.float64]


def run() -> Benchmark:
    values = planted(7, ROWS, COLUMNS).values
    return Benchmark(
        name="anomaly_detection",
        title="Time of a detection",
        method=(
            f"{ROWS:,} rows × {COLUMNS} columns in memory, default parameters, medians. Ours: "
            "preprocessing, fit, scores of all rows, calibration, threshold, and what each column "
            "does to the flagged rows. Bare: scikit-learn’s estimator on standardised columns, "
            "fit and scores (of the isolation forest fit and score_samples); for statistical: "
            f"z-scores in numpy. Promised: at most {TIMES} times the bare time plus "
            f"{MORE_S * 1000:.0f} ms. The large table is made block by block as it is read and "
            "is never in memory as a whole; memory is what the process grows by meanwhile."
        ),
        figures=[*_beside(values), *_others(values), *_large()],
        command="python -m benchmarks.anomaly_detection",
    )


def _beside(values: Values) -> Iterator[Figure]:
    for name, work in BARE.items():
        theirs = median(seconds_of(partial(work, values), repeat=REPEAT))
        ours = median(seconds_of(partial(_ours, name, values), repeat=REPEAT))
        yield Figure(f"{name}, bare library", theirs, "s", REPEAT)
        yield at_most(name, ours, TIMES * theirs + MORE_S, "s", n=REPEAT)


def _others(values: Values) -> Iterator[Figure]:
    for name in ALGORITHMS:
        if name not in ("isolation_forest", "lof", "one_class_svm", "statistical"):
            seconds = seconds_of(partial(_ours, name, values), repeat=1, warm_up=0)
            yield Figure(name, seconds[0], "s")


@dataclass(frozen=True)
class Streamed:
    """A table of random numbers that is never there as a whole."""

    rows: int
    columns: tuple[Column, ...]

    def blocks(self, rows: int) -> Iterator[Block]:
        for start in range(0, self.rows, rows):
            yield self._block(start, min(rows, self.rows - start))

    def take(self, rows: Rows) -> Block:
        # Which numbers they are does not matter here, only how many.
        return self._block(self.rows, len(rows))

    def _block(self, seed: int, count: int) -> Block:
        made = np.random.default_rng(seed).normal(size=(len(self.columns), count))
        return tuple(made)


def _large() -> Iterator[Figure]:
    table = Streamed(LARGE[0], tuple(Column(f"c{number}") for number in range(LARGE[1])))
    process = psutil.Process()
    for name in ("hbos", "isolation_forest"):
        before, grown = process.memory_info().rss, [0.0]

        def note(progress: Progress, before: int = before, grown: list[float] = grown) -> None:
            grown.append((process.memory_info().rss - before) / 2**20)

        begun = time.perf_counter()
        detect(name, {}, table, report=note)
        rows = table.rows / (time.perf_counter() - begun)
        what = f"{name}, {table.rows:,} × {LARGE[1]} read in blocks"
        yield Figure(what, rows, "rows/s")
        yield at_most(f"{what}: memory grown", max(grown), MOST_MIB, "MiB")


def _ours(name: str, values: Values) -> None:
    table = ArrayTable.of_values(values)
    found = detect(name, {}, table)
    contributing(found.detector.contributions(table, np.flatnonzero(found.flags)))
    assert len(found.calibrated) == len(values)


def _forest(values: Values) -> Values:
    scores: Values = IsolationForest(random_state=42).fit(values).score_samples(values)
    return scores


def _lof(values: Values) -> Values:
    scaled = StandardScaler().fit_transform(values)
    scores: Values = LocalOutlierFactor().fit(scaled).negative_outlier_factor_
    return scores


def _svm(values: Values) -> Values:
    scaled = StandardScaler().fit_transform(values)
    scores: Values = OneClassSVM(nu=0.1).fit(scaled).decision_function(scaled)
    return scores


def _zscore(values: Values) -> Values:
    scores: Values = np.abs((values - values.mean(axis=0)) / values.std(axis=0)).max(axis=1)
    return scores


BARE: dict[str, Callable[[Values], object]] = {
    "isolation_forest": _forest,
    "lof": _lof,
    "one_class_svm": _svm,
    "statistical": _zscore,
}


if __name__ == "__main__":
    main(run)
