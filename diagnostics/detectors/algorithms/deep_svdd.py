"""A network that draws ordinary rows together around a centre; the score is the distance to it.

It has no offsets, and the centre is where the untrained network puts the rows: otherwise all rows
could be sent to one point. It learns with PyTorch and is kept as arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need, occlusion
from diagnostics.detectors.learning import by_itself, learn
from diagnostics.progress import Report

_FARTHEST = 20.0
_DECAY = 1e-4
_LEAST_CENTRE = 0.1
_SHARPNESS = 0.1
_ROWS_AT_ONCE = 50_000
Weights = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sphere:
    """Weights (out, in) of the layers, rectified but for the last, and the centre (out,)."""

    layers: tuple[Weights, ...]
    centre: Values

    def scores(self, values: Values) -> Scores:
        parts = [np.empty(0)]
        for start in range(0, len(values), _ROWS_AT_ONCE):
            away = self._put(values[start : start + _ROWS_AT_ONCE]) - self.centre
            parts.append((away**2).sum(axis=1))
        return np.concatenate(parts)

    def contributions(self, values: Values) -> Values:
        """How much of the score goes away when a column is put at its median."""
        return occlusion(self, values)

    def state(self) -> State:
        arrays: dict[str, NDArray[np.generic]] = {"centre": self.centre}
        arrays |= {f"weights{number}": each for number, each in enumerate(self.layers)}
        return State({"layers": len(self.layers)}, arrays)

    def _put(self, values: Values) -> Values:
        passed = np.clip(values, -_FARTHEST, _FARTHEST).astype(np.float32)
        for number, weights in enumerate(self.layers):
            passed = passed @ weights.T
            if number < len(self.layers) - 1:
                passed = np.maximum(passed, _SHARPNESS * passed)
        found: Values = passed.astype(np.float64)
        return found


def fit(values: Values, config: Config, report: Report) -> tuple[Sphere, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    rows = torch.from_numpy(np.clip(values, -_FARTHEST, _FARTHEST).astype(np.float32))
    with by_itself(int(config["random_state"])):
        network = _network(rows.shape[1], int(config["hidden_dim"]))
        with torch.no_grad():
            centre = network(rows).median(dim=0).values
        near = centre.abs() < _LEAST_CENTRE
        centre[near] = torch.where(centre[near] < 0, -_LEAST_CENTRE, _LEAST_CENTRE)

        def loss(batch: torch.Tensor) -> torch.Tensor:
            # Far rows pull with a force that does not grow: they are not to be drawn in.
            return torch.log1p((network(batch) - centre).square().sum(dim=1)).mean()

        epochs, size = int(config["epochs"]), int(config["batch_size"])
        learn(network, rows, loss, epochs=epochs, batch_size=size, report=report, decay=_DECAY)
    linear = [part for part in network if isinstance(part, nn.Linear)]
    layers = tuple(part.weight.detach().numpy().copy() for part in linear)
    model = Sphere(layers, centre.numpy().astype(np.float64))
    return model, model.scores(values)


def load(state: State) -> Sphere:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    layers = tuple(state.arrays[f"weights{n}"] for n in range(int(state.settings["layers"])))
    centre = state.arrays["centre"]
    need(len(layers) > 0 and all(each.ndim == 2 and each.size > 0 for each in layers))
    for before, after in pairwise(layers):
        need(len(before) == after.shape[1])
    need(centre.shape == (len(layers[-1]),))
    return Sphere(layers, centre)


def _network(columns: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(columns, hidden, bias=False),
        nn.LeakyReLU(_SHARPNESS),
        nn.Linear(hidden, max(2, hidden // 2), bias=False),
    )
