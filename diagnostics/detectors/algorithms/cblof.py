"""Distance to the centre of the nearest large cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need
from diagnostics.progress import Progress, Report

_FARTHEST = 20.0
_STARTS = 3
_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, eq=False)
class Centres:
    """Of the large clusters: shape (clusters, columns)."""

    centres: Values

    def scores(self, values: Values) -> Scores:
        parts = [np.empty(0)]
        for start in range(0, len(values), _ROWS_AT_ONCE):
            part = values[start : start + _ROWS_AT_ONCE]
            parts.append(pairwise_distances(part, self.centres).min(axis=1))
        return np.concatenate(parts)

    def contributions(self, values: Values) -> Values:
        """Squared difference to the nearest centre in each column."""
        nearest = pairwise_distances(values, self.centres).argmin(axis=1)
        found: Values = (values - self.centres[nearest]) ** 2
        return found

    def state(self) -> State:
        return State({}, {"centres": self.centres})


def fit(values: Values, config: Config, report: Report) -> tuple[Centres, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    near = np.clip(values, -_FARTHEST, _FARTHEST)
    count = min(int(config["n_clusters"]), len(np.unique(near, axis=0)))
    seed = int(config["random_state"])
    clustering = KMeans(count, n_init=_STARTS, random_state=seed).fit(near)
    report(Progress("fit", 1, 2, "scoring"))
    sizes = np.bincount(clustering.labels_, minlength=count)
    order = np.argsort(-sizes, kind="stable")
    large = order[: large_clusters(sizes[order], float(config["alpha"]), float(config["beta"]))]
    model = Centres(np.array(clustering.cluster_centers_)[large])
    return model, model.scores(values)


def load(state: State) -> Centres:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    centres = state.arrays["centres"]
    need(centres.ndim == 2 and len(centres) > 0)
    return Centres(centres)


def large_clusters(sizes: NDArray[np.intp], alpha: float, beta: float) -> int:
    """How many clusters are large, of sizes in falling order.

    So many as hold the share ``alpha`` of the rows, or up to a step by the factor ``beta``.

    Examples
    --------
    >>> large_clusters(np.array([50, 45, 5]), 0.9, 5.0), large_clusters(np.array([10, 1]), 1.0, 5)
    (2, 1)
    """
    enough = int(np.searchsorted(np.cumsum(sizes), alpha * sizes.sum())) + 1
    steps = np.flatnonzero(sizes[:-1] >= beta * np.maximum(sizes[1:], 1))
    return min(enough, len(sizes), *(int(step) + 1 for step in steps[:1]))
