"""Limits for each column: how far the worst column of a row lies outside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need
from diagnostics.progress import Progress, Report

_MAD_TO_DEVIATION = 1.4826


@dataclass(frozen=True, eq=False)
class Limits:
    """A column lies ordinary between ``low`` and ``high``, and ``unit`` measures beyond."""

    low: Values
    high: Values
    unit: Values

    def scores(self, values: Values) -> Scores:
        found: Scores = self.contributions(values).max(axis=1)
        return found

    def contributions(self, values: Values) -> Values:
        """Units outside, column by column; below 0 inside, where iqr has limits of some width."""
        found: Values = np.maximum(self.low - values, values - self.high) / self.unit
        return found

    def state(self) -> State:
        return State({}, {"low": self.low, "high": self.high, "unit": self.unit})


def fit(values: Values, config: Config, report: Report) -> tuple[Limits, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    if config["method"] == "zscore":
        middle = values.mean(axis=0)
        low, high, unit = middle, middle, values.std(axis=0)
    elif config["method"] == "mad":
        middle = np.median(values, axis=0)
        low, high = middle, middle
        unit = _MAD_TO_DEVIATION * np.median(np.abs(values - middle), axis=0)
    else:
        low, high = np.percentile(values, [25, 75], axis=0)
        unit = high - low
    # More than half of the rows are the same: preprocessing found a scale, and it is 1 there.
    model = Limits(low, high, np.where(unit > 0, unit, 1.0))
    report(Progress("fit", 1, 1))
    return model, model.scores(values)


def load(state: State) -> Limits:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    low, high, unit = (state.arrays[name] for name in ("low", "high", "unit"))
    need(low.ndim == 1 and low.shape == high.shape == unit.shape and bool((unit > 0).all()))
    return Limits(low, high, unit)
