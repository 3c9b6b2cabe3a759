"""How unlike every fitted window the shape of a window is, whatever its height and size.

The squared distance of z-normalised windows to the nearest fitted one, over all columns. A window
that is itself among the fitted ones is compared with those that do not overlap it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need
from diagnostics.detectors.series import from_the_start, need_length, windows
from diagnostics.errors import DetectionError
from diagnostics.progress import Progress, Report

# In robust deviations; a flat stretch has no shape but that of its noise.
_FLAT = 0.05
_CELLS_AT_ONCE = 4_000_000
_MOST_CELLS = 64_000_000
"""Of all fitted windows: 512 MB."""


@dataclass(frozen=True, eq=False)
class Profile:
    """The fitted series, from which all its windows are cut.

    Attributes
    ----------
    series : array of shape (rows, columns)
    length : int
        Of a window.
    usual : array of shape (columns,)
        Terms of an ordinary window.
    """

    series: Values
    length: int
    usual: Values

    @property
    def before(self) -> int:
        return self.length - 1

    def scores(self, values: Values) -> Scores:
        found: Scores = self.terms(values).sum(axis=1)
        return found

    def terms(self, values: Values) -> Values:
        """Squared distance to the nearest window in each column, over the length."""
        found = self.of_windows(windows(values, self.length))
        return from_the_start(found, self.usual, len(values))

    def of_windows(self, cut: Values) -> Values:
        step = max(1, _CELLS_AT_ONCE // max(len(self._shapes), self._shapes.shape[1]))
        parts = [np.empty((0, cut.shape[1]))]
        for start in range(0, len(cut), step):
            parts.append(self._of_part(cut[start : start + step]))
        return np.concatenate(parts)

    def contributions(self, values: Values) -> Values:
        return self.terms(values)

    def state(self) -> State:
        return State({"length": self.length}, {"series": self.series, "usual": self.usual})

    def _of_part(self, part: Values) -> Values:
        shapes = _shapes(part)
        apart = (shapes**2).sum(axis=1)[:, None] + self._sizes - 2.0 * shapes @ self._shapes.T
        nearest = apart.argmin(axis=1)
        itself = (part == self._cut[nearest]).all(axis=(1, 2))
        for row in np.flatnonzero(itself):
            low = max(0, int(nearest[row]) - self.length + 1)
            apart[row, low : nearest[row] + self.length] = np.inf
        nearest[itself] = apart[itself].argmin(axis=1)
        away = (shapes - self._shapes[nearest]) ** 2
        found: Values = away.reshape(part.shape).sum(axis=2) / self.length
        return found

    @cached_property
    def _cut(self) -> Values:
        return windows(self.series, self.length)

    @cached_property
    def _shapes(self) -> Values:
        return _shapes(self._cut)

    @cached_property
    def _sizes(self) -> Values:
        sizes: Values = (self._shapes**2).sum(axis=1)
        return sizes


def fit(values: Values, config: Config, report: Report) -> tuple[Profile, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    length = int(config["window"])
    need_length(values, length)
    if values.size * length > _MOST_CELLS:
        raise DetectionError(
            f"Windows of {length} rows over {values.shape[1]} columns are too much to compare. "
            "Choose a shorter window or fewer columns."
        )
    report(Progress("fit", 1, 2, "comparing windows"))
    rough = Profile(values, length, np.zeros(values.shape[1]))
    terms = rough.of_windows(windows(values, length))
    usual = np.median(terms, axis=0)
    return replace(rough, usual=usual), from_the_start(terms, usual, len(values)).sum(axis=1)


def load(state: State) -> Profile:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    series, usual = state.arrays["series"], state.arrays["usual"]
    length = int(state.settings["length"])
    need(series.ndim == 2 and length > 1 and len(series) >= 4 * length)
    need(usual.shape == series.shape[1:])
    return Profile(series, length, usual)


def _shapes(cut: NDArray[np.float64]) -> Values:
    """Windows without their mean and size, the columns one behind the other."""
    spread = np.maximum(cut.std(axis=2, keepdims=True), _FLAT)
    found: Values = (cut - cut.mean(axis=2, keepdims=True)) / spread
    return found.reshape(len(cut), -1)
