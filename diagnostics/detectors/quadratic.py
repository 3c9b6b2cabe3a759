"""Squared distances from a middle, measured in directions with units of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnostics.detectors.algorithm import Scores, State, Values, need

RIDGE = 1e-6
"""Variance in scaled units that is added: where columns repeat each other exactly, a row that
breaks this is very far away, not infinitely far."""


@dataclass(frozen=True, eq=False)
class Quadratic:
    """The score is the squared length of ``(row − middle) @ directions``.

    Attributes
    ----------
    middle : array of shape (columns,)
    directions : array of shape (columns, directions)
    """

    middle: Values
    directions: Values

    def scores(self, values: Values) -> Scores:
        found: Scores = (((values - self.middle) @ self.directions) ** 2).sum(axis=1)
        return found

    def contributions(self, values: Values) -> Values:
        """What each column adds to the squared distance; the sum is the score."""
        away = values - self.middle
        found: Values = away * ((away @ self.directions) @ self.directions.T)
        return found

    def state(self) -> State:
        return State({}, {"middle": self.middle, "directions": self.directions})


def load_quadratic(state: State) -> Quadratic:
    """From a stored state."""
    middle, directions = state.arrays["middle"], state.arrays["directions"]
    need(middle.ndim == 1 and directions.ndim == 2 and len(middle) == len(directions))
    return Quadratic(middle, directions)


def principal(covariance: Values) -> tuple[Values, Values]:
    """Variances along the principal axes, highest first, and the axes as columns."""
    variances, axes = np.linalg.eigh(covariance)
    return np.maximum(variances[::-1], 0.0) + RIDGE, axes[:, ::-1]
