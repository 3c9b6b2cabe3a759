"""The scoring of the Numenta Anomaly Benchmark, standard profile.

A window of time stands around each known anomaly. The first 15 % of a series (750 rows at most)
are for learning and do not count. In a window only the alarm that is worth most counts: nearly 1
at the left edge, 0 at the right, and −1 when there is none. An alarm outside costs 0.11, less
shortly after a window. One threshold is taken for all series, the best. 100 is perfect, 0 is a
detector that never alarms. (A. Lavin, S. Ahmad, Evaluating Real-Time Anomaly Detection
Algorithms, ICMLA 2015, and the reference implementation, whose positions this follows.)
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
FALSE_ALARM = 0.11
PROBATION = 0.15
_FAR = 3.0


@dataclass(frozen=True, eq=False)
class Series:
    """One series: values, and windows as (first row, last row)."""

    name: str
    values: Values
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        """Rows at the beginning that are for learning."""
        return int(min(PROBATION * len(self.values), PROBATION * 5000))


def read_series(folder: Path) -> list[Series]:
    """The series of realKnownCause with their windows."""
    limits = json.loads((folder / "combined_windows_realKnownCause.json").read_text())
    found = []
    for name, windows in limits.items():
        with gzip.open(folder / f"{name}.gz", "rt") as file:
            rows = list(csv.DictReader(file))
        places = {row["timestamp"]: number for number, row in enumerate(rows)}
        ends = tuple((places[low[:19]], places[high[:19]]) for low, high in windows)
        values = np.array([float(row["value"]) for row in rows])
        found.append(Series(Path(name).stem, values, ends))
    return found


def worth(series: Series) -> tuple[Values, NDArray[np.intp]]:
    """What an alarm at each row is worth, and in which window it lies (−1: none).

    Shape (rows,) both; in a window the worth is at most 1, outside it is negative.
    """
    rows = np.arange(len(series.values))
    position = np.full(len(rows), _FAR)
    inside = np.full(len(rows), -1, dtype=np.intp)
    for number, (low, high) in enumerate(series.windows):
        width = high - low + 1
        within = (rows >= low) & (rows <= high)
        position[within] = -(high - rows[within] + 1) / width
        inside[within] = number
        after = rows > high
        position[after] = (rows[after] - high) / (width - 1)
    sigmoid = 2.0 / (1.0 + np.exp(5.0 * position)) - 1.0
    sigmoid[position >= _FAR] = -1.0
    best = 2.0 / (1.0 + np.exp(-5.0)) - 1.0
    return np.where(inside >= 0, sigmoid / best, FALSE_ALARM * sigmoid), inside


def nab_score(series: Sequence[Series], scores: Mapping[str, Values]) -> tuple[float, float]:
    """The score at the best common threshold, and that threshold.

    Parameters
    ----------
    series : sequence of Series
    scores : mapping of str to array of shape (rows,)
        Anomaly scores of each series, higher is worse.
    """
    worths, alarms, windows = [], [], []
    count = 0
    for each in series:
        value, inside = worth(each)
        inside = np.where(inside >= 0, inside + count, -1)
        count += len(each.windows)
        kept = slice(each.probation, None)
        worths.append(value[kept])
        windows.append(inside[kept])
        alarms.append(scores[each.name][kept])
    value, window, alarm = np.concatenate(worths), np.concatenate(windows), np.concatenate(alarms)
    order = np.argsort(-alarm, kind="stable")
    totals = _totals(value[order], window[order])
    # Rows with the same score are alarms together.
    last = np.append(np.diff(alarm[order]) != 0, True)
    total = np.append(-float(len(set(window[window >= 0]))), totals[last])
    least = -float(len(set(window[window >= 0])))
    best = int(np.argmax(total))
    threshold = np.append(np.inf, alarm[order][last])[best]
    return float(100.0 * (total[best] - least) / -(2.0 * least)), float(threshold)


def _totals(worths: Values, windows: NDArray[np.intp]) -> Values:
    """The whole score after each further alarm, strongest first."""
    best: dict[int, float] = dict.fromkeys(set(windows[windows >= 0].tolist()), -1.0)
    whole = -float(len(best))
    found = np.empty(len(worths))
    for number, (value, window) in enumerate(zip(worths.tolist(), windows.tolist(), strict=True)):
        if window < 0:
            whole += value
        elif value > best[window]:
            whole += value - best[window]
            best[window] = value
        found[number] = whole
    return found


def windowed_gaussian(values: Values, window: int = 6400, step: int = 100) -> Values:
    """NAB’s simplest baseline: how far out a value lies by the mean and deviation of the past.

    Both are of all values before until there are ``window`` of them; then of so many, moving on
    every ``step`` rows.
    """
    from scipy.stats import norm

    found = np.zeros(len(values))
    row = 1
    while row < len(values):
        later = min(row + (1 if row < window else step), len(values))
        past = values[max(0, row - window) : row]
        away = np.abs(values[row:later] - past.mean()) / (past.std() or 1e-6)
        found[row:later] = 1.0 - norm.sf(away)
        row = later
    return found
