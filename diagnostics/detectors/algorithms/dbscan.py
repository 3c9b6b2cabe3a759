"""DBSCAN with a score for all rows: the distance to the nearest core of a cluster over eps.

Above 1 is what DBSCAN calls noise. A core itself scores at most 1, by the nearest other core.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need, occlusion
from diagnostics.detectors.neighbours import Reference, load_reference
from diagnostics.progress import Progress, Report

_LEAST_CORES = 3
_METRICS = ("euclidean", "manhattan", "cosine")


@dataclass(frozen=True, eq=False)
class Clusters:
    """The cores of all clusters.

    Attributes
    ----------
    reference : Reference
        The cores; all rows when there is no core.
    neighbours : int
        1; without cores as many as would have made one: all rows are noise then.
    """

    reference: Reference
    eps: float
    neighbours: int

    def scores(self, values: Values) -> Scores:
        if len(self.reference.rows) < _LEAST_CORES:
            # A core among so few has no other core to be measured by.
            apart = pairwise_distances(values, self.reference.rows, metric=self.reference.metric)
            nearest: Scores = apart.min(axis=1) / self.eps
            return nearest
        found = self.reference.nearest(values, self.neighbours)
        distances: Scores = found.distances[:, -1] / self.eps
        if self.neighbours > 1:
            return distances
        return np.where(found.own >= 0, np.minimum(distances, 1.0), distances)

    def contributions(self, values: Values) -> Values:
        """Squared difference to the nearest core in each column."""
        if len(self.reference.rows) < _LEAST_CORES:
            return occlusion(self, values)
        return self.reference.differences(values, self.neighbours)

    def state(self) -> State:
        settings = {
            "eps": self.eps,
            "neighbours": self.neighbours,
            "metric": self.reference.metric,
        }
        return State(settings, {"rows": self.reference.rows})


def fit(values: Values, config: Config, report: Report) -> tuple[Clusters, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    metric, least = str(config["metric"]), int(config["min_samples"])
    search = NearestNeighbors(metric=metric).fit(values)
    distances = search.kneighbors(values, min(least, len(values)))[0][:, -1]
    report(Progress("fit", 1, 2, "distances"))
    eps = knee(distances) if config["eps"] == "auto" else float(config["eps"])
    is_core = distances <= eps
    cores = is_core.any()
    reference, _ = Reference.of(values[is_core] if cores else values, metric, least=1)
    model = Clusters(reference, eps, 1 if cores else max(2, least - 1))
    return model, model.scores(values)


def load(state: State) -> Clusters:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    metric = str(state.settings["metric"])
    need(metric in _METRICS)
    eps, neighbours = float(state.settings["eps"]), int(state.settings["neighbours"])
    need(eps > 0 and neighbours > 0)
    return Clusters(load_reference(state.arrays["rows"], metric, least=1), eps, neighbours)


def knee(distances: Values) -> float:
    """Where the sorted distances to the last neighbour begin to rise steeply.

    The point farthest below the straight line from the shortest to the longest.

    Examples
    --------
    >>> knee(np.array([1.0, 1.1, 1.2, 1.3, 9.0]))
    1.3
    """
    ordered = np.sort(distances)
    line = np.linspace(ordered[0], ordered[-1], len(ordered))
    found = float(ordered[np.argmax(line - ordered)])
    positive = ordered[ordered > 0]
    if found > 0:
        return found
    return float(positive[0]) if len(positive) else 1e-6
