"""A histogram of each column; the score adds up how empty the bins of a row are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need
from diagnostics.progress import Progress, Report

# Beyond lies one bin on each side: a single huge value would make all others fall into one.
_FARTHEST = 10.0
_EMPTY = 0.5
_BINS = (5, 200)


@dataclass(frozen=True, eq=False)
class Histograms:
    """One for each column.

    Attributes
    ----------
    edges : array of shape (edges, columns)
        Ascending; outside them lie two more bins.
    surprise : array of shape (edges + 1, columns)
        −ln of the density in each bin.
    """

    edges: Values
    surprise: Values

    def scores(self, values: Values) -> Scores:
        found: Scores = self.terms(values).sum(axis=1)
        return found

    def terms(self, values: Values) -> Values:
        """What each column adds to the score: (rows, columns)."""
        columns = range(values.shape[1])
        return np.column_stack([self._column(values[:, c], c) for c in columns])

    def contributions(self, values: Values) -> Values:
        """What each column adds beyond what it adds for its median value."""
        return self.terms(values) - self.terms(np.zeros((1, values.shape[1])))

    def state(self) -> State:
        return State({}, {"edges": self.edges, "surprise": self.surprise})

    def _column(self, values: Values, column: int) -> Values:
        places = np.searchsorted(self.edges[:, column], values, side="left")
        found: Values = self.surprise[places, column]
        return found


def fit(values: Values, config: Config, report: Report) -> tuple[Histograms, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    bins = _usual_bins(len(values)) if config["n_bins"] == "auto" else int(config["n_bins"])
    low, high = np.clip([values.min(axis=0), values.max(axis=0)], -_FARTHEST, _FARTHEST)
    # The lowest value belongs into the first bin, so its edge lies a little below.
    edges = np.linspace(low - (high - low) * 1e-9, high, bins + 1)
    columns = range(values.shape[1])
    surprise = np.column_stack([_surprise(values[:, c], edges[:, c]) for c in columns])
    report(Progress("fit", 1, 1))
    model = Histograms(edges, surprise)
    return model, model.scores(values)


def load(state: State) -> Histograms:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    edges, surprise = state.arrays["edges"], state.arrays["surprise"]
    need(edges.ndim == 2 and surprise.shape == (len(edges) + 1, edges.shape[1]))
    return Histograms(edges, surprise)


def _usual_bins(rows: int) -> int:
    """Bins of Freedman and Diaconis over a range of ten deviations."""
    return int(np.clip(10.0 * rows ** (1 / 3) / 2.7, *_BINS))


def _surprise(values: Values, edges: Values) -> Values:
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    widths = np.diff(edges)
    whole = edges[-1] - edges[0]
    widths = np.concatenate([[whole], widths, [whole]])
    found: Values = -np.log(np.maximum(counts, _EMPTY) / len(values) / widths)
    return found
