"""A border around most rows in the space of a kernel; the score is above 0 beyond it.

With the Gaussian kernel the weighted sum over the support vectors is a density, and far outside
it is 0 for all rows alike; its logarithm is taken, which goes on falling: the score is
ln(sum on the border / sum at the row). With the other kernels it is border − sum, as in
scikit-learn. Both have the same border and the same order of rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import OneClassSVM

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need, occlusion
from diagnostics.progress import Progress, Report

# Farther out a row is as far as it can be; otherwise one huge value would set gamma for all.
_FARTHEST = 20.0
_DEGREE = 3
_LEAST = 1e-290
_MOST_STEPS = 2_000_000
_CELLS_AT_ONCE = 4_000_000
_KERNELS = ("rbf", "linear", "poly", "sigmoid")


@dataclass(frozen=True, eq=False)
class Border:
    """Support vectors with their weights.

    Attributes
    ----------
    vectors : array of shape (vectors, columns)
    weights : array of shape (vectors,)
    offset : float
    """

    kernel: str
    gamma: float
    vectors: Values
    weights: Values
    offset: float

    def scores(self, values: Values) -> Scores:
        parts = [self._beyond(self._kernel(p) @ self.weights) for p in self._parts(values)]
        return np.concatenate([np.empty(0), *parts])

    def _beyond(self, sums: Scores) -> Scores:
        if self.kernel != "rbf":
            return self.offset - sums
        found: Scores = np.log(max(self.offset, _LEAST)) - np.log(np.maximum(sums, _LEAST))
        return found

    def contributions(self, values: Values) -> Values:
        """How much of the score goes away when a column is put at its median."""
        return occlusion(self, values)

    def state(self) -> State:
        settings = {"kernel": self.kernel, "gamma": self.gamma, "offset": self.offset}
        return State(settings, {"vectors": self.vectors, "weights": self.weights})

    def _parts(self, values: Values) -> Iterator[Values]:
        step = max(1, _CELLS_AT_ONCE // len(self.vectors))
        for start in range(0, len(values), step):
            yield np.clip(values[start : start + step], -_FARTHEST, _FARTHEST)

    def _kernel(self, values: Values) -> Values:
        product = values @ self.vectors.T
        if self.kernel == "rbf":
            squares = (values**2).sum(axis=1)[:, None] + (self.vectors**2).sum(axis=1)
            product = np.exp(-self.gamma * np.maximum(squares - 2.0 * product, 0.0))
        elif self.kernel == "poly":
            product = (self.gamma * product) ** _DEGREE
        elif self.kernel == "sigmoid":
            product = np.tanh(self.gamma * product)
        return product


def fit(values: Values, config: Config, report: Report) -> tuple[Border, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    near = np.clip(values, -_FARTHEST, _FARTHEST)
    machine = OneClassSVM(
        kernel=config["kernel"], nu=config["nu"], gamma=config["gamma"], max_iter=_MOST_STEPS
    )
    with warnings.catch_warnings():
        # A border that is not quite where it would end up is still one that all rows share.
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(near)
    report(Progress("fit", 1, 2, "scoring"))
    model = Border(
        str(config["kernel"]),
        _gamma(config["gamma"], near),
        np.array(machine.support_vectors_),
        np.array(machine.dual_coef_)[0],
        float(-machine.intercept_[0]),
    )
    return model, model.scores(values)


def load(state: State) -> Border:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    vectors, weights = state.arrays["vectors"], state.arrays["weights"]
    need(vectors.ndim == 2 and weights.shape == (len(vectors),) and len(vectors) > 0)
    kernel = str(state.settings["kernel"])
    need(kernel in _KERNELS)
    gamma, offset = float(state.settings["gamma"]), float(state.settings["offset"])
    return Border(kernel, gamma, vectors, weights, offset)


def _gamma(wanted: float | str, near: Values) -> float:
    """As scikit-learn understands the words."""
    if wanted == "scale":
        return float(1.0 / (near.shape[1] * near.var()))
    return 1.0 / near.shape[1] if wanted == "auto" else float(wanted)
