"""Distance to the nearest other rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need
from diagnostics.detectors.neighbours import Found, Reference, load_reference
from diagnostics.progress import Progress, Report

_METHODS: dict[str, Any] = {"largest": np.max, "mean": np.mean, "median": np.median}


@dataclass(frozen=True, eq=False)
class Nearest:
    """Reference rows, and which of the distances counts."""

    reference: Reference
    neighbours: int
    method: str

    def scores(self, values: Values) -> Scores:
        return self.of_found(self.reference.nearest(values, self.neighbours))

    def of_found(self, found: Found) -> Scores:
        distances: Scores = _METHODS[self.method](found.distances, axis=1)
        return distances

    def contributions(self, values: Values) -> Values:
        """Mean squared difference to the neighbours in each column."""
        return self.reference.differences(values, self.neighbours)

    def state(self) -> State:
        settings = {"neighbours": self.neighbours, "method": self.method}
        return State(settings, {"rows": self.reference.rows})


def fit(values: Values, config: Config, report: Report) -> tuple[Nearest, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    reference, places = Reference.of(values)
    neighbours = min(int(config["n_neighbors"]), len(reference.rows) - 1)
    model = Nearest(reference, neighbours, str(config["method"]))
    report(Progress("fit", 1, 2, "distances"))
    return model, model.scores(reference.rows)[places]


def load(state: State) -> Nearest:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    reference = load_reference(state.arrays["rows"])
    neighbours = int(state.settings["neighbours"])
    need(0 < neighbours < len(reference.rows) and state.settings["method"] in _METHODS)
    return Nearest(reference, neighbours, str(state.settings["method"]))
