"""A network that learns to give back rows that were disturbed; what it cannot is unusual.

Rows are disturbed while it learns, for otherwise a code that is wider than the table would only
be copied. It learns with PyTorch and is kept as arrays, so that judging needs no PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need
from diagnostics.detectors.learning import by_itself, learn
from diagnostics.progress import Report

_SEED = 42
_DISTURBED = 0.5
# What goes into the network, in robust deviations; the error counts in full.
_FARTHEST = 5.0
_ROWS_AT_ONCE = 50_000
_LEAST_ERROR = 1e-6
Layer = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Autoencoder:
    """Weights of the layers, and the usual squared error of each column.

    Attributes
    ----------
    layers : tuple of pairs of arrays
        Weights (out, in) and offsets (out,); rectified but for the last.
    usual : array of shape (columns,)
        Mean squared error of a column over ordinary rows.
    """

    layers: tuple[Layer, ...]
    usual: Values

    def scores(self, values: Values) -> Scores:
        parts = [np.empty(0)]
        for start in range(0, len(values), _ROWS_AT_ONCE):
            part = values[start : start + _ROWS_AT_ONCE]
            parts.append(self.contributions(part).mean(axis=1))
        return np.concatenate(parts)

    def contributions(self, values: Values) -> Values:
        """Squared error of each column over its usual one; the mean is the score."""
        found: Values = (values - self.given_back(values)) ** 2 / self.usual
        return found

    def given_back(self, values: Values) -> Values:
        """What the network makes of rows: (rows, columns)."""
        passed = np.clip(values, -_FARTHEST, _FARTHEST).astype(np.float32)
        for number, (weights, offsets) in enumerate(self.layers):
            passed = passed @ weights.T + offsets
            if number < len(self.layers) - 1:
                passed = np.maximum(passed, 0.0)
        found: Values = passed.astype(np.float64)
        return found

    def state(self) -> State:
        arrays: dict[str, NDArray[np.generic]] = {"usual": self.usual}
        for number, (weights, offsets) in enumerate(self.layers):
            arrays |= {f"weights{number}": weights, f"offsets{number}": offsets}
        return State({"layers": len(self.layers)}, arrays)


def fit(values: Values, config: Config, report: Report) -> tuple[Autoencoder, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    rows = np.clip(values, -_FARTHEST, _FARTHEST).astype(np.float32)
    with by_itself(_SEED):
        network = _network(rows.shape[1], int(config["encoding_dim"]))

        def loss(batch: torch.Tensor) -> torch.Tensor:
            disturbed = batch + _DISTURBED * torch.randn_like(batch)
            found: torch.Tensor = (network(disturbed) - batch).square().mean()
            return found

        epochs, size = int(config["epochs"]), int(config["batch_size"])
        examples = torch.from_numpy(rows)
        learn(network, examples, loss, epochs=epochs, batch_size=size, report=report)
    layers = tuple(_layer(part) for part in network if isinstance(part, nn.Linear))
    rough = Autoencoder(layers, np.ones(values.shape[1]))
    errors = rough.contributions(values)
    # Without the worst: anomalies among the fitted rows would make their own errors usual.
    usual = np.sort(errors, axis=0)[: max(1, int(0.95 * len(errors)))].mean(axis=0)
    model = Autoencoder(layers, np.maximum(usual, _LEAST_ERROR))
    return model, model.scores(values)


def load(state: State) -> Autoencoder:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    numbers = range(int(state.settings["layers"]))
    layers = tuple((state.arrays[f"weights{n}"], state.arrays[f"offsets{n}"]) for n in numbers)
    usual = state.arrays["usual"]
    need(len(layers) > 0 and usual.ndim == 1 and bool((usual > 0).all()))
    width = len(usual)
    for weights, offsets in layers:
        need(weights.ndim == 2 and weights.shape[1] == width and offsets.shape == weights.shape[:1])
        width = len(weights)
    need(width == len(usual))
    return Autoencoder(layers, usual)


def _network(columns: int, code: int) -> nn.Sequential:
    wide = max(2 * code, columns)
    return nn.Sequential(
        nn.Linear(columns, wide),
        nn.ReLU(),
        nn.Linear(wide, code),
        nn.ReLU(),
        nn.Linear(code, wide),
        nn.ReLU(),
        nn.Linear(wide, columns),
    )


def _layer(part: nn.Linear) -> Layer:
    return part.weight.detach().numpy().copy(), part.bias.detach().numpy().copy()
