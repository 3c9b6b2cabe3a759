"""Principal components of windows: how far a window lies from those that were fitted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need
from diagnostics.detectors.quadratic import principal
from diagnostics.detectors.series import from_the_start, in_parts, need_length, windows
from diagnostics.progress import Progress, Report

_FARTHEST = 10.0
# Of the strongest component; below lies noise of the sensor.
_WEAKEST = 1e-3


@dataclass(frozen=True, eq=False)
class Shapes:
    """The components of each column.

    Attributes
    ----------
    middle : array of shape (columns, window)
    directions : array of shape (columns, window, window)
        Axes divided by their spread.
    usual : array of shape (columns,)
        Terms of an ordinary window.
    """

    middle: Values
    directions: Values
    usual: Values

    @property
    def before(self) -> int:
        return int(self.middle.shape[1]) - 1

    def scores(self, values: Values) -> Scores:
        found: Scores = self.terms(values).sum(axis=1)
        return found

    def terms(self, values: Values) -> Values:
        """Squared distance of the window of each column over the length of the window."""
        found = self.of_windows(windows(values, self.middle.shape[1]))
        return from_the_start(found, self.usual, len(values))

    def of_windows(self, cut: Values) -> Values:
        parts = [np.empty((0, len(self.middle)))]
        for part in in_parts(cut):
            along = np.einsum("rcw,cwd->rcd", part - self.middle, self.directions, optimize=True)
            parts.append((along**2).mean(axis=2))
        return np.concatenate(parts)

    def contributions(self, values: Values) -> Values:
        return self.terms(values)

    def state(self) -> State:
        arrays = {"middle": self.middle, "directions": self.directions, "usual": self.usual}
        return State({}, arrays)


def fit(values: Values, config: Config, report: Report) -> tuple[Shapes, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    length = int(config["window"])
    need_length(values, length)
    near = np.clip(values, -_FARTHEST, _FARTHEST)
    found = windows(near, length)
    directions = []
    for column in range(values.shape[1]):
        variances, axes = principal(np.cov(found[:, column], rowvar=False, ddof=0))
        directions.append(axes / np.sqrt(np.maximum(variances, _WEAKEST * variances[0])))
        report(Progress("fit", column + 1, values.shape[1]))
    rough = Shapes(found.mean(axis=0), np.stack(directions), np.zeros(values.shape[1]))
    model = replace(rough, usual=np.median(rough.of_windows(found), axis=0))
    return model, model.scores(values)


def load(state: State) -> Shapes:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    middle, directions, usual = (state.arrays[n] for n in ("middle", "directions", "usual"))
    need(middle.ndim == 2 and middle.size > 0 and usual.shape == middle.shape[:1])
    need(directions.shape == (*middle.shape, middle.shape[1]))
    return Shapes(middle, directions, usual)
