"""Detectors on public labelled data: ADBench tables, the SKAB test rig, NAB series.

No constant is chosen per file. The data are looked for in ``ROTORSCOPE_REAL_DATA``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f as f_distribution
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

from benchmarks.measure import DATA, Benchmark, Figure, at_least, at_most, main, need_real_data
from benchmarks.nab_scoring import nab_score, read_series, windowed_gaussian
from diagnostics.detectors.detector import detect
from diagnostics.detectors.registry import ALGORITHMS
from diagnostics.detectors.table import ArrayTable

SEED = 42
TRAINED = 400
# A network for each table or file would take longer than all others together.
SLOW = {"autoencoder", "deep_svdd"}
WINDOW = 32
Values = NDArray[np.float64]


def run() -> Benchmark:
    need_real_data()
    return Benchmark(
        name="anomaly_public",
        title="Anomalies in public data",
        method=(
            "ADBench: each of 12 labelled tables fitted and scored whole without labels at "
            "default parameters, mean area under the ROC curve. SKAB valve1: each of 16 files "
            f"fitted on its first {TRAINED} rows, the others flagged at the default threshold; "
            "F1 and false-alarm rate over all rows together, beside Hotelling’s T² with its "
            "99 % limit by the F distribution (always alarming has F1 0.70 there). NAB "
            "realKnownCause: NAB’s own scoring at the best common threshold; a detector is "
            f"fitted on the probation part, on the value with mean and deviation of the {WINDOW} "
            "values that end with it (those for series on the value alone); the baseline is NAB’s "
            "windowed Gaussian through the same scorer."
        ),
        figures=[*_adbench(), *_skab(), *_nab()],
        command="python -m benchmarks.anomaly_public",
    )


def _adbench() -> Iterator[Figure]:
    tables = []
    for path in sorted((DATA / "adbench").glob("*.npz")):
        with np.load(path) as file:
            tables.append((np.asarray(file["X"], dtype=float), np.asarray(file["y"]).ravel()))
    areas = {
        name: float(np.mean([_area(name, values, truth) for values, truth in tables]))
        for name, each in ALGORITHMS.items()
        if name not in SLOW and not each.needs_order
    }
    plain = float(np.mean([_plain_area(values, truth) for values, truth in tables]))
    count = len(tables)
    yield Figure("ADBench: plain scikit-learn isolation forest", plain, "AUC", count)
    apart = abs(areas["isolation_forest"] - plain)
    yield at_most("ADBench: our isolation forest is apart by", apart, 0.005, "AUC", n=count)
    single = {name: area for name, area in areas.items() if name != "ensemble"}
    best = max(single, key=single.__getitem__)
    for name, area in single.items():
        yield Figure(f"ADBench: {name}", area, "AUC", count)
    note = f"the best single one is {best}"
    yield at_least("ADBench: ensemble", areas["ensemble"], single[best], "AUC", n=count, note=note)


def _area(name: str, values: Values, truth: NDArray[np.generic]) -> float:
    return float(roc_auc_score(truth, detect(name, {}, ArrayTable.of_values(values)).raw))


def _plain_area(values: Values, truth: NDArray[np.generic]) -> float:
    forest = IsolationForest(random_state=SEED).fit(values)
    return float(roc_auc_score(truth, -forest.score_samples(values)))


def _skab() -> Iterator[Figure]:
    files = [_skab_file(number) for number in range(16)]
    limit = _told(files, [_hotelling(values) for values, _ in files])
    yield Figure("SKAB: Hotelling’s T² at 99 %, F1", limit[0], "", len(files))
    yield Figure("SKAB: Hotelling’s T² at 99 %, false alarms", limit[1], "%", len(files))
    for name in ALGORITHMS:
        score, false = _told(files, [_flags(name, values) for values, _ in files])
        if name == "ensemble":
            yield at_least(f"SKAB: {name}, F1", score, limit[0], "", n=len(files))
            yield at_most(f"SKAB: {name}, false alarms", false, limit[1], "%", n=len(files))
        else:
            yield Figure(f"SKAB: {name}, F1", score, "", len(files))
            yield Figure(f"SKAB: {name}, false alarms", false, "%", len(files))


def _skab_file(number: int) -> tuple[Values, NDArray[np.bool_]]:
    with (DATA / "skab" / "valve1" / f"{number}.csv").open() as file:
        rows = list(csv.reader(file, delimiter=";"))
    names = rows[0]
    sensors = [place for place, name in enumerate(names) if name not in LABELS]
    values = np.array([[float(row[place]) for place in sensors] for row in rows[1:]])
    return values, np.array([float(row[names.index("anomaly")]) > 0 for row in rows[1:]])


LABELS = ("datetime", "anomaly", "changepoint")


def _hotelling(values: Values) -> NDArray[np.bool_]:
    good = values[:TRAINED]
    away = values[TRAINED:] - good.mean(axis=0)
    inverse = np.linalg.pinv(np.cov(good, rowvar=False))
    count, columns = good.shape
    limit = columns * (count - 1) * (count + 1) / (count * (count - columns))
    limit *= f_distribution.ppf(0.99, columns, count - columns)
    flags: NDArray[np.bool_] = ((away @ inverse) * away).sum(axis=1) > limit
    return flags


def _flags(name: str, values: Values) -> NDArray[np.bool_]:
    good, rest = (ArrayTable.of_values(part) for part in (values[:TRAINED], values[TRAINED:]))
    return detect(name, {}, rest, fit_on=good).flags


def _told(
    files: list[tuple[Values, NDArray[np.bool_]]], flags: list[NDArray[np.bool_]]
) -> tuple[float, float]:
    """F1, and false alarms in percent of the ordinary rows."""
    truth = np.concatenate([labels[TRAINED:] for _, labels in files])
    said = np.concatenate(flags)
    right = (said & truth).sum()
    return float(2 * right / (said.sum() + truth.sum())), float(100 * said[~truth].mean())


def _nab() -> Iterator[Figure]:
    series = read_series(DATA / "nab")
    base, _ = nab_score(series, {each.name: windowed_gaussian(each.values) for each in series})
    yield Figure("NAB: windowed Gaussian", base, "points", len(series))
    for name in ALGORITHMS:
        if name in SLOW:
            continue
        scores = {one.name: _nab_scores(name, one.values, one.probation) for one in series}
        found, _ = nab_score(series, scores)
        yield Figure(f"NAB: {name}", found, "points", len(series))


def _nab_scores(name: str, values: Values, learned: int) -> Values:
    features = values[:, None] if ALGORITHMS[name].needs_order else _moving(values)
    table, good = (ArrayTable.of_values(part) for part in (features, features[:learned]))
    return detect(name, {}, table, fit_on=good).calibrated


def _moving(values: Values) -> Values:
    """The value, and mean and deviation of the window that ends with it: (rows, 3)."""
    padded = np.concatenate([np.full(WINDOW - 1, values[0]), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)
    return np.column_stack([values, windows.mean(axis=1), windows.std(axis=1)])


if __name__ == "__main__":
    main(run)
