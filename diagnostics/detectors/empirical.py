"""How far out in the tails of its columns a value lies, by the fitted rows themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from diagnostics.detectors.algorithm import Scores, State, Values, need


@dataclass(frozen=True, eq=False)
class Tails:
    """The fitted columns.

    Attributes
    ----------
    ordered : array of shape (fitted rows, columns)
        Each column ascending.
    skewed : array of shape (columns,)
        −1, 0 or 1: the direction of the longer tail.
    """

    ordered: Values
    skewed: Values

    def left(self, values: Values) -> Values:
        """−ln of the share of fitted rows that are not above, column by column."""
        return self._log_share(values, self.ordered)

    def right(self, values: Values) -> Values:
        """−ln of the share of fitted rows that are not below."""
        return self._log_share(-values, -self.ordered[::-1])

    def longer(self, left: Values, right: Values) -> Values:
        """The side of the longer tail; both sides of a column without skew."""
        found: Values = np.where(self.skewed <= 0, left, 0.0)
        return found + np.where(self.skewed >= 0, right, 0.0)

    def _log_share(self, values: Values, ordered: Values) -> Values:
        count = len(ordered)
        columns = range(values.shape[1])
        ranks = [np.searchsorted(ordered[:, c], values[:, c], side="right") for c in columns]
        # Beyond all fitted rows: rarer than the rarest of them, by half a row.
        shares = np.maximum(np.column_stack(ranks), 0.5) / count
        found: Values = -np.log(shares)
        return found


@dataclass(frozen=True, eq=False)
class Columnwise:
    """A score that is a sum over columns of what their tails say.

    ``term`` takes the tails of the left and the right side, and of the longer one.
    """

    tails: Tails
    term: Callable[[Values, Values, Values], Values]

    def scores(self, values: Values) -> Scores:
        found: Scores = self.terms(values).sum(axis=1)
        return found

    def terms(self, values: Values) -> Values:
        """What each column adds to the score: (rows, columns)."""
        left, right = self.tails.left(values), self.tails.right(values)
        return self.term(left, right, self.tails.longer(left, right))

    def contributions(self, values: Values) -> Values:
        """What each column adds beyond what it adds for its median value."""
        return self.terms(values) - self.terms(np.zeros((1, values.shape[1])))

    def state(self) -> State:
        return State({}, {"ordered": self.tails.ordered, "skewed": self.tails.skewed})


def fit_tails(values: Values) -> Tails:
    """From the fitted rows; skew is measured by the third moment."""
    away = values - values.mean(axis=0)
    return Tails(np.sort(values, axis=0), np.sign((away**3).mean(axis=0)))


def load_tails(state: State) -> Tails:
    """From a stored state."""
    ordered, skewed = state.arrays["ordered"], state.arrays["skewed"]
    need(ordered.ndim == 2 and len(ordered) > 0 and skewed.shape == ordered.shape[1:])
    need(bool((np.diff(ordered, axis=0) >= 0).all()))
    return Tails(ordered, skewed)
