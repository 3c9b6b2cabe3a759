"""Local outlier factor: the density around the neighbours over the density around the row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need
from diagnostics.detectors.neighbours import Found, Reference, load_reference
from diagnostics.progress import Progress, Report

_LEAST = 1e-10


@dataclass(frozen=True, eq=False)
class LocalDensity:
    """Reference rows with the distance to their last neighbour and their density.

    Attributes
    ----------
    reach : array of shape (reference rows,)
        Distance to the last neighbour.
    density : array of shape (reference rows,)
        1 / mean reachability distance.
    """

    reference: Reference
    neighbours: int
    reach: Values
    density: Values

    def scores(self, values: Values) -> Scores:
        return self.of_found(self.reference.nearest(values, self.neighbours))

    def of_found(self, found: Found) -> Scores:
        near: Scores = self.density[found.places].mean(axis=1)
        return near / density(found, self.reach)

    def contributions(self, values: Values) -> Values:
        """Mean squared difference to the neighbours in each column."""
        return self.reference.differences(values, self.neighbours)

    def state(self) -> State:
        arrays = {"rows": self.reference.rows, "reach": self.reach, "density": self.density}
        settings = {"neighbours": self.neighbours, "algorithm": self.reference.algorithm}
        return State(settings, arrays)


def density(found: Found, reach: Values) -> Values:
    """Reachability density: no neighbour counts as closer than its own last neighbour is."""
    distances = np.maximum(found.distances, reach[found.places])
    lying: Values = 1.0 / (distances.mean(axis=1) + _LEAST)
    return lying


def fit(values: Values, config: Config, report: Report) -> tuple[LocalDensity, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    reference, places = Reference.of(values, algorithm=str(config["algorithm"]))
    neighbours, others = int(config["n_neighbors"]), len(reference.rows) - 1
    if neighbours >= others:
        # Where all rows are neighbours of each other, none is in a place of its own.
        neighbours = max(1, others // 2)
    found = reference.nearest(reference.rows, neighbours)
    report(Progress("fit", 1, 2, "densities"))
    reach = found.distances[:, -1]
    model = LocalDensity(reference, neighbours, reach, density(found, reach))
    return model, model.of_found(found)[places]


def load(state: State) -> LocalDensity:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    algorithm = str(state.settings["algorithm"])
    reference = load_reference(state.arrays["rows"], algorithm=algorithm)
    neighbours = int(state.settings["neighbours"])
    reach, lying = state.arrays["reach"], state.arrays["density"]
    need(0 < neighbours < len(reference.rows))
    need(reach.shape == lying.shape == (len(reference.rows),) and bool((lying > 0).all()))
    return LocalDensity(reference, neighbours, reach, lying)
