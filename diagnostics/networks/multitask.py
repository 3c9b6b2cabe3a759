"""One convolutional backbone with three heads: the fault, its severity, the speed of the shaft.

What the backbone learns serves all three [1]_: a network that has to tell the speed looks at the
shaft's tones, one that has to tell the severity at how strong they are beside the rest.

References
----------
.. [1] R. Caruana, "Multitask Learning", Machine Learning 28, 41-75, 1997.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from diagnostics.networks.convolution import blocks, first_layer
from diagnostics.networks.network import Network
from diagnostics.training.card import Value
from diagnostics.training.heads import SEVERITY, SPEED

ESTIMATED = (SEVERITY, SPEED)
_LEAST = 1e-6


class Multitask(Network):
    """The heads see mean and deviation over time of each map: the deviation is what a tone makes
    of a map, and survives where its mean is 0.
    """

    def __init__(
        self, channels: int, classes: int, width: int, block_count: int, kernel: int, dropout: float
    ) -> None:
        super().__init__()
        self.first = first_layer(channels, width, kernel)
        self.blocks, wide = blocks(width, block_count)
        self.fault = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * wide, classes))
        self.estimates = nn.ModuleList(_regression(2 * wide, wide, dropout) for _ in ESTIMATED)

    @property
    def explained_layer(self) -> nn.Module:
        return self.blocks[-1]

    def forward(self, windows: Tensor) -> Tensor:
        scores: Tensor = self.fault(self._described(windows))
        return scores

    def answer(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        described = self._described(windows)
        estimates = torch.cat([head(described) for head in self.estimates], dim=1)
        return self.fault(described), estimates

    def _described(self, windows: Tensor) -> Tensor:
        maps = self.blocks(self.first(windows))
        deviation = (maps.var(dim=-1, correction=0) + _LEAST).sqrt()
        return torch.cat([maps.mean(dim=-1), deviation], dim=1)


def _regression(inputs: int, width: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, 1)
    )


def build(parameters: dict[str, Value], channels: int, classes: int) -> Multitask:
    return Multitask(
        channels,
        classes,
        width=int(parameters["width"]),
        block_count=int(parameters["blocks"]),
        kernel=int(parameters["kernel"]),
        dropout=float(parameters["dropout"]),
    )
